// The landing page's data, read by a strict JSON parser.

#include <sample.hpp>

#include <gtest/gtest.h>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "native_table.hpp"
#include "serve/landing_data.hpp"
#include "serve/row_summary.hpp"

using sample::metric;

namespace {

namespace json = boost::json;
using namespace stele;
using serving::landing_data;
using serving::landing_facts;

/// All series are added up.
void start(landing_data& data, snapshot const& values, std::span<core::table_link* const> tables,
           landing_facts const& facts = {}) {
  data.start(values.data(), tables, facts);
  while (!data.add_up_some()) continue;
}

std::string body(landing_facts const& facts = {}, std::size_t* largest = nullptr) {
  snapshot const values = gather<sample::table>();
  core::table_link* const tables[]{&link_of<sample::table>};
  landing_data from;
  start(from, values, tables, facts);
  std::string all;
  for (auto chunk = from.next(); !chunk.empty(); chunk = from.next()) {
    all += chunk;
    if (largest != nullptr) *largest = std::max(*largest, chunk.size());
  }
  return all;
}

json::object data(landing_facts const& facts = {}) { return json::parse(body(facts)).as_object(); }

json::object row(std::string_view name, std::string const& query = {}) {
  json::object const all = data({.query = query});
  for (auto const& each : all.at("rows").as_array())
    if (each.at("name").as_string() == json::string_view(name.data(), name.size()))
      return each.as_object();
  ADD_FAILURE() << "no row " << name;
  return {};
}

double number_of(json::value const& value) { return value.to_number<double>(); }

}  // namespace

// "the documented table as it lives now": rows that nothing feeds are in it.
TEST(LandingData, HasEveryRowOfTheTableOnce) {
  json::object const all = data();
  std::set<std::string> names;
  for (auto const& each : all.at("rows").as_array())
    EXPECT_TRUE(names.insert(std::string(each.at("name").as_string())).second);
  EXPECT_EQ(names.size(), std::size(sample::table::descriptors));
  EXPECT_EQ(json::serialize(all.at("tables")), R"(["sample"])");
}

TEST(LandingData, SaysWhyARowIsAbsent) {
  json::object const absent = row("sample_absent");
  EXPECT_EQ(absent.at("source").as_string(), "absent");
  EXPECT_EQ(absent.at("reason").as_string(), "the tests need one");
  EXPECT_FALSE(absent.at("exposed").as_bool());
  EXPECT_EQ(absent.at("series").as_int64(), 0);
}

// The page knows these words; of numbers alone there is none.
TEST(LandingData, HasTheUnitThatValuesAreIn) {
  EXPECT_EQ(row("sample_started_at_unix").at("unit").as_string(), "unix_seconds");
  EXPECT_EQ(row("sample_pause_seconds").at("unit").as_string(), "seconds");
  EXPECT_EQ(row("sample_jobs_total").at("unit").as_string(), "");
  EXPECT_EQ(row("sample_temperature_celsius").at("unit").as_string(), "");
}

// A row is exposed when a call on it is compiled into the program.
TEST(LandingData, ARowThatNoCodeInstantiatesIsNotExposed) {
  EXPECT_FALSE(row("sample_cache_total").at("exposed").as_bool());
  metric<"sample_jobs_total">.inc(3);
  EXPECT_TRUE(row("sample_jobs_total").at("exposed").as_bool());
  EXPECT_EQ(row("sample_jobs_total").at("value").as_int64(), 3);
}

TEST(LandingData, HasTheFactsThatItIsGiven) {
  std::string_view const views[]{"/metrics/service", "/metrics/\"odd\""};
  json::object const all = data({.views = views, .now_ms = 1700000000123, .uptime_ms = 5});
  EXPECT_EQ(all.at("views").as_array()[1].as_string(), "/metrics/\"odd\"");
  EXPECT_EQ(all.at("now_ms").as_int64(), 1700000000123);
  EXPECT_EQ(all.at("uptime_ms").as_int64(), 5);
  EXPECT_EQ(all.at("version").as_string(), STELE_VERSION_STRING);
}

