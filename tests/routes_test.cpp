#include "serve/routes.hpp"

#include <gtest/gtest.h>
#include <boost/beast/http/verb.hpp>

#include <chrono>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace http = boost::beast::http;

using namespace std::chrono_literals;
using stele::descriptor;
using stele::format;
using stele::core::table_info;
using stele::serving::answer;
using stele::serving::answer_kind;
using stele::serving::encoding;
using stele::serving::route;
using stele::serving::view_set;

namespace {

constexpr descriptor jobs{.name = "jobs_total", .type = stele::metric_type::counter};
constexpr descriptor users{.name = "active_users"};
constexpr descriptor const* rows[]{&jobs, &users};
constexpr table_info table{.name = "shop", .rows = rows};

constexpr std::string_view chrome = "text/html,application/xhtml+xml,*/*;q=0.8";

using fields = std::vector<std::pair<std::string_view, std::string_view>>;
using stele::serving::request_type;

request_type request_of(http::verb method, std::string_view target, fields const& with = {}) {
  request_type request;
  request.method(method);
  request.target({target.data(), target.size()});
  for (auto const& [name, value] : with)
    request.insert(boost::beast::string_view(name.data(), name.size()),
                   boost::beast::string_view(value.data(), value.size()));
  return request;
}

view_set const& views() {
  static view_set const made = [] {
    view_set set;
    EXPECT_FALSE(set.add({.path = "/metrics/jobs", .names = {"jobs_*"}}));
    return set;
  }();
  return made;
}

/// Of a request that is kept, since the answer refers to it.
struct routed {
  request_type request;
  answer reply = route(request, views());
};

routed get(std::string_view target, fields const& with = {}) {
  return {request_of(http::verb::get, target, with)};
}

}  // namespace

TEST(Routes, ServeTheMetricsOnTheirPath) {
  for (std::string_view const target :
       {"/metrics", "/metrics?", "/metrics?x=y", "/metrics#part", "http://host:2112/metrics",
        "https://host/metrics?x=y", "/", "/?x", "http://host", "http://host?x=y"}) {
    auto const got = get(target);
    EXPECT_EQ(got.reply.kind, answer_kind::metrics) << target;
    EXPECT_EQ(got.reply.status, http::status::ok) << target;
    EXPECT_FALSE(got.reply.close);
    EXPECT_EQ(got.reply.part.rows(), nullptr);
  }
}

// "scrapers get metrics on both; a browser's `Accept: text/html` gets a landing page on `/`"
TEST(Routes, GiveBrowsersAPageOnTheRootOnly) {
  EXPECT_EQ(get("/", {{"Accept", chrome}}).reply.kind, answer_kind::page);
  EXPECT_EQ(get("/?x", {{"Accept", chrome}}).reply.kind, answer_kind::page);
  EXPECT_EQ(get("/metrics", {{"Accept", chrome}}).reply.kind, answer_kind::metrics);
  EXPECT_EQ(get("/metrics/jobs", {{"Accept", chrome}}).reply.kind, answer_kind::metrics);
  EXPECT_EQ(get("/", {{"Accept", "*/*"}}).reply.kind, answer_kind::metrics);
  EXPECT_EQ(get("/", {{"Accept", "text/plain;version=0.0.4;q=1,*/*;q=0.1"}}).reply.kind,
            answer_kind::metrics);
  EXPECT_EQ(get("/-/table").reply.kind, answer_kind::page_data);
}

TEST(Routes, AnswerWhetherTheEndpointLives) {
  auto const got = get("/-/healthy?x=%");
  EXPECT_EQ(got.reply.kind, answer_kind::text);
  EXPECT_EQ(got.reply.status, http::status::ok);
  EXPECT_EQ(got.reply.text, "OK\n");
}

TEST(Routes, NameThePathsThereAreWhereThereIsNone) {
  for (std::string_view const target :
       {"/metric", "/metrics/", "/Metrics", "/metrics/other", "//metrics", "/metrics%2Fjobs",
        "/-/ready", "/-/", "/favicon.ico", "metrics", "*", "", "?name[]=jobs", "#/metrics",
        "/../metrics", "http:/metrics", "://host/metrics", "host/http://x/metrics",
        "?u=http://x/metrics"}) {
    auto const got = get(target);
    EXPECT_EQ(got.reply.kind, answer_kind::text) << target;
    EXPECT_EQ(got.reply.status, http::status::not_found) << target;
    EXPECT_EQ(
        got.reply.text,
        "nothing is served here; the paths that are: /, /metrics, /-/healthy, /metrics/jobs\n");
  }
}

