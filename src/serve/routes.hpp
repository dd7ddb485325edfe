// routes.hpp: what a request is answered with, before anything is gathered.
//
//   answer const reply = route(request, views);
//   if (reply.kind == answer_kind::metrics) gather_and_render(reply.part, reply.exposition);
//
// Threads: pure functions.

#pragma once

#include <boost/beast/http/status.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include "expose/negotiate.hpp"
#include "serve/encodings.hpp"
#include "serve/request.hpp"
#include "serve/selection.hpp"
#include "serve/views.hpp"

namespace stele::serving {

enum class answer_kind : std::uint8_t {
  text,       // the answer's own text
  metrics,    // an exposition
  page,       // the landing page
  page_data,  // what the landing page shows
};

struct answer {
  answer_kind kind = answer_kind::text;
  boost::beast::http::status status = boost::beast::http::status::ok;
  std::string_view text{};  // of kind text; a constant, or of the views
  bool close = false;       // the request's rest is not read

  // Of the other kinds. Refers to the request and the views.
  std::string_view query{};  // without its `?`
  negotiated exposition{};
  encoding coding = encoding::identity;
  std::optional<std::chrono::nanoseconds> timeout{};  // the scraper's own
  selection part{};
};

/// Whether it asks only if the endpoint is there.
bool asks_health(request_type const& request);

/// The answer to a request, whose header has been read and whose body has not.
answer route(request_type const& request, view_set const& views);

}  // namespace stele::serving