TEST(LandingData, LabelsHaveTheirClosedValues) {
  EXPECT_EQ(json::serialize(row("sample_mixed_total").at("labels")),
            R"([{"name":"kind","values":["a","b"]},{"name":"path","values":[]}])");
}

TEST(LandingData, ACounterHasTheSumOverItsSeries) {
  metric<"sample_transfers_total">.with({.direction = sample::direction::in}).inc(3);
  metric<"sample_transfers_total">.with({.direction = sample::direction::out}).inc(4);
  json::object const found = row("sample_transfers_total");
  EXPECT_EQ(found.at("series").as_int64(), 2);
  EXPECT_EQ(found.at("value").as_int64(), 7);
}

TEST(LandingData, AGaugeHasItsValueOrItsRange) {
  metric<"sample_queue_length">.set(-3);
  EXPECT_EQ(row("sample_queue_length").at("value").as_int64(), -3);
  metric<"sample_mode">.with({.mode = sample::mode::fast}).set(-5);
  metric<"sample_mode">.with({.mode = sample::mode::slow}).set(9);
  json::object const found = row("sample_mode");
  EXPECT_FALSE(found.contains("value"));
  EXPECT_EQ(found.at("low").as_int64(), -5);
  EXPECT_EQ(found.at("high").as_int64(), 9);
}

TEST(LandingData, NumbersThatJsonLacksAreStrings) {
  metric<"sample_temperature_celsius">.set(std::numeric_limits<double>::quiet_NaN());
  EXPECT_EQ(row("sample_temperature_celsius").at("value").as_string(), "NaN");
  metric<"sample_alloc_bytes">.set(std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(row("sample_alloc_bytes").at("value").as_string(), "9223372036854775807");
}

TEST(LandingData, AHistogramHasTheBucketsOfAllItsSeries) {
  metric<"sample_open_latency_seconds">.with({.path = "/a"}).observe(0.05);
  metric<"sample_open_latency_seconds">.with({.path = "/b"}).observe(0.07);
  metric<"sample_open_latency_seconds">.with({.path = "/b"}).observe(2);
  json::object const found = row("sample_open_latency_seconds");
  EXPECT_EQ(found.at("count").as_int64(), 3);
  EXPECT_DOUBLE_EQ(number_of(found.at("sum")), 2.12);
  EXPECT_EQ(json::parse(R"([[0,0.1,2],[0.1,1,0],[1,"+Inf",1]])"),
            json::parse(json::serialize(found.at("buckets"))));
}

TEST(LandingData, ASummaryHasQuantilesOfItsOnlySeries) {
  metric<"sample_pause_seconds">.observe(2);
  json::object const found = row("sample_pause_seconds");
  EXPECT_EQ(found.at("count").as_int64(), 1);
  EXPECT_EQ(found.at("quantiles").as_array().size(), 3u);
  EXPECT_NEAR(number_of(found.at("quantiles").as_array()[0].as_array()[1]), 2, 0.02);
  metric<"sample_open_pause_seconds">.with({.cause = "a"}).observe(1);
  metric<"sample_open_pause_seconds">.with({.cause = "b"}).observe(1);
  EXPECT_FALSE(row("sample_open_pause_seconds").contains("quantiles"));
}

TEST(LandingData, AStatesetHasTheStatesThatAreOn) {
  metric<"sample_switch">.switch_to(sample::sample_switch::auto_);
  EXPECT_EQ(json::serialize(row("sample_switch").at("states")), R"(["auto"])");
}

TEST(LandingData, SeriesAreThereForRowsThatAreAskedFor) {
  metric<"sample_sessions">.with({.user = "ada"}).set(1);
  EXPECT_FALSE(row("sample_sessions").contains("first"));
  EXPECT_FALSE(row("sample_sessions", "series=sample_session").contains("first"));
  EXPECT_FALSE(row("sample_sessions", "other=sample_sessions").contains("first"));
  json::object const found = row("sample_sessions", "x=1&series=sample_jobs_total,sample_sessions");
  EXPECT_EQ(json::serialize(found.at("first")),
            R"([{"labels":"user=\"ada\"","series":1,"value":1}])");
  metric<"sample_sessions">.clear();
}

