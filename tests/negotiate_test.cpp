#include "expose/negotiate.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

using stele::content_type;
using stele::format;
using stele::negotiate;
using stele::exposition::negotiation;

namespace {

constexpr std::string_view text_type = "text/plain; version=0.0.4; charset=utf-8";
constexpr std::string_view text_1_type = "text/plain; version=1.0.0; charset=utf-8";
constexpr std::string_view openmetrics_type =
    "application/openmetrics-text; version=1.0.0; charset=utf-8";
constexpr std::string_view openmetrics_0_type =
    "application/openmetrics-text; version=0.0.1; charset=utf-8";
constexpr std::string_view openmetrics_utf_8_type =
    "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=allow-utf-8";
constexpr std::string_view protobuf_type =
    "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited";

#define PROTOBUF \
  "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited"

bool wants_page(std::string_view accept) {
  negotiation asked;
  asked.add(accept);
  return asked.wants_page();
}

}  // namespace

TEST(Negotiate, AnswersRealScrapersAsTheyExpect) {
  struct {
    char const* who;
    std::string_view accept;
    std::string_view type;
  } const cases[]{
      {"Prometheus 1.x",
       PROTOBUF ";q=0.7,text/plain;version=0.0.4;q=0.3,application/json;"
                "schema=\"prometheus/telemetry\";version=0.0.2;q=0.2,*/*;q=0.1",
       protobuf_type},
      {"Prometheus 2.0 to 2.4, VictoriaMetrics, vmagent, Netdata",
       "text/plain;version=0.0.4;q=1,*/*;q=0.1", text_type},
      {"Prometheus 2.5 to 2.30",
       "application/openmetrics-text; version=0.0.1,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
       openmetrics_0_type},
      {"Prometheus 2.31 to 2.33",
       "application/openmetrics-text; version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
       openmetrics_type},
      {"Prometheus 2.34 to 2.48, Datadog Agent from 7.46, the OpenTelemetry collector of then",
       "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;"
       "q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
       openmetrics_type},
      {"Prometheus 2.40 to 2.48 with native histograms",
       PROTOBUF ",application/openmetrics-text;version=1.0.0;q=0.8,application/openmetrics-text;"
                "version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
       protobuf_type},
      {"Prometheus 2.49 to 2.53, Grafana Agent",
       "application/openmetrics-text;version=1.0.0;q=0.5,application/openmetrics-text;version="
       "0.0.1;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
       openmetrics_type},
      {"Prometheus 2.49 to 2.53 with native histograms",
       PROTOBUF ";q=0.5,application/openmetrics-text;version=1.0.0;q=0.4,application/openmetrics-"
                "text;version=0.0.1;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1",
       protobuf_type},
      {"Prometheus 3.0",
       "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,"
       "application/openmetrics-text;version=0.0.1;q=0.4,"
       "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;q=0.2,"
       "*/*;q=0.1",
       openmetrics_utf_8_type},
      {"Prometheus 3.1, a parameter twice",
       "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
       "application/openmetrics-text;version=0.0.1;escaping=allow-utf-8;q=0.5,"
       "text/plain;version=1.0.0;escaping=allow-utf-8;escaping=allow-utf-8;q=0.4,"
       "text/plain;version=0.0.4;escaping=allow-utf-8;q=0.3,*/*;q=0.2",
       openmetrics_utf_8_type},
      {"Prometheus 3.4, Grafana Alloy, the OpenTelemetry collector",
       "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
       "application/openmetrics-text;version=0.0.1;q=0.5,"
       "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,"
       "*/*;q=0.2",
       openmetrics_utf_8_type},
      {"Prometheus 3.4 with legacy names",
       "application/openmetrics-text;version=1.0.0;escaping=underscores;q=0.6,"
       "application/openmetrics-text;version=0.0.1;q=0.5,"
       "text/plain;version=1.0.0;escaping=underscores;q=0.4,text/plain;version=0.0.4;q=0.3,"
       "*/*;q=0.2",
       "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=underscores"},
      {"Prometheus 3 with native histograms",
       PROTOBUF ";q=0.7,application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
                "application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;"
                "escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
       protobuf_type},
      {"Prometheus 3 with scrape_protocols: [PrometheusText1.0.0]",
       "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.6,*/*;q=0.5",
       "text/plain; version=1.0.0; charset=utf-8; escaping=allow-utf-8"},
      {"Prometheus 3 with scrape_protocols: [PrometheusText0.0.4, OpenMetricsText1.0.0]",
       "text/plain;version=0.0.4;q=0.6,application/openmetrics-text;version=1.0.0;"
       "escaping=allow-utf-8;q=0.5,*/*;q=0.4",
       text_type},
      {"prom2json, Telegraf", PROTOBUF ";q=0.7,text/plain;version=0.0.4;q=0.3", protobuf_type},
      {"Telegraf before 1.23, Categraf", PROTOBUF ";q=0.7,text/plain;version=0.0.4;q=0.3,*/*;q=0.1",
       protobuf_type},
      {"Datadog Agent before 7.46", "text/plain", text_type},
      {"curl, wget, Python requests", "*/*", text_type},
      {"HTTPie", "application/json, */*;q=0.5", text_type},
      {"Java's HttpURLConnection", "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2",
       text_type},
      {"Chrome",
       "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,"
       "*/*;q=0.8,application/signed-exchange;v=b3;q=0.7",
       text_type},
      {"Firefox",
       "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8",
       text_type},
      {"Safari", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", text_type},
  };
  for (auto const& each : cases)
    EXPECT_EQ(negotiate(each.accept).content_type, each.type) << each.who;
}

// "Content-Type is always valid", and says what the body is.
TEST(Negotiate, StatesTheTypeOfItsFormat) {
  for (std::string_view const accept : {"text/plain", "application/openmetrics-text", PROTOBUF}) {
    auto const answer = negotiate(accept);
    EXPECT_EQ(answer.content_type, content_type(answer.which));
  }
  EXPECT_EQ(negotiate(PROTOBUF).which, format::protobuf);
}

// "Highest q that is supported wins, explicit before wildcard, q=0 is never."
TEST(Negotiate, TakesTheHighestQ) {
  EXPECT_EQ(negotiate("text/plain;q=0.4,application/openmetrics-text;q=0.5").which,
            format::openmetrics);
  EXPECT_EQ(negotiate("text/plain;q=0.6,application/openmetrics-text;q=0.5").which, format::text);
  EXPECT_EQ(negotiate("text/plain;q=0.001,application/openmetrics-text;q=0.0001").which,
            format::text);
  EXPECT_EQ(negotiate("application/openmetrics-text;q=0.5,*/*").which, format::text);
  EXPECT_EQ(negotiate("application/openmetrics-text;q=0.0001").which, format::openmetrics);
  EXPECT_EQ(negotiate("text/plain;q=.4,application/openmetrics-text;q=.5").which,
            format::openmetrics);
  EXPECT_EQ(negotiate("text/plain;q=0.1,text/plain;q=0.9,application/openmetrics-text;q=0.5").which,
            format::text);
}

TEST(Negotiate, NeverTakesWhatHasAQOfNull) {
  EXPECT_EQ(negotiate("application/openmetrics-text;q=0, text/plain;q=0.001").which, format::text);
  EXPECT_EQ(negotiate("application/openmetrics-text;q=0").which, format::text);
  EXPECT_EQ(negotiate("application/openmetrics-text;q=0, application/*").which, format::text);
  EXPECT_EQ(negotiate("text/plain;q=0, */*").which, format::openmetrics);
  EXPECT_EQ(negotiate("text/plain;q=0.000, */*").which, format::openmetrics);
  EXPECT_EQ(negotiate("text/*;q=0, */*").which, format::openmetrics);
  EXPECT_EQ(negotiate("text/plain;q=0, */*;q=0.5, application/openmetrics-text;q=0.1").which,
            format::openmetrics);
  EXPECT_EQ(negotiate("application/openmetrics-text;q=0, application/openmetrics-text, "
                      "text/plain;q=0.1")
                .which,
            format::text);
  EXPECT_EQ(negotiate("application/openmetrics-text, application/openmetrics-text;q=0, "
                      "text/plain;q=0.1")
                .which,
            format::text);
}

TEST(Negotiate, TakesANamedTypeBeforeAWildcardAndTheFirstOfEquals) {
  EXPECT_EQ(negotiate("*/*, application/openmetrics-text").which, format::openmetrics);
  EXPECT_EQ(negotiate("text/*, application/openmetrics-text").which, format::openmetrics);
  EXPECT_EQ(negotiate("application/openmetrics-text, text/plain").which, format::openmetrics);
  EXPECT_EQ(negotiate("text/plain, application/openmetrics-text").which, format::text);
  EXPECT_EQ(negotiate(PROTOBUF ",application/openmetrics-text").which, format::protobuf);
  EXPECT_EQ(negotiate("application/openmetrics-text," PROTOBUF).which, format::openmetrics);
}

// RFC 9110, 12.5.1: "The most specific reference has precedence."
TEST(Negotiate, WeighsATypeByTheClosestRange) {
  EXPECT_EQ(negotiate("text/plain;q=0.2, text/*;q=0.9, application/openmetrics-text;q=0.5").which,
            format::openmetrics);
  EXPECT_EQ(negotiate("text/*;q=0.2, */*;q=0.9").which, format::openmetrics);
  EXPECT_EQ(negotiate("text/plain;q=0, text/plain;version=0.0.4;q=0.5, "
                      "application/openmetrics-text;q=0.4")
                .which,
            format::text);
}

// What a wildcard leaves open is what any reader can read: text. Protobuf has to be asked for.
TEST(Negotiate, AnswersTextAndThenOpenMetricsToWildcards) {
  EXPECT_EQ(negotiate("*/*").content_type, text_type);
  EXPECT_EQ(negotiate("text/*").content_type, text_type);
  EXPECT_EQ(negotiate("application/*").content_type, openmetrics_type);
  EXPECT_EQ(negotiate("application/*, text/*;q=0.9").content_type, openmetrics_type);
  EXPECT_EQ(negotiate("application/*;q=0.9, text/*").content_type, text_type);
  EXPECT_EQ(negotiate("application/*, text/*").content_type, text_type);
  EXPECT_EQ(negotiate("text/plain;q=0,application/openmetrics-text;q=0,*/*").content_type,
            text_type);
}

// "OpenMetrics with no version → 1.0.0; 0.0.1 → echoed; 2.0.0 → no match."
TEST(Negotiate, MatchesVersions) {
  EXPECT_EQ(negotiate("application/openmetrics-text").content_type, openmetrics_type);
  EXPECT_EQ(negotiate("application/openmetrics-text;version=\"1.0.0\"").content_type,
            openmetrics_type);
  EXPECT_EQ(negotiate("application/openmetrics-text;version=\"1\\.0.0\"").content_type,
            openmetrics_type);
  EXPECT_EQ(negotiate("application/openmetrics-text;version=0.0.1").content_type,
            openmetrics_0_type);
  EXPECT_EQ(negotiate("application/openmetrics-text,application/openmetrics-text;version=1.0.0;q=0")
                .content_type,
            text_type);
  EXPECT_EQ(negotiate("application/openmetrics-text;version=2.0.0").content_type, text_type);
  EXPECT_EQ(negotiate("application/openmetrics-text;version=").content_type, text_type);
  EXPECT_EQ(negotiate("application/openmetrics-text;version=2.0.0,"
                      "application/openmetrics-text;version=1.0.0;q=0.1")
                .content_type,
            openmetrics_type);
  EXPECT_EQ(negotiate("text/plain;version=1.0.0,application/openmetrics-text;q=0.1").content_type,
            text_1_type);
  EXPECT_EQ(negotiate("text/plain;version=2.0.0,application/openmetrics-text;q=0.1").content_type,
            openmetrics_type);
}

// formats.md: the delimited form alone is offered.
TEST(Negotiate, MatchesProtobufByItsMessageAndItsEncoding) {
  for (std::string_view const no_match : {
           "application/vnd.google.protobuf",
           "application/vnd.google.protobuf;encoding=delimited",
           "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily",
           "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=text",
           "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;"
           "encoding=compact-text",
           "application/vnd.google.protobuf;proto=io.prometheus.client.MetricSet;"
           "encoding=delimited",
       })
    EXPECT_EQ(negotiate(no_match).content_type, text_type) << no_match;
  EXPECT_EQ(negotiate("application/vnd.google.protobuf; encoding=\"delimited\"; "
                      "proto=\"io.prometheus.client.MetricFamily\"")
                .content_type,
            protobuf_type);
  EXPECT_EQ(negotiate(PROTOBUF ";escaping=allow-utf-8").content_type,
            std::string(protobuf_type) + "; escaping=allow-utf-8");
}

// "`escaping=` as asked (allow-utf-8, underscores, dots, values), underscores when absent or
// unknown." Absent, it is not mentioned: only servers that ask for it know the word.
TEST(Negotiate, EchoesTheEscapingOfTheRangeThatItAnswers) {
  struct {
    std::string_view asked;
    std::string_view echoed;
  } const cases[]{
      {"", ""},
      {";escaping=allow-utf-8", "; escaping=allow-utf-8"},
      {";escaping=underscores", "; escaping=underscores"},
      {";escaping=dots", "; escaping=dots"},
      {";escaping=values", "; escaping=values"},
      {";Escaping=\"values\"", "; escaping=values"},
      {";escaping=hieroglyphs", "; escaping=underscores"},
      {";escaping=", "; escaping=underscores"},
      {";escaping=dots;escaping=values", "; escaping=values"},
      {";q=0.5;escaping=dots", "; escaping=dots"},
  };
  for (auto const& each : cases)
    for (std::string const type :
         {"text/plain; version=0.0.4; charset=utf-8", "text/plain; version=1.0.0; charset=utf-8",
          "application/openmetrics-text; version=1.0.0; charset=utf-8",
          "application/openmetrics-text; version=0.0.1; charset=utf-8"}) {
      auto const answer = negotiate(type + std::string(each.asked));
      EXPECT_EQ(answer.content_type, type + std::string(each.echoed));
    }
  EXPECT_EQ(negotiate("text/plain;escaping=dots;q=0.4,application/openmetrics-text").content_type,
            openmetrics_type);
}

// RFC 9110, 5.6.4: only in a quoted string do a comma and a semicolon not separate, and does a
// backslash escape.
TEST(Negotiate, HeedsQuotedStrings) {
  EXPECT_EQ(negotiate("a/b;c=\"d,\\\",text/plain;q=0\",application/openmetrics-text").which,
            format::openmetrics);
  EXPECT_EQ(negotiate("a\\,application/openmetrics-text").which, format::openmetrics);
  EXPECT_EQ(negotiate("application/openmetrics-text;a=\";q=0\"").which, format::openmetrics);
}

TEST(Negotiate, IgnoresCaseAndSpace) {
  EXPECT_EQ(
      negotiate(" Application/OpenMetrics-Text ; Version=1.0.0 ;\tQ=0.9 , text/plain;q=0.1").which,
      format::openmetrics);
}

// RFC 9110, 5.3: several fields of a name mean the same as one that lists their values in order.
TEST(Negotiate, TakesRepeatedFieldsAsOneList) {
  negotiation asked;
  asked.add("text/plain;q=0.5");
  asked.add("application/openmetrics-text;version=1.0.0");
  asked.add("");
  EXPECT_EQ(asked.answer().which, format::openmetrics);
  negotiation refused;
  refused.add("application/openmetrics-text");
  refused.add("application/openmetrics-text;q=0, text/plain;q=0.1");
  EXPECT_EQ(refused.answer().which, format::text);
  negotiation unbalanced;
  unbalanced.add("text/plain;version=\"");
  unbalanced.add("application/openmetrics-text");
  EXPECT_EQ(unbalanced.answer().which, format::openmetrics);
}

// "`*/*`, absent, garbage, unknown → text 0.0.4 with 200, never 406."
TEST(Negotiate, AnswersTextToWhatItDoesNotUnderstand) {
  EXPECT_EQ(negotiation().answer().content_type, text_type);
  for (std::string_view const accept : {"",
                                        ",",
                                        ";;;",
                                        "garbage",
                                        "application/json",
                                        "q=1",
                                        "text/plain;q=2",
                                        "application/openmetrics-text;q=x",
                                        "application/openmetrics-text;q=",
                                        "\"",
                                        "\"\\",
                                        "text/html",
                                        "application/openmetrics-text;q=-1",
                                        ",,,,;q=;=,",
                                        "*/*;q=0",
                                        "application/openmetrics-text;q=1.1",
                                        "application/openmetrics-text;q=1.0001",
                                        "application/openmetrics-text;q=inf",
                                        "application/openmetrics-text;q=nan",
                                        "application/openmetrics-text;q=1e0",
                                        "application/openmetrics-text;q=0x1",
                                        "application/openmetrics-text;q=.",
                                        "application/openmetrics-text;q=0,5",
                                        "application/openmetrics-textual",
                                        "application/openmetrics-text=1",
                                        "application/openmetrics",
                                        "\xff\xfe\x01",
                                        "application/openmetrics-text\";version=1.0.0"})
    EXPECT_EQ(negotiate(accept).content_type, text_type) << accept;
}

// design.md, 6: "scrapers get metrics on both; a browser's `Accept: text/html` gets a landing
// page".
TEST(Negotiate, KnowsABrowserByThePageThatItPrefers) {
  for (std::string_view const browser :
       {"text/html", "text/html,*/*;q=0.8", "text/html, */*", "TEXT/HTML;q=0.9, */*;q=0.8",
        "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,"
        "*/*;q=0.8,application/signed-exchange;v=b3;q=0.7",
        "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
        "text/html,application/xhtml+xml,application/xml;q=0.9,text/plain;q=0.8,*/*;q=0.5"})
    EXPECT_TRUE(wants_page(browser)) << browser;
  for (std::string_view const scraper :
       {"", "*/*", "text/*", "text/plain;version=0.0.4;q=1,*/*;q=0.1", "text/html;q=0",
        "text/html;q=0.1,*/*;q=0.9", "text/html, text/plain, */*;q=0.01", "text/plain, text/html",
        "text/html;q=0.5,application/openmetrics-text;q=0.6",
        "application/openmetrics-text,text/html", "application/json", "text/html;q=2", PROTOBUF})
    EXPECT_FALSE(wants_page(scraper)) << scraper;
}
