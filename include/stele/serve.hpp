// serve.hpp: the embedded endpoint that Prometheus scrapes.
//
//   auto endpoint = stele::serve<coderd::table>({.address = "127.0.0.1", .port = 2112});
//   if (!endpoint) return report(endpoint.error());      // an address in use, for example
//
// Serves the exposition on /metrics and /, parts of it on the paths of views (view.hpp), and "OK"
// on /-/healthy, to GET and HEAD.
//
// Threads: the endpoint has one thread of its own; a slow client never delays an instrument, and a
// callback of read_from() that takes long delays neither stop() nor the scrape for longer than
// callback_time_max. Its methods may be called from any thread. Link with `stele-serve`.

#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "clock.hpp"
#include "exposed_tables.hpp"
#include "process.hpp"
#include "result.hpp"
#include "self.hpp"
#include "view.hpp"

namespace stele {

/// All times are upper bounds, all sizes are bytes; one with which nothing could be served, such as
/// 0 connections or a time of 0 to write, is an error of serve(). A time takes any std::chrono
/// duration of whole milliseconds: .request_time_max = std::chrono::seconds(5).
struct serve_options {
  /// An IPv4 or IPv6 address, `::` serves both families; or `unix:/run/shop.sock`, a Unix-domain
  /// socket; or `unix:@shop`, one with a name instead of a file (Linux's abstract ones).
  std::string_view address = "127.0.0.1";
  std::uint16_t port = 2112;  // 0: a free one, see endpoint::port(); none of a Unix-domain socket

  /// Past it the connection is closed that is idle for the longest; else the one whose client has
  /// been waited for the longest, a second at least: to send its request, or to take what it is
  /// sent (256 KiB a second are in time); else one that waits for callbacks and whose client has
  /// closed, or has ended its sending; else the new one.
  std::size_t connections_max = 256;
  std::size_t header_bytes_max = 16 * 1024;
  whole_milliseconds header_time_max{5'000};    // to the end of a header; past it 408
  whole_milliseconds body_time_max{30'000};     // to the end of a pushed body, header and all; 408
  whole_milliseconds request_time_max{10'000};  // to the beginning of the answer; past it 503
  whole_milliseconds idle_time_max{90'000};     // between two requests of a connection
  whole_milliseconds write_time_max{30'000};    // for one chunk of at most 64 KiB
  whole_milliseconds answer_time_max{600'000};  // to send all of an answer: 200 MB at 350 kB/s
  whole_milliseconds drain_time_max{5'000};     // for running responses in stop()
  /// For a scrape's callbacks; a timeout that the scraper names bounds them too, less a quarter of
  /// it, half a second at most, in which the answer is to arrive.
  whole_milliseconds callback_time_max{5'000};
  whole_milliseconds handshake_time_max{5'000};  // of TLS

  /// Past it the scrape is cut whose reader is the furthest behind 256 KiB a second, a second at
  /// least; else one that waits for callbacks and whose client has closed, or has ended its
  /// sending; where there is none, the new one gets 503 and Retry-After. What the landing page asks
  /// for is one of them.
  std::size_t scrapes_in_flight_max = 40;
  /// A scrape shares the values of another that is being answered, if these are so old at most, or
  /// its callbacks still run. 0: never; a callback that another scrape waits for is then left out.
  whole_milliseconds shared_gather_age_max{100};

  std::span<view const> views{};     // further paths; one that does not fit is an error
  bool openmetrics_created = false;  // as expose_options::created

  std::uint32_t socket_mode = 0660;  // of a Unix-domain socket's file; who may write may connect
};

/// A running endpoint. Movable; its end stops it.
class STELE_API endpoint {
 public:
  class impl;

  explicit endpoint(impl* running) noexcept;  // takes it over
  endpoint(endpoint&& other) noexcept;
  endpoint& operator=(endpoint&& other) noexcept;
  ~endpoint();

  /// The port that is served; 0 of a Unix-domain socket, and in the child of a fork(), which has no
  /// endpoint: it makes its own.
  [[nodiscard]] std::uint16_t port() const noexcept;

  /// Closes the port, lets running responses end within drain_time_max, and joins the thread. No
  /// callback of read_from() is waited for beyond that. On the endpoint's own thread, such as in a
  /// callback of on_diagnostic(), it waits for nothing, and the thread ends by itself. Later calls
  /// do nothing. See serve_on.hpp for one without a thread of its own.
  void stop() noexcept;

 private:
  impl* impl_;  // owned; null where it was moved from
};

namespace core {

inline constexpr std::string_view handler_requests_row = "promhttp_metric_handler_requests_total";
inline constexpr std::string_view handler_in_flight_row =
    "promhttp_metric_handler_requests_in_flight";

/// The statuses that a scrape is answered with.
inline constexpr std::string_view handler_codes[]{"200", "500", "503"};

constexpr bool has_handler_codes(label_descriptor const& code) noexcept {
  std::size_t found = 0;
  for (std::string_view const value : code.values)
    for (std::string_view const known : handler_codes) found += value == known ? 1 : 0;
  return found == std::size(handler_codes);
}

/// Whether the promhttp_* rows of a table have the types and the label that they are fed with.
template <class Table>
constexpr bool handler_rows_fit() noexcept {
  for (descriptor const* row : Table::descriptors) {
    if (row->source != source::sdk) continue;
    if (row->name == handler_in_flight_row &&
        (row->type != metric_type::gauge || !row->labels.empty()))
      return false;
    if (row->name == handler_requests_row &&
        (row->type != metric_type::counter || row->labels.size() != 1 ||
         row->labels[0].name != "code" || !has_handler_codes(row->labels[0])))
      return false;
  }
  return true;
}

STELE_API result<endpoint> serve(std::span<table_link* const> tables, serve_options const& options);

/// The tables that are served together, fed.
template <class... Tables>
std::span<table_link* const> served() {
  static_assert((handler_rows_fit<Tables>() && ...),
                "promhttp_metric_handler_requests_total with Source 'sdk' requires a counter with "
                "the closed label code{200,500,503}, …_in_flight a gauge without labels; correct "
                "the table");
  (stele::feed_process_rows<Tables>(), ...);
  (stele::feed_self_rows<Tables>(), ...);
  return exposed_tables<Tables...>();
}

}  // namespace core

/// Serves the rows in use of one or more tables, together with the process_* and promhttp_* rows
/// that they have with Source `sdk`. The options' strings are not kept.
template <class... Tables>
result<endpoint> serve(serve_options const& options = {}) {
  return core::serve(core::served<Tables...>(), options);
}

}  // namespace stele
