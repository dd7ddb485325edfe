// protobuf_fields.hpp: the fields of io.prometheus.client's messages, with their wire types, as
// protozero's switches want them; and what reads values that are written in more than one way.
//
//   case field(1, wire::length_delimited): name = message.get_view(); break;
//
// Threads: pure functions.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include <protozero/exception.hpp>
#include <protozero/pbf_reader.hpp>

namespace stele::pushing {

using wire = protozero::pbf_wire_type;

constexpr std::uint32_t field(std::uint32_t number, wire type) noexcept {
  return protozero::tag_and_type(number, type);
}

inline std::string_view text_of(protozero::data_view view) noexcept {
  return {view.data(), view.size()};
}

/// Seconds and nanoseconds of a google.protobuf.Timestamp, as seconds.
inline double seconds_of(protozero::pbf_reader timestamp) {
  std::int64_t seconds = 0;
  std::int32_t nanoseconds = 0;
  while (timestamp.next()) switch (timestamp.tag_and_type()) {
      case field(1, wire::varint): seconds = timestamp.get_int64(); break;
      case field(2, wire::varint): nanoseconds = timestamp.get_int32(); break;
      default: timestamp.skip();
    }
  return static_cast<double>(seconds) + nanoseconds * 1e-9;
}

}  // namespace stele::pushing
