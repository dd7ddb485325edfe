#include "core/native_counts.hpp"

#include <algorithm>

#include "core/native_index.hpp"

namespace stele::core {

native_window::range native_window::used() const noexcept {
  std::int64_t begin = 0;
  std::int64_t end = native_positions;
  while (end > 0 && counts[static_cast<std::size_t>(end - 1)] == 0) --end;
  while (begin < end && counts[static_cast<std::size_t>(begin)] == 0) ++begin;
  return {begin, end};
}

bool native_window::reach(std::int64_t index) noexcept {
  if (reaches(index)) return true;
  auto const [begin, end] = used();
  if (begin == end) {
    first = index - native_positions / 2;
    return true;
  }
  std::int64_t const lowest = std::min(first + begin, index);
  std::int64_t const size = std::max(first + end, index + 1) - lowest;
  if (size > native_positions) return false;
  // In the middle, so that neighbours on either side find room.
  std::int64_t const new_first = lowest - (native_positions - size) / 2;
  std::array<std::uint64_t, native_positions> moved{};
  std::copy(counts.begin() + begin, counts.begin() + end,
            moved.begin() + (first + begin - new_first));
  counts = moved;
  first = new_first;
  return true;
}

void native_window::halve() noexcept {
  std::int64_t const new_first = coarser_native_index(first, 1);
  for (std::int64_t i = 0; i < native_positions; ++i) {
    std::uint64_t const count = counts[static_cast<std::size_t>(i)];
    counts[static_cast<std::size_t>(i)] = 0;
    // Never above i, so what is added to has been read.
    counts[static_cast<std::size_t>(coarser_native_index(first + i, 1) - new_first)] += count;
  }
  first = new_first;
}

void native_counts::start(int at_schema) noexcept {
  schema = at_schema;
  zero_count = 0;
  windows = {};
}

void native_counts::halve() noexcept {
  for (native_window& window : windows) window.halve();
  --schema;
}

std::size_t native_counts::make_room(std::size_t sign, std::int64_t index, int at_schema) noexcept {
  native_window& window = windows[sign];
  // At the lowest schema all doubles fit.
  while (!window.reach(coarser_native_index(index, at_schema - schema))) halve();
  return static_cast<std::size_t>(coarser_native_index(index, at_schema - schema) - window.first);
}

void native_counts::add(std::size_t sign, std::int64_t index, int at_schema,
                        std::uint64_t count) noexcept {
  std::size_t const position = make_room(sign, index, at_schema);
  windows[sign].counts[position] += count;
}

void native_counts::add(std::size_t sign, native_window const& other, int at_schema) noexcept {
  auto const [begin, end] = other.used();
  for (std::int64_t i = begin; i < end; ++i)
    if (std::uint64_t const count = other.counts[static_cast<std::size_t>(i)])
      add(sign, other.first + i, at_schema, count);
}

void native_counts::add(native_counts const& other) noexcept {
  coarsen(other.schema);
  zero_count += other.zero_count;
  for (std::size_t sign = 0; sign < windows.size(); ++sign)
    add(sign, other.windows[sign], other.schema);
}

void native_counts::coarsen(int to_schema) noexcept {
  while (schema > to_schema) halve();
}

}  // namespace stele::core
