#include "core/label_values.hpp"

#include <atomic>
#include <random>

#include "core/label_text.hpp"

namespace stele::core {

constinit std::atomic<std::uint64_t> process_seed{0};

std::uint64_t make_seed() noexcept {
  std::uint64_t made = 0x9e3779b97f4a7c15;
  try {
    std::random_device device;
    made ^= (std::uint64_t{device()} << 32) | device();
  } catch (...) {  // without a source of randomness, the fixed part must do
  }
  std::uint64_t first = 0;
  return process_seed.compare_exchange_strong(first, made | 1) ? made | 1 : first;
}

valid_values::valid_values(label_values from) : texts_(from.count), views_(from.count) {
  for (std::size_t i = 0; i < from.count; ++i) {
    append_valid_utf8(texts_[i], from.values[i]);
    views_[i] = texts_[i];
  }
}

}  // namespace stele::core
