#include "agents/part_records.hpp"

#include <new>

namespace stele::pushing {

part_records::~part_records() {
  for (std::size_t i = 0; i < segments_.size(); ++i)
    core::release(pushed_memory, segments_[i].load(),
                  (std::size_t{first_size} << i) * sizeof(part_record));
}

std::uint32_t part_records::take() {
  if (!free_.empty()) {
    std::uint32_t const record = free_.back();
    free_.pop_back();
    return record;
  }
  std::uint32_t const at = size_.load(std::memory_order_relaxed);
  if (free_.capacity() <= at) free_.reserve(2 * std::size_t{at} + first_size);
  std::uint32_t const place = at + first_size;
  auto const segment = static_cast<std::size_t>(std::bit_width(place) - first_bits);
  if (segment == segments_.size()) throw std::bad_alloc();
  if (segments_[segment].load(std::memory_order_relaxed) == nullptr) {
    std::size_t const count = std::size_t{first_size} << segment;
    void* const memory = core::allocate(pushed_memory, count * sizeof(part_record));
    if (memory == nullptr) throw std::bad_alloc();
    auto* const made = static_cast<part_record*>(memory);
    for (std::size_t i = 0; i < count; ++i) new (made + i) part_record;
    segments_[segment].store(made, std::memory_order_release);
  }
  size_.store(at + 1, std::memory_order_release);
  return at;
}

void part_records::give_back(std::uint32_t record) noexcept {
  (*this)[record].last_update.store(never, std::memory_order_relaxed);
  (*this)[record].series.store(0, std::memory_order_relaxed);
  (*this)[record].workspace.store(nobody, std::memory_order_relaxed);
  free_.push_back(record);
}

}  // namespace stele::pushing
