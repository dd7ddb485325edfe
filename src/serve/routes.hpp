// routes.hpp: what a request is answered with, before anything is rendered.
//
//   answer const reply = route(request);
//   if (reply.scrape) gather_and_render(reply.exposition);
//
// Threads: pure functions.

#pragma once

#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/status.hpp>

#include <string_view>

#include "serve/negotiate.hpp"

namespace stele::serving {

struct answer {
  boost::beast::http::status status = boost::beast::http::status::ok;
  std::string_view text{};  // the body, where it is not a scrape
  bool scrape = false;
  negotiated exposition{};  // of a scrape
  bool close = false;       // the request's rest is not read
};

/// The answer to a request, whose header has been read and whose body has not.
answer route(boost::beast::http::request<boost::beast::http::empty_body> const& request);

}  // namespace stele::serving