TEST(LandingData, SeriesShowTheConstantLabelsToo) {
  ASSERT_TRUE(set_constant_labels<sample::table>({{"region", "eu"}}));
  metric<"sample_sessions">.with({.user = "ada"}).set(1);
  json::object const found = row("sample_sessions", "series=sample_sessions");
  EXPECT_EQ(found.at("first").as_array()[0].at("labels").as_string(), R"(region="eu",user="ada")");
  ASSERT_TRUE(set_constant_labels<sample::table>({}));
  metric<"sample_sessions">.clear();
}

TEST(LandingData, HostileLabelValuesAreText) {
  std::string const hostile = "<img src=x onerror=alert(1)>\"\\\n\u202Eevil\u2028🪨</script>";
  metric<"sample_sessions">.with({.user = hostile}).set(1);
  EXPECT_EQ(body({.query = "series=sample_sessions"}).find('<'), std::string::npos);
  json::object const found = row("sample_sessions", "series=sample_sessions");
  std::string const labels(found.at("first").as_array()[0].at("labels").as_string());
  EXPECT_NE(labels.find("<img src=x onerror=alert(1)>"), std::string::npos);
  metric<"sample_sessions">.clear();
}

// "bounded in size however many series there are"
TEST(LandingData, IsBoundedHoweverManyAndLongTheSeries) {
  metric<"sample_rooms">.limit_series(30'000);
  for (int i = 0; i < 20'000; ++i)
    metric<"sample_rooms">.with({.house = std::to_string(i) + std::string(200, 'x')}).set(i);
  for (int i = 0; i < 30; ++i)
    metric<"sample_sessions">.with({.user = std::to_string(i) + std::string(10'000, 'y')}).set(i);
  std::string const query = "series=sample_rooms,sample_sessions";
  EXPECT_LT(body({.query = query}).size(), 100'000u);

  json::object const rooms = row("sample_rooms", query);
  EXPECT_EQ(rooms.at("series").as_int64(), 20'000);
  EXPECT_EQ(rooms.at("high").as_int64(), 19'999);
  EXPECT_EQ(rooms.at("first").as_array().size(), serving::first_series_max);
  json::object const sessions = row("sample_sessions", query);
  auto const& first = sessions.at("first").as_array()[0];
  EXPECT_TRUE(first.at("cut").as_bool());
  EXPECT_LE(first.at("labels").as_string().size(), serving::label_bytes_max);
  metric<"sample_rooms">.clear();
  metric<"sample_sessions">.clear();
}

TEST(LandingData, ComesInChunksOfAtMost64KiB) {
  std::string query = "series=";
  for (descriptor const* each : sample::table::descriptors) query += std::string(each->name) + ",";
  for (int i = 0; i < 20; ++i) {
    std::string const text = std::to_string(i) + std::string(1'000, '\x01');  // six bytes each
    metric<"sample_sessions">.with({.user = text}).set(i);
    metric<"sample_rooms">.with({.house = text}).set(i);
  }
  std::size_t largest = 0;
  std::string const all = body({.query = query}, &largest);
  EXPECT_GT(all.size(), 2 * landing_data::chunk_bytes_max);
  EXPECT_EQ(largest, landing_data::chunk_bytes_max);
  EXPECT_NO_THROW((void)json::parse(all));
  metric<"sample_rooms">.clear();
  metric<"sample_sessions">.clear();
}

// "Cells are read in slices and rendered lines in chunks of 64 KiB, so nobody waits long"
TEST(LandingData, AddsUpManySeriesInShortSteps) {
  metric<"sample_rooms">.limit_series(200'000);
  for (int i = 0; i < 200'000; ++i)
    metric<"sample_rooms">.with({.house = std::to_string(i)}).set(i);
  snapshot const values = gather<sample::table>();
  core::table_link* const tables[]{&link_of<sample::table>};
  landing_data from;
  from.start(values.data(), tables, {.query = "series=sample_rooms"});
  std::size_t steps = 0;
  std::size_t looked_at = 0;
  for (bool ended = false; !ended; ++steps) {
    ended = from.add_up_some();
    EXPECT_LE(from.step_values(), landing_data::step_values_max + 100) << "and one series";
    looked_at += from.step_values();
  }
  EXPECT_GE(steps, 200'000 / landing_data::step_values_max);
  EXPECT_EQ(looked_at, values.data().values.size()) << "each value once";
  json::object const all = json::parse(std::string(from.next())).as_object();
  for (auto const& each : all.at("rows").as_array())
    if (each.at("name").as_string() == "sample_rooms") {
      EXPECT_EQ(each.at("series").as_int64(), 200'000);
      EXPECT_EQ(each.at("high").as_int64(), 199'999);
      EXPECT_EQ(each.at("first").as_array().size(), serving::first_series_max);
    }
  metric<"sample_rooms">.clear();
}

TEST(LandingData, StartsAnewWithAnother) {
  snapshot const values = gather<sample::table>();
  core::table_link* const tables[]{&link_of<sample::table>};
  landing_data from;
  start(from, values, tables);
  (void)from.next();
  EXPECT_TRUE(from.next().empty());
  start(from, values, tables);
  EXPECT_NO_THROW((void)json::parse(std::string(from.next())));
}

TEST(LandingData, ARowOfNativeBucketsAloneHasThoseOfAllItsSeries) {
  for (double const value : {0.0, 1.5, 1.6, -3.0}) {
    native::at_schema<3>.with({.test = "one"}).observe(value);
    native::at_schema<3>.with({.test = "two"}).observe(1000 * value);
  }
  snapshot const values = gather<native::table>();
  core::table_link* const tables[]{&link_of<native::table>};
  landing_data from;
  start(from, values, tables);
  json::object const all = json::parse(std::string(from.next())).as_object();
  for (auto const& each : all.at("rows").as_array()) {
    if (each.at("name").as_string() != "native_schema_h") continue;
    EXPECT_EQ(each.at("count").as_int64(), 8);
    std::int64_t count = 0;
    double above = -std::numeric_limits<double>::infinity();
    for (auto const& bucket : each.at("buckets").as_array()) {
      EXPECT_GE(number_of(bucket.as_array()[0]), above);
      above = number_of(bucket.as_array()[1]);
      count += bucket.as_array()[2].as_int64();
    }
    EXPECT_EQ(count, 8);
    EXPECT_GE(above, 1600);
    EXPECT_LT(above, 1800);
    return;
  }
  FAIL() << "no row native_schema_h";
}

// "Native: bucket i of schema n is (2^(2^-n·(i-1)), 2^(2^-n·i)]"
TEST(LandingData, NativeBucketsAreAddedAtTheLowestSchema) {
  std::uint64_t const fine[]{3, 4};  // of (2^(0/8), 2^(1/8)] and (2^(1/8), 2^(2/8)]
  std::uint64_t const coarse[]{5};   // of (1, 2]
  serving::native_sum sum;
  sum.add({3, 0x1p-128, 1, {1, fine}, {}});
  sum.add({0, 0x1p-128, 1, {1, coarse}, {2, coarse}});
  std::string out = "[";
  sum.append_json(out);
  json::array const read = json::parse(out + "]").as_array();
  ASSERT_EQ(read.size(), 3u);
  EXPECT_EQ(json::serialize(read[0]), "[-4,-2,5]");
  EXPECT_EQ(read[1].as_array()[2].as_int64(), 2);
  EXPECT_EQ(json::serialize(read[2]), "[1,2,12]");
}
