// asio.hpp: the few names of Asio and Beast that the endpoint is written in.
//
// Everything that an endpoint does happens on one strand, so that a user's io_context may be run by
// any number of threads. TCP and Unix-domain sockets have one type.
//
// Threads: types and pure functions.

#pragma once

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/strand.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/status.hpp>

#include <chrono>
#include <string_view>

#include "stele/clock.hpp"

namespace stele::serving {

namespace beast = boost::beast;
namespace http = boost::beast::http;
namespace net = boost::asio;

using executor = net::strand<net::io_context::executor_type>;
using plain_socket = net::basic_stream_socket<net::generic::stream_protocol, executor>;
using steady_clock = std::chrono::steady_clock;
using timer = net::basic_waitable_timer<steady_clock, net::wait_traits<steady_clock>, executor>;

/// A time of the options, at most a year, which the clock can add to any time.
constexpr std::chrono::milliseconds to_chrono(whole_milliseconds time) noexcept {
  constexpr std::int64_t year_ms = 365LL * 24 * 3600 * 1000;
  return std::chrono::milliseconds(time.count() < year_ms ? time.count() : year_ms);
}

inline std::string_view to_std(beast::string_view text) noexcept {
  return {text.data(), text.size()};
}

}  // namespace stele::serving
