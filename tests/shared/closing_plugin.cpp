// The first object of its process to use coderd's table, so that the table's constants are its own.

#include <coderd.hpp>

#include <cstdint>

#include "plugin.hpp"

using coderd::metric;

void plugin_count(std::uint64_t amount) {
  metric<"coderd_rtc_client_connections_total">.inc(amount);
  metric<"coderd_api_requests_processed_total">
      .with({.code = "200", .method = coderd::method::GET, .path = "/closing"})
      .inc(amount);
}
