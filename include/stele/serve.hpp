// serve.hpp: the embedded endpoint that Prometheus scrapes.
//
//   auto endpoint = stele::serve<coderd::table>({.address = "127.0.0.1", .port = 2112});
//   if (!endpoint) return report(endpoint.error());      // an address in use, for example
//
// Serves the exposition on /metrics and /, parts of it on the paths of views (view.hpp), and "OK" on
// /-/healthy, to GET and HEAD.
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
#include "process.hpp"
#include "result.hpp"
#include "self.hpp"
#include "slab.hpp"
#include "table.hpp"
#include "view.hpp"

namespace stele {

/// All times are upper bounds, all sizes are bytes. A time takes any std::chrono duration of whole
/// milliseconds: .request_time_max = std::chrono::seconds(5).
struct serve_options {
  std::string_view address = "127.0.0.1";  // an IPv4 or IPv6 address; `::` serves both families
  std::uint16_t port = 2112;               // 0: a free one, see endpoint::port()
  std::size_t connections_max = 256;       // past it the longest idle is closed, else the new one
  std::size_t header_bytes_max = 16 * 1024;
  whole_milliseconds request_time_max{10'000};  // to a whole request, from its first byte
  whole_milliseconds idle_time_max{90'000};     // between two requests of a connection
  whole_milliseconds write_time_max{30'000};    // for one chunk of at most 64 KiB
  whole_milliseconds drain_time_max{5'000};     // for running responses in stop()
  whole_milliseconds callback_time_max{5'000};  // for a scrape's callbacks; below its timeout
  std::span<view const> views{};                // further paths; one that does not fit is an error
};

/// A running endpoint. Movable; its end stops it.
class STELE_API endpoint {
 public:
  class impl;

  explicit endpoint(impl* running) noexcept;  // takes it over
  endpoint(endpoint&& other) noexcept;
  endpoint& operator=(endpoint&& other) noexcept;
  ~endpoint();

  /// The port that is served; 0 in the child of a fork(), which has no endpoint: it makes its own.
  [[nodiscard]] std::uint16_t port() const noexcept;

  /// Closes the port, lets running responses end within drain_time_max, and joins the thread. No
  /// callback of read_from() is waited for beyond that. Later calls do nothing.
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

}  // namespace core

/// Serves the rows in use of one or more tables, together with the process_* and promhttp_* rows
/// that they have with Source `sdk`. The options' strings are not kept.
template <class... Tables>
result<endpoint> serve(serve_options const& options = {}) {
  static_assert(sizeof...(Tables) > 0, "serve<…>() requires at least one table");
  static_assert(tables_fit<Tables...>(),
                "tables that are served together require names that do not clash; two rows have "
                "the same name, or names that differ in a suffix that one of them takes "
                "(x_count beside a histogram x)");
  static_assert((core::handler_rows_fit<Tables>() && ...),
                "promhttp_metric_handler_requests_total with Source 'sdk' requires a counter with "
                "the closed label code{200,500,503}, …_in_flight a gauge without labels; correct "
                "the table");
  (feed_process_rows<Tables>(), ...);
  (feed_self_rows<Tables>(), ...);
  core::table_link* const links[]{&link_of<Tables>...};
  return core::serve(links, options);
}

}  // namespace stele
