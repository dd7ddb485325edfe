// request.hpp: a request whose header has been read, and the memory of its fields.
//
//   answer const reply = route(request);
//
// Threads: types.

#pragma once

#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/field.hpp>
#include <boost/beast/http/fields.hpp>
#include <boost/beast/http/message.hpp>

#include <memory_resource>

namespace stele::serving {

/// Its fields stand in memory of the connection, which is used again for the next request.
using request_allocator = std::pmr::polymorphic_allocator<char>;
using request_type =
    boost::beast::http::request<boost::beast::http::empty_body,
                                boost::beast::http::basic_fields<request_allocator>>;

/// Whether it has a body, which is not read.
inline bool has_body(request_type const& request) {
  if (request.chunked()) return true;
  auto const length = request[boost::beast::http::field::content_length];
  return !length.empty() && length != "0";
}

}  // namespace stele::serving
