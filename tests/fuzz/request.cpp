// Bytes as a request, through the parser of the endpoint, to what it is answered with.

#include <boost/beast/http/verb.hpp>

#include <algorithm>
#include <chrono>
#include <string_view>

#include "fuzz.hpp"
#include "serve/request_reader.hpp"
#include "serve/routes.hpp"

namespace http = boost::beast::http;

using namespace stele;
using namespace stele::fuzz;
using serving::answer_kind;

namespace {

constexpr label_descriptor by_code[]{{"code"}};
constexpr descriptor jobs{.name = "jobs_total", .type = metric_type::counter, .labels = by_code};
constexpr descriptor users{.name = "active_users"};
constexpr descriptor const* rows[]{&jobs, &users};
constexpr core::table_info table{"shop", 0, nullptr, rows, {}, 0, 0};

serving::view_set const& views() {
  static serving::view_set const made = [] {
    serving::view_set set;
    always(!set.add({.path = "/metrics/jobs", .names = {"jobs_*"}}), "a view fits");
    always(!set.add({.path = "/errors", .labels = {label_condition::is("code", "500")}}),
           "a view fits");
    return set;
  }();
  return made;
}

void check(serving::answer const& reply, serving::request_type const& request) {
  auto const status = reply.status;
  bool const is_get = request.method() == http::verb::get || request.method() == http::verb::head;
  always((status == http::status::method_not_allowed) == !is_get, "405 is for other methods");
  if (reply.kind == answer_kind::text) {
    always(status == http::status::ok || status == http::status::bad_request ||
               status == http::status::not_found || status == http::status::method_not_allowed,
           "a text has one of four statuses");
    always(reply.text.ends_with('\n'), "a text is a line");
    return;
  }
  always(status == http::status::ok, "a scrape's status is 200");
  always(reply.exposition.content_type.starts_with(content_type(reply.exposition.which)) ||
             reply.exposition.content_type.find("version=0.0.1") != std::string_view::npos ||
             reply.exposition.content_type.find("version=1.0.0") != std::string_view::npos,
         "the content type is that of the format");
  always(!reply.timeout || *reply.timeout > std::chrono::nanoseconds(0), "a timeout is a time");
  auto const target = std::string_view(request.target().data(), request.target().size());
  if (reply.part.rows() == nullptr) {
    always(reply.part.series() == nullptr, "series are chosen where rows are");
    always(reply.part.wants(table, jobs) && reply.part.wants(table, users), "all is wanted");
  } else {
    always(
        mentions(target, "?") || mentions(target, "/metrics/jobs") || mentions(target, "/errors"),
        "a part has to be asked for");
    (void)reply.part.wants(table, jobs);
    (void)reply.part.wants("region=\"eu\"", "code=\"500\"");
  }
  always(reply.kind != answer_kind::page || mentions(target, "/"), "a page is on the root");
}

}  // namespace

/// As a session does: whatever has come is looked at, and what is left is the next request's.
extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  serving::request_reader reader(16 * 1024);
  for (;;) {
    switch (reader.read()) {
      case serving::request_reader::refused:
        always(reader.refusal().why.ends_with('\n'), "a refusal has a reason");
        return 0;
      case serving::request_reader::whole:
        check(serving::route(reader.request(), views()), reader.request());
        if (serving::has_body(reader.request())) return 0;
        reader.next();
        break;
      case serving::request_reader::more: {
        if (size == 0) return 0;
        auto const room = reader.room();
        always(!room.empty(), "there is room for what is needed");
        std::size_t const taken = std::min(size, room.size());
        std::copy_n(data, taken, room.begin());
        reader.commit(taken);
        data += taken;
        size -= taken;
      }
    }
  }
}
