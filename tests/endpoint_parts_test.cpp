// Parts of the metrics, over real sockets: name[], and the paths of views.

#include <sample.hpp>

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "endpoint_case.hpp"

using sample::metric;
using stele::label_condition;
using stele::test::client;
using stele::test::start;

namespace {

constexpr std::string_view openmetrics = "application/openmetrics-text";

std::string body(stele::endpoint const& from, std::string const& target,
                 std::string_view accept = {}) {
  auto const answer = client(from.port()).get(target, std::string(accept));
  EXPECT_EQ(answer.result_int(), 200U) << target;
  return answer.body();
}

bool contains(std::string const& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

void count_some() {
  metric<"sample_jobs_total">.inc(3);
  metric<"sample_queue_length">.set(17);
  metric<"sample_request_latency_ms">.with({.method = sample::method::GET}).observe(3);
  metric<"sample_requests_total">.with({.code = "200", .path = "/a"}).inc();
  metric<"sample_requests_total">.with({.code = "500", .path = "/b\"\\"}).inc();
}

}  // namespace

// "A name matches a family if it is the family's name or one of its samples', in every format"
TEST(EndpointParts, ServesTheRowsThatAreNamed) {
  count_some();
  auto const endpoint = start();
  EXPECT_EQ(body(endpoint, "/metrics?name[]=sample_queue_length"),
            "# HELP sample_queue_length Jobs that wait.\n# TYPE sample_queue_length gauge\n"
            "sample_queue_length 17\n");
  for (auto const* path : {"/metrics", "/"}) {
    auto const two = body(endpoint, std::string(path) +
                                        "?name%5B%5D=sample_jobs&"
                                        "name%5B%5D=sample_request_latency_ms_count&other=%zz");
    EXPECT_TRUE(contains(two, "\nsample_jobs_total ")) << path;
    EXPECT_TRUE(contains(two, "\nsample_request_latency_ms_bucket{method=\"GET\",le=\"1\"} "));
    EXPECT_TRUE(contains(two, "\nsample_request_latency_ms_count{method=\"GET\"} "));
    EXPECT_FALSE(contains(two, "sample_queue_length"));
    EXPECT_FALSE(contains(two, "process_"));
  }
  auto const total = body(endpoint, "/metrics?name[]=sample_jobs_total", openmetrics);
  EXPECT_TRUE(total.starts_with("# HELP sample_jobs Jobs done.\n# TYPE sample_jobs counter\n"));
  EXPECT_TRUE(total.ends_with("\n# EOF\n"));
}

TEST(EndpointParts, ServesNothingWhereNoRowHasTheName) {
  count_some();
  auto const endpoint = start();
  EXPECT_EQ(body(endpoint, "/metrics?name[]=sample_nothing"), "");
  EXPECT_EQ(body(endpoint, "/metrics?name[]=sample_nothing", openmetrics), "# EOF\n");
  EXPECT_TRUE(contains(body(endpoint, "/metrics?name[]="), "\nsample_queue_length 17\n"));
}

TEST(EndpointParts, RefusesAQueryThatCannotBeRead) {
  auto const endpoint = start();
  client connection(endpoint.port());
  auto const answer = connection.get("/metrics?name[]=%4");
  EXPECT_EQ(answer.result_int(), 400U);
  EXPECT_EQ(answer.body(),
            "expected two hexadecimal digits behind each % of name[]; write % as %25\n");
  EXPECT_EQ(connection.get("/-/healthy").body(), "OK\n");  // the connection goes on
}

// "extra paths that expose a part (by name, by label, by table)"
TEST(EndpointParts, ServesViewsOnTheirPaths) {
  count_some();
  constexpr stele::view views[]{
      {.path = "/metrics/requests", .names = {"sample_request*"}},
      {.path = "/metrics/rest", .except = {"sample_request*", "sample_jobs_total"}},
      {.path = "/metrics/failures", .labels = {label_condition::is("code", "500")}},
      {.path = "/metrics/b", .labels = {label_condition::is("path", "/b\"\\")}},
      {.path = "/metrics/nothing", .tables = {"shop"}},
      {.path = "/internal/metrics"},
  };
  auto const endpoint = start({.views = views});

  auto const requests = body(endpoint, "/metrics/requests");
  EXPECT_TRUE(contains(requests, "\nsample_requests_total{code=\"200\",path=\"/a\"} "));
  EXPECT_TRUE(contains(requests, "\nsample_request_latency_ms_sum{method=\"GET\"} "));
  EXPECT_FALSE(contains(requests, "sample_jobs"));
  auto const rest = body(endpoint, "/metrics/rest");
  EXPECT_TRUE(contains(rest, "\nsample_queue_length 17\n"));
  EXPECT_TRUE(contains(rest, "\nprocess_open_fds "));
  EXPECT_FALSE(contains(rest, "sample_request"));
  EXPECT_FALSE(contains(rest, "sample_jobs"));

  for (auto const* path : {"/metrics/failures", "/metrics/b"}) {
    auto const failures = body(endpoint, path);
    EXPECT_TRUE(contains(failures, "\nsample_requests_total{code=\"500\",path=\"/b\\\"\\\\\"} "));
    EXPECT_FALSE(contains(failures, "path=\"/a\""));
    EXPECT_FALSE(contains(failures, "sample_queue_length"));
  }
  EXPECT_EQ(body(endpoint, "/metrics/nothing"), "");
  EXPECT_TRUE(contains(body(endpoint, "/internal/metrics"), "\nsample_jobs_total "));
  EXPECT_TRUE(body(endpoint, "/metrics/requests?name[]=sample_requests", openmetrics)
                  .starts_with("# HELP sample_requests "));
  EXPECT_FALSE(contains(body(endpoint, "/metrics/requests?name[]=sample_requests"), "latency"));

  auto const none = client(endpoint.port()).get("/metrics/other");
  EXPECT_EQ(none.result_int(), 404U);
  EXPECT_TRUE(contains(none.body(), "/metrics/requests, /metrics/rest, /metrics/failures"));
}

TEST(EndpointParts, ChoosesByConstantLabels) {
  count_some();
  ASSERT_TRUE(stele::set_constant_labels<sample::table>({{"region", "eu"}}));
  constexpr stele::view views[]{
      {.path = "/eu", .labels = {label_condition::is("region", "eu")}},
      {.path = "/us", .labels = {label_condition::is("region", "us")}},
  };
  auto const endpoint = start({.views = views});
  EXPECT_TRUE(contains(body(endpoint, "/eu"), "\nsample_queue_length{region=\"eu\"} 17\n"));
  EXPECT_EQ(body(endpoint, "/us"), "");
  ASSERT_TRUE(stele::set_constant_labels<sample::table>({}));
}

// "invalid views … are a clear error from serve()"
TEST(EndpointParts, DoesNotStartWithAViewThatDoesNotFit) {
  constexpr stele::view views[]{{.path = "/metrics/a"}, {.path = "/metrics/a"}};
  auto const refused = stele::serve<sample::table>({.port = 0, .views = views});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, std::errc::invalid_argument);
  EXPECT_EQ(refused.error().message,
            "serve: view '/metrics/a': expected a path that is not served yet, saw '/metrics/a'; "
            "give the view another one");
}

// The texts of the options are not kept.
TEST(EndpointParts, OutlivesTheOptionsOfItsViews) {
  count_some();
  auto endpoint = [] {
    std::string const name = "sample_queue_length_or_any_other_*";
    std::string path = "/metrics/a/path/that/does/not/fit/in/place";
    std::string exact = "sample_queue_length";
    stele::view const views[]{{.path = path, .names = {name, exact}}};
    auto made = start({.views = views});
    path.assign(path.size(), 'x');
    exact.assign(exact.size(), 'x');
    return made;
  }();
  EXPECT_TRUE(contains(body(endpoint, "/metrics/a/path/that/does/not/fit/in/place"),
                       "\nsample_queue_length 17\n"));
}