TEST(Routes, TakeGetAndHeadOnly) {
  EXPECT_EQ((routed{request_of(http::verb::head, "/metrics")}).reply.kind, answer_kind::metrics);
  for (http::verb const method : {http::verb::post, http::verb::put, http::verb::delete_,
                                  http::verb::options, http::verb::trace, http::verb::connect}) {
    routed const got{request_of(method, "/metrics")};
    EXPECT_EQ(got.reply.kind, answer_kind::text);
    EXPECT_EQ(got.reply.status, http::status::method_not_allowed);
    EXPECT_EQ(got.reply.text, "expected GET or HEAD\n");
  }
  auto brew = request_of(http::verb::get, "/metrics");
  brew.method_string("BREW");
  EXPECT_EQ(route(brew, views()).status, http::status::method_not_allowed);
}

// A body is not read, so that what follows it cannot be taken for a request.
TEST(Routes, CloseBehindARequestThatHasABody) {
  EXPECT_TRUE(get("/metrics", {{"Content-Length", "5"}}).reply.close);
  EXPECT_TRUE(get("/metrics", {{"Transfer-Encoding", "chunked"}}).reply.close);
  EXPECT_TRUE(get("/-/healthy", {{"Content-Length", "5"}}).reply.close);
  EXPECT_FALSE(get("/metrics", {{"Content-Length", "0"}}).reply.close);
}

TEST(Routes, NegotiateOverAllFieldsOfAName) {
  EXPECT_EQ(get("/metrics").reply.exposition.which, format::text);
  auto const got = get("/metrics", {{"Accept", "text/plain;q=0.5"},
                                    {"Accept-Encoding", "br"},
                                    {"accept", "application/openmetrics-text"},
                                    {"accept-encoding", "gzip"}});
  EXPECT_EQ(got.reply.exposition.which, format::openmetrics);
  EXPECT_EQ(got.reply.coding, encoding::gzip);
  EXPECT_EQ(get("/metrics").reply.coding, encoding::identity);
  EXPECT_EQ(get("/", {{"Accept", chrome}, {"Accept-Encoding", "gzip"}}).reply.coding,
            encoding::gzip);
}

TEST(Routes, HandOnTheQuery) {
  EXPECT_EQ(get("/-/table?series=up").reply.query, "series=up");
  EXPECT_EQ(get("http://localhost/-/table?series=up#top").reply.query, "series=up");
  EXPECT_EQ(get("/-/table").reply.query, "");
}

TEST(Routes, ReadTheScrapersTimeout) {
  EXPECT_EQ(get("/metrics").reply.timeout, std::nullopt);
  EXPECT_EQ(get("/metrics", {{"x-prometheus-scrape-timeout-seconds", "0.5"}}).reply.timeout, 500ms);
  EXPECT_EQ(get("/metrics", {{"X-Prometheus-Scrape-Timeout-Seconds", "-1"}}).reply.timeout,
            std::nullopt);
}

TEST(Routes, SelectByNameAndByView) {
  auto const named = get("/metrics?name%5B%5D=jobs");
  ASSERT_NE(named.reply.part.rows(), nullptr);
  EXPECT_TRUE(named.reply.part.wants(table, jobs));
  EXPECT_FALSE(named.reply.part.wants(table, users));
  auto const viewed = get("/metrics/jobs");
  ASSERT_NE(viewed.reply.part.rows(), nullptr);
  EXPECT_EQ(viewed.reply.kind, answer_kind::metrics);
  EXPECT_TRUE(viewed.reply.part.wants(table, jobs));
  EXPECT_FALSE(viewed.reply.part.wants(table, users));
  auto const both = get("/metrics/jobs?name[]=active_users");
  EXPECT_FALSE(both.reply.part.wants(table, jobs));
  EXPECT_FALSE(both.reply.part.wants(table, users));
  EXPECT_FALSE(get("http://host/?name[]=jobs").reply.part.wants(table, users));
  EXPECT_FALSE(get("/metrics?name[]=jobs#x").reply.part.wants(table, users));
}

TEST(Routes, RefuseAQueryThatCannotBeRead) {
  for (std::string_view const target :
       {"/metrics?name[]=%", "/?name[]=%zz", "/metrics/jobs?%=", "/-/table?name[]=%"}) {
    auto const got = get(target);
    EXPECT_EQ(got.reply.kind, answer_kind::text) << target;
    EXPECT_EQ(got.reply.status, http::status::bad_request) << target;
    EXPECT_TRUE(got.reply.text.starts_with("expected two hexadecimal digits")) << target;
  }
}
