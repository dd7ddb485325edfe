#include "core/native_index.hpp"

#include <array>
#include <bit>
#include <cstddef>

namespace stele::core {

namespace {

constexpr int fraction_bits = 52;
constexpr int exponent_bias = 1023;
constexpr std::size_t buckets = 256;  // a power of two, at the finest schema
constexpr int parts_log2 = 9;         // 512 equal parts: none of them has two borders in it

/// A number in [1, 2), with 127 bits behind the point: the borders are made at compile time, since
/// an observation before main() needs them, and to far more bits than a double has.
__extension__ using fixed = unsigned __int128;
constexpr int fixed_bits = 127;

/// Rounded down, by at most 3 units. REQUIRES: the product is below 2.
constexpr fixed product(fixed a, fixed b) noexcept {
  constexpr fixed low = ~std::uint64_t{0};
  constexpr int half = 64;
  return (((a >> half) * (b >> half)) << 1) + (((a >> half) * (b & low)) >> (half - 1)) +
         (((a & low) * (b >> half)) >> (half - 1));
}

/// REQUIRES: 1 <= square <= 2, where 2 is given as the largest number below it.
constexpr fixed square_root(fixed square) noexcept {
  fixed root = 0;
  for (int bit = fixed_bits; bit >= 0; --bit) {
    fixed const more = root | (fixed{1} << bit);
    // Above sqrt(2) a square would not fit.
    constexpr fixed too_large = (fixed{0xb504f333f9de6484} << 64) | 0x597d89b3754abea0;
    if (more < too_large && product(more, more) <= square) root = more;
  }
  return root;
}

struct border_table {
  /// The fraction of the largest double up to 2^(k/256); the last one is above all fractions.
  std::array<std::uint64_t, buckets + 1> fraction{};
  /// How many borders are below a part's begin.
  std::array<std::uint16_t, std::size_t{1} << parts_log2> below{};
};

constexpr border_table borders = [] {
  border_table table;
  constexpr fixed one = fixed{1} << fixed_bits;
  table.fraction.fill(0);
  std::array<fixed, buckets> power{};
  power.fill(one);
  fixed root = ~fixed{0};
  for (std::size_t step = buckets / 2; step > 0; step /= 2) {
    root = square_root(root);  // 2^(step/256)
    for (std::size_t k = 0; k < buckets; ++k)
      if ((k & step) != 0) power[k] = product(power[k], root);
  }
  for (std::size_t k = 0; k < buckets; ++k)
    table.fraction[k] =
        static_cast<std::uint64_t>((power[k] - one) >> (fixed_bits - fraction_bits));
  table.fraction[buckets] = std::uint64_t{1} << fraction_bits;
  std::size_t border = 0;
  for (std::size_t part = 0; part < table.below.size(); ++part) {
    std::uint64_t const begin = std::uint64_t{part} << (fraction_bits - parts_log2);
    while (table.fraction[border] < begin) ++border;
    table.below[part] = static_cast<std::uint16_t>(border);
  }
  return table;
}();

}  // namespace

std::int64_t finest_native_index(double magnitude) noexcept {
  constexpr std::int64_t infinity = 1024;  // as an exponent
  auto const bits = std::bit_cast<std::uint64_t>(magnitude);
  std::int64_t const exponent = static_cast<std::int64_t>(bits >> fraction_bits) - exponent_bias;
  std::uint64_t const fraction = bits & ((std::uint64_t{1} << fraction_bits) - 1);
  std::size_t const below = borders.below[fraction >> (fraction_bits - parts_log2)];
  std::int64_t const in_power =
      static_cast<std::int64_t>(below) + (borders.fraction[below] < fraction ? 1 : 0);
  return exponent * std::int64_t{buckets} + in_power + (exponent == infinity ? 1 : 0);
}

}  // namespace stele::core
