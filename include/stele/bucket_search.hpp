// bucket_search.hpp: which bucket of a histogram a value falls into.
//
// The bucket is the number of bounds below the value. They are all compared, two an instruction:
// a search that branches is mispredicted once a value, which costs more than twelve bounds do.
// Above 32 bounds the search first finds a block of 16. Threads: constants.
//
//   constexpr double bounds[]{1, 5, 10};
//   constexpr stele::bucket_search<3> search(bounds);
//   std::size_t const bucket = search(7.5);  // 2

#pragma once

#include <cstddef>
#include <limits>
#include <span>

namespace stele {

/// REQUIRES: the bounds ascend and are finite; the value is not NaN.
template <std::size_t Bounds>
class bucket_search {
 public:
  constexpr explicit bucket_search(std::span<double const> bounds) noexcept {
    auto const bound = [&](std::size_t i) { return i < Bounds ? bounds[i] : never_below; };
    for (std::size_t i = 0; i < size; ++i) bounds_[i] = bound(i);
    for (std::size_t i = 0; i < blocks; ++i)
      last_[i] = i + 1 < size / block ? bound(i * block + block - 1) : never_below;
  }

  /// 0 … Bounds.
  [[nodiscard]] [[gnu::always_inline]] std::size_t operator()(double value) const noexcept {
    if constexpr (Bounds == 0) {
      return 0;
    } else if constexpr (Bounds <= at_once) {
      return below<size>(bounds_, value);
    } else {
      std::size_t const first = block * below<blocks>(last_, value);
      return first + below<block>(bounds_ + first, value);
    }
  }

 private:
  using pair [[gnu::vector_size(16), gnu::may_alias]] = double;
  using mask [[gnu::vector_size(16)]] = long long;  // -1 where true

  static constexpr double never_below = std::numeric_limits<double>::infinity();
  static constexpr std::size_t at_once = 32;
  static constexpr std::size_t block = 16;

  static constexpr std::size_t rounded_up(std::size_t count, std::size_t step) noexcept {
    return (count + step - 1) / step * step;
  }
  static constexpr std::size_t size = rounded_up(Bounds, Bounds <= at_once ? 4 : block);
  static constexpr std::size_t blocks = Bounds <= at_once ? 0 : rounded_up(size / block, 4);

  /// How many of `Count` bounds, a multiple of 4, are below the value. There are two sums, so that
  /// one addition does not wait for the other.
  template <std::size_t Count>
  [[gnu::always_inline]] static std::size_t below(double const* bounds, double value) noexcept {
    auto const* const pairs = reinterpret_cast<pair const*>(bounds);
    pair const both{value, value};
    mask sum{};
    mask other_sum{};
#pragma GCC unroll 8
    for (std::size_t i = 0; i < Count / 2; i += 2) {
      sum += pairs[i] < both;
      other_sum += pairs[i + 1] < both;
    }
    sum += other_sum;
    return static_cast<std::size_t>(-(sum[0] + sum[1]));
  }

  alignas(sizeof(pair)) double bounds_[size == 0 ? 1 : size]{};
  alignas(sizeof(pair)) double last_[blocks == 0 ? 1 : blocks]{};  // of each block but the last
};

}  // namespace stele
