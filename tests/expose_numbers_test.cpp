#include "expose/numbers.hpp"

#include <gtest/gtest.h>

#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>

namespace {

using namespace stele::exposition;

template <class Write, class Value>
std::string written(Write write, Value value) {
  char digits[number_chars_max];
  return {digits, write(digits, value)};
}

}  // namespace

// "a double prints as Go prints it": strconv.FormatFloat(value, 'g', -1, 64), whose output for
// these values is the table below.
TEST(Numbers, DoublesAreInGosShortestForm) {
  struct {
    double value;
    char const* text;
  } const cases[]{{0, "0"},
                  {1, "1"},
                  {-1.5, "-1.5"},
                  {0.1, "0.1"},
                  {100000, "100000"},
                  {1e6, "1e+06"},
                  {1234567, "1.234567e+06"},
                  {123456789, "1.23456789e+08"},
                  {0.0001, "0.0001"},
                  {0.00001, "1e-05"},
                  {0.000123456, "0.000123456"},
                  {1e21, "1e+21"},
                  {1e100, "1e+100"},
                  {8.999999999999998, "8.999999999999998"},
                  {9.999999999999999e-10, "9.999999999999999e-10"},
                  {18446744073709551615.0, "1.8446744073709552e+19"},
                  {std::numeric_limits<double>::denorm_min(), "5e-324"},
                  {std::numeric_limits<double>::max(), "1.7976931348623157e+308"},
                  {-std::numeric_limits<double>::min(), "-2.2250738585072014e-308"}};
  for (auto const& each : cases) EXPECT_EQ(written(write_double, each.value), each.text);
}

// "Specials: `NaN`, `+Inf`, `-Inf`; -0 prints as `0`."
TEST(Numbers, SpecialsHaveOneSpelling) {
  double const infinity = std::numeric_limits<double>::infinity();
  EXPECT_EQ(written(write_double, std::numeric_limits<double>::quiet_NaN()), "NaN");
  EXPECT_EQ(written(write_double, -std::numeric_limits<double>::quiet_NaN()), "NaN");
  EXPECT_EQ(written(write_double, infinity), "+Inf");
  EXPECT_EQ(written(write_double, -infinity), "-Inf");
  EXPECT_EQ(written(write_double, -0.0), "0");
  EXPECT_EQ(written(write_canonical, infinity), "+Inf");
}

// "OpenMetrics floats add `.0` where neither `.` nor `e` stands."
TEST(Numbers, CanonicalFloatsHaveAPointOrAnExponent) {
  EXPECT_EQ(written(write_canonical, 1.0), "1.0");
  EXPECT_EQ(written(write_canonical, 0.0), "0.0");
  EXPECT_EQ(written(write_canonical, 100000.0), "100000.0");
  EXPECT_EQ(written(write_canonical, 1e6), "1e+06");
  EXPECT_EQ(written(write_canonical, 1e-5), "1e-05");
  EXPECT_EQ(written(write_canonical, 0.25), "0.25");
}

TEST(Numbers, IntegersAreExact) {
  EXPECT_EQ(written(write_unsigned, std::numeric_limits<std::uint64_t>::max()),
            "18446744073709551615");
  EXPECT_EQ(written(write_unsigned, (std::uint64_t{1} << 53) + 1), "9007199254740993");
  EXPECT_EQ(written(write_signed, std::numeric_limits<std::int64_t>::min()),
            "-9223372036854775808");
}

// "`std::to_chars(…, std::chars_format::general)` equals Go's shortest form byte for byte": so does
// the shorter way that values with few decimals take, on both sides of where it ends.
TEST(Numbers, ValuesOfFewDecimalsAreWrittenAsAllOthers) {
  auto const by_the_standard = [](double value) {
    char digits[number_chars_max];
    return std::string(
        digits,
        std::to_chars(digits, digits + number_chars_max, value, std::chars_format::general).ptr);
  };
  auto const expect_same = [&](double value) {
    for (double const each : {value, -value, std::nextafter(value, 0.0),
                              std::nextafter(value, std::numeric_limits<double>::infinity())})
      if (each != 0) ASSERT_EQ(written(write_double, each), by_the_standard(each));
  };
  for (int i = 1; i < 200'000; ++i) {
    expect_same(i / 1000.0);
    expect_same(i / 10'000.0);
    expect_same(i * 7 / 4.0);
    expect_same(999'900 + i / 1000.0);
    expect_same(i * 5003.0);
  }
}
