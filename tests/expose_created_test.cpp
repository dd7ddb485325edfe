// `_created` in OpenMetrics: when a series that adds up began.

#include <sample.hpp>
#include <stele/clock.hpp>
#include <stele/expose.hpp>
#include <stele/snapshot.hpp>

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>
#include <string_view>

using sample::metric;

namespace {

std::string exposition(stele::format which, stele::expose_options const& options) {
  std::string text = "\n";
  stele::expose(
      stele::gather<sample::table>(), which, [&](std::string_view chunk) { text += chunk; },
      options);
  return text;
}

std::string with_created() { return exposition(stele::format::openmetrics, {.created = true}); }

/// The seconds that a line states; 0 where there is no such line.
double seconds_of(std::string const& text, std::string const& series) {
  std::size_t const at = text.find("\n" + series + " ");
  return at == std::string::npos ? 0 : std::strtod(text.c_str() + at + series.size() + 2, nullptr);
}

bool has_created(std::string const& text) { return text.find("_created") != std::string::npos; }

}  // namespace

// "`_created` directly after its own series' samples, same label order"
TEST(ExposeCreated, StandsDirectlyBehindItsSeriesSamples) {
  double const before = stele::core::unix_now();
  metric<"sample_requests_total">.with({.code = "200", .path = "/c"}).inc(3);
  metric<"sample_requests_total">.with({.code = "404", .path = "/c"}).inc(4);
  metric<"sample_open_latency_seconds">.with({.path = "/c"}).observe(0.5);
  metric<"sample_open_pause_seconds">.with({.cause = "c"}).observe(0.5);
  std::string const text = with_created();
  for (std::string const& samples :
       {std::string("sample_requests_total{code=\"200\",path=\"/c\"} 3\n"
                    "sample_requests_created{code=\"200\",path=\"/c\"} "),
        std::string("sample_requests_total{code=\"404\",path=\"/c\"} 4\n"
                    "sample_requests_created{code=\"404\",path=\"/c\"} "),
        std::string("sample_open_latency_seconds_count{path=\"/c\"} 1\n"
                    "sample_open_latency_seconds_created{path=\"/c\"} "),
        std::string("sample_open_pause_seconds_count{cause=\"c\"} 1\n"
                    "sample_open_pause_seconds_created{cause=\"c\"} ")})
    EXPECT_NE(text.find(samples), std::string::npos) << samples;
  double const seen = seconds_of(text, "sample_requests_created{code=\"200\",path=\"/c\"}");
  EXPECT_GE(seen, before - 0.001);
  EXPECT_LE(seen, stele::core::unix_now());
}

// A row without open labels counts from its program's start, or its library's loading.
TEST(ExposeCreated, OfAClosedRowIsWhenItWasExposed) {
  metric<"sample_jobs_total">.inc(0);
  double const seen = seconds_of(with_created(), "sample_jobs_created");
  EXPECT_GT(seen, stele::core::unix_now() - 600);
  EXPECT_LE(seen, stele::core::unix_now());
}

TEST(ExposeCreated, OfASeriesThatStartsAnewIsAnew) {
  auto const series = metric<"sample_visits_total">.with({.page = "/", .user = "u"});
  series.inc();
  std::string const name = "sample_visits_created{page=\"/\",user=\"u\"}";
  double const first = seconds_of(with_created(), name);
  metric<"sample_visits_total">.remove({.page = "/", .user = "u"});
  EXPECT_EQ(seconds_of(with_created(), name), 0);
  while (stele::core::unix_now() < first + 0.01) {
  }
  series.inc();
  EXPECT_GT(seconds_of(with_created(), name), first);
}

// "off by default": Prometheus 2.42 stores each as a series.
TEST(ExposeCreated, IsShownOnDemandAndInOpenMetricsAlone) {
  metric<"sample_jobs_total">.inc(0);
  EXPECT_FALSE(has_created(exposition(stele::format::openmetrics, {})));
  EXPECT_FALSE(has_created(exposition(stele::format::text, {.created = true})));
}

// "counter {_total,_created}, summary {…,_created}, histogram {…,_created}": no other type.
TEST(ExposeCreated, IsNotShownOfWhatDoesNotAddUp) {
  metric<"sample_queue_length">.set(1);
  metric<"sample_events">.inc();  // `unknown`
  std::string const text = with_created();
  EXPECT_EQ(text.find("sample_queue_length_created"), std::string::npos);
  EXPECT_EQ(text.find("sample_events_created"), std::string::npos);
}

/// A callback's counter began when the callback alone knows.
TEST(ExposeCreated, IsNotShownOfWhatACallbackGives) {
  auto const reading = metric<"sample_transfers_total">.read_from(
      [](auto& to) { to.add({.direction = sample::direction::out}, 4U); });
  auto const one = metric<"sample_wait_seconds_total">.read_from([] { return 1.5; });
  std::string const text = with_created();
  EXPECT_NE(text.find("sample_wait_seconds_total 1.5\n"), std::string::npos);
  EXPECT_EQ(text.find("sample_transfers_created"), std::string::npos);
  EXPECT_EQ(text.find("sample_wait_seconds_created"), std::string::npos);
}
