#include "core/label_values.hpp"

#include <boost/container_hash/hash.hpp>

#include <random>

#include "core/label_text.hpp"

namespace stele::core {

namespace {

std::uint64_t random_seed() noexcept {
  std::uint64_t seed = 0x9e3779b97f4a7c15;
  try {
    std::random_device device;
    seed ^= (std::uint64_t{device()} << 32) | device();
  } catch (...) {  // without a source of randomness, the fixed part must do
  }
  return seed;
}

}  // namespace

std::uint64_t hash_of(label_values of) noexcept {
  static std::uint64_t const seed = random_seed();
  std::size_t hash = seed;
  for (std::size_t i = 0; i < of.count; ++i) {
    boost::hash_range(hash, of.values[i].begin(), of.values[i].end());
    hash += of.values[i].size();  // the border between two values counts
  }
  std::uint64_t mixed = hash;
  mixed ^= mixed >> 32;
  mixed *= 0xe9846af9b1a615d;
  return mixed ^ (mixed >> 28);
}

valid_values::valid_values(label_values from) : texts_(from.count), views_(from.count) {
  for (std::size_t i = 0; i < from.count; ++i) {
    append_valid_utf8(texts_[i], from.values[i]);
    views_[i] = texts_[i];
  }
}

}  // namespace stele::core
