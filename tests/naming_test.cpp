// The naming rules. All are constexpr, and most of what is said here is said at compile time.

#include "stele/naming.hpp"
#include "stele/closest_name.hpp"
#include "stele/table_rules.hpp"
#include "stele/unit_names.hpp"

#include <gtest/gtest.h>

#include <array>

namespace stele::naming {
namespace {

static_assert(valid_metric_name("a_B9:c") && valid_metric_name(":a"));
static_assert(!valid_metric_name("") && !valid_metric_name("9a") && !valid_metric_name("a.b"));
static_assert(valid_documented_name("_a9") && !valid_documented_name("job:rate"));
static_assert(valid_label_name("a") && valid_label_name("_a"));
static_assert(!valid_label_name("__a") && !valid_label_name("a:b") && !valid_label_name(""));
static_assert(reserved_label("le", metric_type::histogram));
static_assert(reserved_label("quantile", metric_type::summary));
static_assert(!reserved_label("le", metric_type::gauge));

static_assert(without_total("x_total") == "x" && without_total("x") == "x");
static_assert(without_total("_total") == "_total" && !has_total("total"));

// "a trailing `_total` is looked through"
static_assert(unit_of_name("x_seconds") == unit::seconds);
static_assert(unit_of_name("x_seconds_total") == unit::seconds);
static_assert(unit_of_name("x_s") == unit::seconds && unit_of_name("s") == unit::none);
static_assert(unit_of_name("x_ms") == unit::milliseconds);
static_assert(unit_of_name("x_nanoseconds") == unit::nanoseconds);
static_assert(unit_of_name("x_timestamp_seconds") == unit::unix_seconds);
static_assert(unit_of_name("x_unix") == unit::unix_seconds);
static_assert(unit_of_name("x_bytes_total") == unit::bytes);
static_assert(unit_of_name("x_celsius") == unit::other);
static_assert(unit_of_name("jobs") == unit::none && unit_of_name("x_kiloseconds") == unit::none);
static_assert(unit_of_word("byte")->means == unit::bytes && unit_of_word("parsec") == nullptr);

// "only where the name ends in `_<unit>`"
static_assert(unit_suffix("x_seconds") == "seconds" && unit_suffix("x_ms") == "ms");
static_assert(unit_suffix("x_timestamp_seconds") == "seconds");
static_assert(unit_suffix("x_bytes_total").empty() && unit_suffix("x_unix").empty());
static_assert(unit_suffix("seconds").empty());

constexpr descriptor row(std::string_view name, metric_type type, bool unknown = false) {
  descriptor result;
  result.name = name;
  result.type = type;
  result.openmetrics_unknown = unknown;
  return result;
}

// "counter {x_total's stripped family, _created}, histogram {_bucket,_count,_sum,_created},
// summary {"",_count,_sum,_created}"
constexpr auto counter = row("x_total", metric_type::counter);
static_assert(takes(counter, "x") && takes(counter, "x_total") && takes(counter, "x_created"));
static_assert(!takes(counter, "x_sum") && !takes(counter, "x_total_created"));
constexpr auto unknown = row("x_total", metric_type::counter, true);
static_assert(takes(unknown, "x_total") && !takes(unknown, "x") && !takes(unknown, "x_created"));
constexpr auto histogram = row("x", metric_type::histogram);
static_assert(takes(histogram, "x_bucket") && takes(histogram, "x_sum") && takes(histogram, "x"));
static_assert(clash(histogram, row("x_count", metric_type::gauge)));
static_assert(clash(row("x_created", metric_type::gauge), counter));
static_assert(!clash(row("x", metric_type::gauge), unknown));
static_assert(!clash(histogram, row("x_counts", metric_type::gauge)));

// "The family's name has no suffix"; the suffixes of Info and StateSet in OpenMetrics 1.0.
constexpr auto info = row("x_info", metric_type::info);
static_assert(family_name(info) == "x" && has_info("x_info") && !has_info("_info"));
static_assert(takes(info, "x") && takes(info, "x_info") && !takes(info, "x_info_info"));
static_assert(clash(info, row("x", metric_type::gauge)) && clash(counter, info));
static_assert(clash(info, row("x", metric_type::stateset)) && clash(histogram, info));
static_assert(!clash(info, row("x_infos", metric_type::gauge)) && !clash(info, unknown));
constexpr auto stateset = row("x", metric_type::stateset);
static_assert(takes(stateset, "x") && !takes(stateset, "x_total"));
static_assert(clash(stateset, counter) && !clash(stateset, unknown));
static_assert(!clash(stateset, row("x_count", metric_type::gauge)));

static_assert(openmetrics_unknown("x", metric_type::counter, false));
static_assert(openmetrics_unknown("x_total", metric_type::counter, true));
static_assert(!openmetrics_unknown("x_total", metric_type::counter, false));
static_assert(!openmetrics_unknown("x", metric_type::gauge, true));

constexpr std::array<double, 3> ascending{-1, 0, 0.5};
constexpr std::array<double, 2> level{1, 1};
static_assert(valid_bounds(ascending) && !valid_bounds(level) && !valid_quantiles(ascending));

template <class... Rows>
constexpr bool valid(Rows const&... rows) {
  std::array<descriptor const*, sizeof...(Rows)> const table{&rows...};
  return table_is_valid(table);
}

constexpr auto gauge_a = row("a", metric_type::gauge);
constexpr auto gauge_b = row("b", metric_type::gauge);
static_assert(valid(gauge_a, gauge_b));
static_assert(!valid(gauge_b, gauge_a), "unsorted");
static_assert(!valid(gauge_a, gauge_a), "repeated");
static_assert(!valid(row("a-b", metric_type::gauge)), "a name that is none");
static_assert(!valid(histogram, row("x_sum", metric_type::gauge)), "a clash");
static_assert(!valid(row("x_created", metric_type::gauge), counter), "a clash with a row before");
static_assert(!valid(row("x", metric_type::counter)), "openmetrics_unknown is missing");
static_assert(valid(row("x", metric_type::gauge), unknown));
static_assert(!valid(row("x", metric_type::gauge), counter), "openmetrics_unknown is missing");

// "A name's rows stand between: `x`, `x_a`, `x_info`"
static_assert(!valid(row("x", metric_type::gauge), row("x_a", metric_type::gauge), info));
static_assert(valid(info) && !valid(row("x", metric_type::info)), "info needs its suffix");

constexpr std::string_view on_off[]{"on", "off"};
constexpr std::string_view many[65]{};
constexpr label_descriptor own_name[]{{"x"}};
constexpr descriptor states(std::span<std::string_view const> set,
                            metric_type type = metric_type::stateset, unit of = unit::none,
                            std::span<label_descriptor const> labels = {}) {
  descriptor result = row("x", type);
  result.states = set;
  result.unit = of;
  result.labels = labels;
  return result;
}
static_assert(valid(states(on_off)) && valid(states(std::span(many).first(64))));
static_assert(!valid(states({})) && !valid(states(many)), "1 to 64 states");
static_assert(!valid(states(on_off, metric_type::gauge)), "states of a gauge");
static_assert(!valid(states(on_off, metric_type::stateset, unit::seconds)), "a unit");
static_assert(!valid(states(on_off, metric_type::stateset, unit::none, own_name)), "its own label");

constexpr descriptor native(metric_type type, std::int8_t schema) {
  descriptor result = row("x", type);
  result.native_schema = schema;
  return result;
}
static_assert(valid(native(metric_type::histogram, -4)) &&
              valid(native(metric_type::histogram, 8)));
static_assert(!valid(native(metric_type::histogram, 9)) && !valid(native(metric_type::gauge, 3)));

// A block of a table is checked against the whole table.
constexpr std::array<descriptor const*, 3> unsorted{&gauge_a, &gauge_b, &gauge_a};
static_assert(table_is_valid(unsorted, 0, 2) && !table_is_valid(unsorted, 2, 1));
static_assert(!table_is_valid(unsorted, 0, 100) && table_is_valid(unsorted, 3, 100));

constexpr label_descriptor le[]{{"le"}};
constexpr descriptor labelled(metric_type type) {
  descriptor result = row("x", type);
  result.labels = le;
  return result;
}
static_assert(valid(labelled(metric_type::gauge)) && !valid(labelled(metric_type::histogram)));

// 1,000 realistic rows with labels, in one evaluation: Clang allows a million steps.
constexpr label_descriptor common_labels[]{{"organization_name"},
                                           {"template_version_identifier"},
                                           {"workspace_transition"},
                                           {"http_status_code"}};
constexpr descriptor realistic(std::string_view name) {
  descriptor result = row(name, metric_type::gauge);
  result.labels = common_labels;
  return result;
}
#define ROW(a, b, c) realistic("service_storage_of_coordinator_" #a #b #c "_request_seconds")
#define TEN(a, b)                                                                     \
  ROW(a, b, 0), ROW(a, b, 1), ROW(a, b, 2), ROW(a, b, 3), ROW(a, b, 4), ROW(a, b, 5), \
      ROW(a, b, 6), ROW(a, b, 7), ROW(a, b, 8), ROW(a, b, 9)
#define HUNDRED(a)                                                                        \
  TEN(a, 0), TEN(a, 1), TEN(a, 2), TEN(a, 3), TEN(a, 4), TEN(a, 5), TEN(a, 6), TEN(a, 7), \
      TEN(a, 8), TEN(a, 9)
constexpr std::array<descriptor, 1000> large_rows{HUNDRED(0), HUNDRED(1), HUNDRED(2), HUNDRED(3),
                                                  HUNDRED(4), HUNDRED(5), HUNDRED(6), HUNDRED(7),
                                                  HUNDRED(8), HUNDRED(9)};
#undef HUNDRED
#undef TEN
#undef ROW
constexpr auto large_table = [] {
  std::array<descriptor const*, large_rows.size()> pointers{};
  for (std::size_t i = 0; i < pointers.size(); ++i) pointers[i] = &large_rows[i];
  return pointers;
}();
static_assert(table_is_valid(large_table));

std::string_view closest(std::string_view name) {
  static constexpr descriptor rows[]{
      row("coderd_api_concurrent_requests", metric_type::gauge),
      row("coderd_api_requests_processed_total", metric_type::counter),
      row("coderd_license_user_count", metric_type::gauge),
      row("coderd_license_user_limit", metric_type::gauge), row("go_threads", metric_type::gauge)};
  static constexpr std::array<descriptor const*, 5> table{&rows[0], &rows[1], &rows[2], &rows[3],
                                                          &rows[4]};
  return closest_name(table, name);
}

TEST(Naming, FindsTheClosestName) {
  EXPECT_EQ(closest("coderd_license_user_cuont"), "coderd_license_user_count");
  EXPECT_EQ(closest("coderd_licence_user_limits"), "coderd_license_user_limit");
  EXPECT_EQ(closest("coderd_api_request_proccessed_total"), "coderd_api_requests_processed_total");
  EXPECT_EQ(closest("requests_processed_total"), "coderd_api_requests_processed_total");
  EXPECT_EQ(closest("threads"), "go_threads");
  EXPECT_FALSE(closest("").empty());
  EXPECT_EQ(closest_name({}, "x"), "");
}

}  // namespace
}  // namespace stele::naming
