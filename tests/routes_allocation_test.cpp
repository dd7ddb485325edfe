// What a request asks for is found without memory of its own: every call of malloc and operator new
// in this program is counted, whoever makes it.

#include "serve/routes.hpp"

#include <gtest/gtest.h>
#include <boost/beast/http/field.hpp>
#include <boost/beast/http/verb.hpp>

#include <cstddef>
#include <cstdint>
#include <string>

#include "counted_allocations.hpp"

namespace http = boost::beast::http;

using stele::descriptor;
using stele::label_condition;
using stele::core::table_info;
using stele::serving::answer_kind;
using stele::serving::request_type;
using stele::serving::route;
using stele::serving::view_set;

#ifdef STELE_TEST_COUNTS_ALLOCATIONS

namespace {

constexpr descriptor jobs{.name = "jobs_total", .type = stele::metric_type::counter};
constexpr descriptor const* rows[]{&jobs};
constexpr table_info table{"shop", 0, nullptr, rows, {}, 0, 0};

request_type request_for(std::string const& target) {
  request_type request(http::verb::get, target, 11);
  request.insert(http::field::accept, "application/openmetrics-text;version=1.0.0;q=0.5");
  request.insert(http::field::accept, "text/plain;version=0.0.4;q=0.3,*/*;q=0.2");
  request.insert(http::field::accept_encoding, "deflate");
  request.insert(http::field::accept_encoding, "gzip");
  request.insert("X-Prometheus-Scrape-Timeout-Seconds", "10.000");
  return request;
}

}  // namespace

// "no allocation per scrape in a steady state"
TEST(RoutesAllocations, ThereAreNone) {
  view_set views;
  ASSERT_FALSE(views.add({.path = "/metrics/errors",
                          .names = {"jobs_*"},
                          .labels = {label_condition::is("code", "500")}}));
  std::string names = "?x=y";
  for (int i = 0; i < 64; ++i)
    names += "&name%5B%5D=a_name_that_is_long_enough_" + std::to_string(i);
  for (std::string const& target :
       {"/metrics" + names, "/metrics/errors" + names, std::string("/nowhere"),
        std::string("/metrics?name[]=%zz"), std::string("/")}) {
    auto const request = request_for(target);
    std::uint64_t const before = allocation_count();
    auto const reply = route(request, views);
    bool const wants = reply.part.wants(table, jobs) && reply.part.wants("", "code=\"500\"");
    std::uint64_t const made = allocation_count() - before;
    EXPECT_EQ(made, 0U) << target;
    EXPECT_EQ(wants, reply.part.rows() == nullptr) << target;
  }
}

#endif
