#include "serve/negotiate.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

using stele::format;
using stele::serving::negotiate;

namespace {

constexpr std::string_view text_type = "text/plain; version=0.0.4; charset=utf-8";
constexpr std::string_view openmetrics_type =
    "application/openmetrics-text; version=1.0.0; charset=utf-8";

}  // namespace

TEST(Negotiate, AnswersRealScrapersAsTheyExpect) {
  struct {
    char const* who;
    std::string_view accept;
    std::string_view type;
  } const cases[]{
      {"Prometheus 2.34 to 2.48",
       "application/openmetrics-text;version=1.0.0,application/"
       "openmetrics-text;version=0.0.1;q=0.75,"
       "text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
       openmetrics_type},
      {"VictoriaMetrics", "text/plain;version=0.0.4;q=1,*/*;q=0.1", text_type},
      {"Telegraf without protobuf",
       "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;"
       "q=0.7,text/plain;version=0.0.4;q=0.3",
       text_type},
      {"Prometheus 3",
       "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,"
       "application/openmetrics-text;version=0.0.1;q=0.4,"
       "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;q=0.2,*/"
       "*;q=0.1",
       openmetrics_type},
      {"curl", "*/*", text_type},
      {"a browser",
       "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8",
       text_type},
  };
  for (auto const& each : cases)
    EXPECT_EQ(negotiate(each.accept).content_type, each.type) << each.who;
}

// "Highest q that is supported wins, explicit before wildcard, q=0 is never."
TEST(Negotiate, TakesTheHighestQ) {
  EXPECT_EQ(negotiate("text/plain;q=0.4,application/openmetrics-text;q=0.5").which,
            format::openmetrics);
  EXPECT_EQ(negotiate("text/plain;q=0.6,application/openmetrics-text;q=0.5").which, format::text);
  EXPECT_EQ(negotiate("application/openmetrics-text;q=0, text/plain;q=0.001").which, format::text);
  EXPECT_EQ(negotiate("application/openmetrics-text;q=0").which, format::text);
  EXPECT_EQ(negotiate("application/openmetrics-text;q=0, application/*").which, format::text);
  EXPECT_EQ(negotiate("text/plain;q=0, */*;q=0.5, application/openmetrics-text;q=0.1").which,
            format::openmetrics);
}

TEST(Negotiate, TakesANamedTypeBeforeAWildcardAndTheFirstOfEquals) {
  EXPECT_EQ(negotiate("*/*, application/openmetrics-text").which, format::openmetrics);
  EXPECT_EQ(negotiate("application/openmetrics-text, text/plain").which, format::openmetrics);
  EXPECT_EQ(negotiate("text/plain, application/openmetrics-text").which, format::text);
}

// "OpenMetrics with no version → 1.0.0; 0.0.1 → echoed; 2.0.0 → no match."
TEST(Negotiate, MatchesVersions) {
  EXPECT_EQ(negotiate("application/openmetrics-text").content_type, openmetrics_type);
  EXPECT_EQ(negotiate("application/openmetrics-text;version=\"1.0.0\"").content_type,
            openmetrics_type);
  EXPECT_EQ(negotiate("application/openmetrics-text;version=0.0.1").content_type,
            "application/openmetrics-text; version=0.0.1; charset=utf-8");
  EXPECT_EQ(negotiate("application/openmetrics-text;version=2.0.0").which, format::text);
  EXPECT_EQ(negotiate("text/plain;version=1.0.0,application/openmetrics-text;q=0.1").which,
            format::openmetrics);
}

TEST(Negotiate, IgnoresCaseAndSpace) {
  EXPECT_EQ(
      negotiate(" Application/OpenMetrics-Text ; Version=1.0.0 ;\tQ=0.9 , text/plain;q=0.1").which,
      format::openmetrics);
}

// "`*/*`, absent, garbage, unknown → text 0.0.4 with 200, never 406."
TEST(Negotiate, AnswersTextToWhatItDoesNotUnderstand) {
  for (std::string_view const accept :
       {"", ",", ";;;", "garbage", "application/json", "q=1", "text/plain;q=2",
        "application/openmetrics-text;q=x", "application/openmetrics-text;q=", "\"", "\"\\",
        "text/html", "application/openmetrics-text;q=-1", ",,,,;q=;=,"})
    EXPECT_EQ(negotiate(accept).content_type, text_type) << accept;
}
