#include "serve/option_check.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>

namespace stele::serving {

namespace {

/// `GET /metrics HTTP/1.1` and the fields that every scraper sends have some 200 bytes.
constexpr std::size_t header_bytes_min = 128;

error too_low(std::string_view name, std::string const& lowest, std::string const& saw) {
  return {std::make_error_code(std::errc::invalid_argument),
          "serve: expected ." + std::string(name) + " to be at least " + lowest + ", saw " + saw +
              "; leave it out for the default"};
}

}  // namespace

std::optional<error> objection_to(serve_options const& options) {
  struct size {
    std::string_view name;
    std::size_t is;
    std::size_t lowest;
  };
  for (size const& each : {
           size{"connections_max", options.connections_max, 1},
           size{"header_bytes_max", options.header_bytes_max, header_bytes_min},
           size{"scrapes_in_flight_max", options.scrapes_in_flight_max, 1},
       })
    if (each.is < each.lowest)
      return too_low(each.name, std::to_string(each.lowest), std::to_string(each.is));

  struct time {
    std::string_view name;
    whole_milliseconds is;
    std::int64_t lowest = 1;
  };
  for (time const& each : {
           time{"header_time_max", options.header_time_max},
           time{"body_time_max", options.body_time_max},
           time{"request_time_max", options.request_time_max},
           time{"idle_time_max", options.idle_time_max},
           time{"write_time_max", options.write_time_max},
           time{"answer_time_max", options.answer_time_max},
           time{"drain_time_max", options.drain_time_max, 0},
           time{"callback_time_max", options.callback_time_max, 0},
           time{"handshake_time_max", options.handshake_time_max},
           time{"shared_gather_age_max", options.shared_gather_age_max, 0},
       })
    if (each.is.count() < each.lowest)
      return too_low(each.name, std::to_string(each.lowest) + " ms",
                     std::to_string(each.is.count()) + " ms");
  return std::nullopt;
}

}  // namespace stele::serving
