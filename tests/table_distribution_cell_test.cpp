// The grammar of the Distribution cell.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <vector>

#include "stele/table_rules.hpp"
#include "table/distribution_cell.hpp"
#include "table_case.hpp"

namespace stele::tables::test {
namespace {

using numbers = std::vector<double>;

std::string distribution_page(std::string_view cell, std::string_view type = "histogram",
                              std::string_view name = "x_seconds") {
  return page_of("| Metric | Type | Help | Buckets |", std::string("| ")
                                                           .append(name)
                                                           .append(" | ")
                                                           .append(type)
                                                           .append(" | X | ")
                                                           .append(cell)
                                                           .append(" |"));
}

numbers bounds_of(std::string_view cell) {
  compiled_page const page(distribution_page(cell));
  EXPECT_TRUE(page.result.good()) << page.report();
  return page.result.table.empty() ? numbers() : page.row().bounds;
}

// "Distribution cell: `5 10 25`, `exponential(1, 2, 12)`, `linear(start, width, count)`"
TEST(TableDistributionCell, ReadsBoundsAndRules) {
  EXPECT_EQ(bounds_of("5 10 25"), (numbers{5, 10, 25}));
  EXPECT_EQ(bounds_of("`-1.5, 0, 1e3`"), (numbers{-1.5, 0, 1000}));
  EXPECT_EQ(bounds_of("exponential(1, 2, 4)"), (numbers{1, 2, 4, 8}));
  EXPECT_EQ(bounds_of("`exponential(0.01, 2, 3)`"), (numbers{0.01, 0.02, 0.04}));
  EXPECT_EQ(bounds_of("linear(0.1, 0.1, 3)"), (numbers{0.1, 0.2, 0.3}));
  EXPECT_EQ(bounds_of("Linear( -1 , 1 , 3 )"), (numbers{-1, 0, 1}));
  EXPECT_EQ(bounds_of("exponential_range(0.01, 10, 4)"), (numbers{0.01, 0.1, 1, 10}));
  EXPECT_EQ(bounds_of("`exponential_range(1, 2, 2)`"), (numbers{1, 2}));
}

// "as many bounds as stated, the first and the last exactly as stated"
TEST(TableDistributionCell, ARangeBeginsAndEndsWhereItSays) {
  for (int const count : {2, 3, 7, 100, 500}) {
    auto const bounds = bounds_of(fmt::format("exponential_range(0.003, 70.1, {})", count));
    ASSERT_EQ(bounds.size(), static_cast<std::size_t>(count));
    EXPECT_EQ(bounds.front(), 0.003);
    EXPECT_EQ(bounds.back(), 70.1);
    EXPECT_TRUE(naming::valid_bounds(bounds));
  }
  EXPECT_EQ(bounds_of("exponential_range(8.999999999999998, 98.99999999999997, 2)"),
            (numbers{8.999999999999998, 98.99999999999997}));
  auto const bounds = bounds_of("exponential_range(3, 50, 5)");
  for (std::size_t i = 2; i < bounds.size(); ++i)
    EXPECT_NEAR(bounds[i] / bounds[i - 1], bounds[1] / bounds[0], 1e-12);
}

struct native_cell {
  std::string_view cell;
  std::size_t bounds;
  int schema;
};

// "`native` (schema 3), `native(S)` with S in -4…8 for a native-only row; bounds followed by
// `+native` / `+native(S)` for both forms"
TEST(TableDistributionCell, ReadsNativeAloneAndBesideBounds) {
  native_cell const cells[]{
      {"native", 0, 3},
      {"`Native(5)`", 0, 5},
      {"native(-4)", 0, -4},
      {"native( 8 )", 0, 8},
      {"5 10 25 +native", 3, 3},
      {"5, 10, 25+native(0)", 3, 0},
      {"exponential(1, 2, 12) +native", 12, 3},
      {"linear(1, 1, 4) + native(-1)", 4, -1},
      {"+native", 11, 3},
      {"`5 10` +`native(2)`", 2, 2},
  };
  for (auto const& [cell, bounds, schema] : cells) {
    compiled_page const page(distribution_page(cell));
    ASSERT_EQ(page.result.table.size(), 1u) << cell << "\n" << page.report();
    EXPECT_EQ(page.row().bounds.size(), bounds) << cell;
    EXPECT_EQ(page.row().native_schema, schema) << cell;
  }
  EXPECT_EQ(compiled_page(distribution_page("5 10")).row().native_schema, no_native);
  EXPECT_EQ(compiled_page(distribution_page("")).row().native_schema, no_native);
  // Points in time have no usual bounds, and a native histogram needs none.
  EXPECT_TRUE(compiled_page(distribution_page("native", "histogram", "x_unix")).result.good());
}

TEST(TableDistributionCell, KeepsEveryDigitOfABound) {
  EXPECT_EQ(bounds_of("9.999999999999999e-10 8.999999999999998"),
            (numbers{9.999999999999999e-10, 8.999999999999998}));
}

TEST(TableDistributionCell, ReadsQuantiles) {
  compiled_page const page(distribution_page("0 0.5 1", "summary"));
  ASSERT_EQ(page.result.table.size(), 1u) << page.report();
  EXPECT_EQ(page.row().quantiles, (numbers{0, 0.5, 1}));
  EXPECT_TRUE(page.row().bounds.empty());
}

// "Without one, a unit-aware default."
TEST(TableDistributionCell, HasADefaultAUnit) {
  EXPECT_EQ(bounds_of("").front(), 0.005);
  compiled_page const milliseconds(distribution_page("", "histogram", "x_ms"));
  EXPECT_EQ(milliseconds.row().bounds.front(), 5);
  compiled_page const summary(distribution_page("", "summary"));
  EXPECT_EQ(summary.row().quantiles, (numbers{0.5, 0.9, 0.99}));
  for (auto const which : {unit::none, unit::seconds, unit::milliseconds, unit::microseconds,
                           unit::nanoseconds, unit::minutes, unit::hours, unit::days, unit::bytes,
                           unit::ratio, unit::percent, unit::other}) {
    EXPECT_FALSE(default_bounds(which).empty());
    EXPECT_TRUE(naming::valid_bounds(default_bounds(which)));
  }
  compiled_page const time(distribution_page("", "histogram", "x_unix"));
  EXPECT_TRUE(has_line(time.report(),
                       "p.md:3:27: error: expected bounds for points in time, saw an "
                       "empty cell [distribution-missing]"));
}

struct refused_cell {
  std::string_view type;
  std::string_view cell;
  std::size_t index;  // of the fault in the cell
  std::string_view message;
};

// "Bounds must be strictly ascending and finite; quantiles within [0,1] ascending."
TEST(TableDistributionCell, RefusesTheRestAtItsPlace) {
  refused_cell const cells[]{
      {"histogram", "1 5 5", 4, "error: expected a bound above 5, saw '5' [distribution-order]"},
      {"histogram", "2 1", 2, "error: expected a bound above 2, saw '1' [distribution-order]"},
      {"histogram", "1 +Inf", 2,
       "error: expected a finite bound, saw '+Inf' [distribution-finite]"},
      {"histogram", "1 inf", 2, "error: expected a finite bound, saw 'inf' [distribution-finite]"},
      {"histogram", "nan", 0, "error: expected a finite bound, saw 'nan' [distribution-finite]"},
      {"histogram", "5ms", 0, "error: expected a number, saw '5ms' [distribution]"},
      {"histogram", "0x10", 0, "error: expected a number, saw '0x10' [distribution]"},
      {"histogram", "1 native", 2,
       "error: expected '+native' behind bounds, saw 'native' [native]"},
      {"histogram", "native 1 2", 7,
       "error: expected nothing behind 'native', or its schema in parentheses, saw '1 2' "
       "[native]"},
      {"histogram", "1 +native(2", 9,
       "error: expected nothing behind 'native', or its schema in parentheses, saw '(2' "
       "[native]"},
      {"histogram", "natively", 6,
       "error: expected nothing behind 'native', or its schema in parentheses, saw 'ly' "
       "[native]"},
      {"histogram", "native(9)", 7,
       "error: expected a schema from -4 to 8, saw '9' [native-schema]"},
      {"histogram", "1 +native(-5)", 10,
       "error: expected a schema from -4 to 8, saw '-5' [native-schema]"},
      {"histogram", "native()", 7, "error: expected a schema from -4 to 8, saw '' [native-schema]"},
      {"histogram", "native(3, 160)", 7,
       "error: expected a schema from -4 to 8, saw '3, 160' [native-schema]"},
      {"histogram", "2 1 +native", 2,
       "error: expected a bound above 2, saw '1' [distribution-order]"},
      {"summary", "0.5 +native", 4, "error: expected a number, saw '+native' [distribution]"},
      {"histogram", "exponential_range(1, 10, 1)", 0,
       "error: expected a minimum above 0, a maximum above it and a whole count from 2 to 500, "
       "saw 'exponential_range(1, 10, 1)' [distribution]"},
      {"histogram", "exponential_range(0, 10, 5)", 0,
       "error: expected a minimum above 0, a maximum above it and a whole count from 2 to 500, "
       "saw 'exponential_range(0, 10, 5)' [distribution]"},
      {"histogram", "exponential_range(9, 9, 5)", 0,
       "error: expected a minimum above 0, a maximum above it and a whole count from 2 to 500, "
       "saw 'exponential_range(9, 9, 5)' [distribution]"},
      {"histogram", "exponential(0, 2, 3)", 0,
       "error: expected a start above 0, a factor above 1 "
       "and a whole count from 1 to 500, saw "
       "'exponential(0, 2, 3)' [distribution]"},
      {"histogram", "linear(0, 1, 1.5)", 0,
       "error: expected a width above 0 and a whole count "
       "from 1 to 500, saw 'linear(0, 1, 1.5)' [distribution]"},
      {"histogram", "linear(0, 1)", 0,
       "error: expected a width above 0 and a whole count from 1 "
       "to 500, saw 'linear(0, 1)' [distribution]"},
      {"histogram", "linear(0, 1, 1e9)", 0,
       "error: expected a width above 0 and a whole count "
       "from 1 to 500, saw 'linear(0, 1, 1e9)' [distribution]"},
      {"histogram", "exponential(1, 1e300, 9)", 0,
       "error: expected finite bounds that differ, saw "
       "'exponential(1, 1e300, 9)' [distribution-finite]"},
      {"histogram", "log(1, 2, 3)", 0, "error: expected bounds, saw 'log(1, 2, 3)' [distribution]"},
      {"summary", "0.5 1.5", 4,
       "error: expected a quantile from 0 to 1, saw '1.5' "
       "[quantile-range]"},
      {"summary", "0.9 0.5", 4,
       "error: expected a quantile above 0.9, saw '0.5' "
       "[distribution-order]"},
      {"gauge", "1 2", 0,
       "error: expected an empty cell for a gauge, saw '1 2' "
       "[distribution-type]"},
  };
  for (auto const& [type, cell, index, message] : cells) {
    compiled_page const page(distribution_page(cell, type));
    std::size_t const column =
        std::string("| x_seconds |  | X | ").size() + type.size() + 1 + index;
    EXPECT_TRUE(has_line(page.report(), fmt::format("p.md:3:{}: {}", column, message))) << cell;
    EXPECT_EQ(page.result.found.errors(), 1u) << page.report();
  }
}

}  // namespace
}  // namespace stele::tables::test
