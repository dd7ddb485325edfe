// protobuf_wire.hpp: fields of a protobuf message of which the sizes are known beforehand, written
// where there is room for them. protozero, which writes all other messages, has the encoding.
//
//   at = put_length(at, 4, metric_bytes);
//
// Threads: pure functions.

#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string_view>

#include <protozero/types.hpp>
#include <protozero/varint.hpp>

namespace stele::exposition::wire {

static_assert(std::endian::native == std::endian::little, "a double is copied as it stands");

inline constexpr std::size_t varint_bytes_max = protozero::max_varint_length;
/// Of a field whose number is below 16.
inline constexpr std::size_t tag_bytes = 1;
inline constexpr std::size_t double_field_bytes = tag_bytes + sizeof(double);

/// The first byte of a field. REQUIRES: 1 <= number <= 15.
constexpr char tag(int number, protozero::pbf_wire_type type) noexcept {
  return static_cast<char>((number << 3) | static_cast<int>(type));
}
constexpr char length_tag(int number) noexcept {
  return tag(number, protozero::pbf_wire_type::length_delimited);
}
constexpr char varint_tag(int number) noexcept {
  return tag(number, protozero::pbf_wire_type::varint);
}
constexpr char double_tag(int number) noexcept {
  return tag(number, protozero::pbf_wire_type::fixed64);
}

inline std::size_t varint_bytes(std::uint64_t value) noexcept {
  if (value < 0x80) return 1;
  return static_cast<std::size_t>(protozero::length_of_varint(value));
}
/// Of a field that has `bytes` behind its tag and length.
inline std::size_t length_field_bytes(std::size_t bytes) noexcept {
  return tag_bytes + varint_bytes(bytes) + bytes;
}

inline char* put_varint(char* at, std::uint64_t value) noexcept {
  if (value < 0x80) {
    *at = static_cast<char>(value);
    return at + 1;
  }
  return at + protozero::add_varint_to_buffer(at, value);
}
/// The tag and the length of a field; its bytes follow.
inline char* put_length(char* at, int number, std::size_t bytes) noexcept {
  *at = length_tag(number);
  return put_varint(at + 1, bytes);
}
inline char* put_text(char* at, int number, std::string_view text) noexcept {
  at = put_length(at, number, text.size());
  if (!text.empty()) std::memcpy(at, text.data(), text.size());
  return at + text.size();
}
inline char* put_varint_field(char* at, int number, std::uint64_t value) noexcept {
  *at = varint_tag(number);
  return put_varint(at + 1, value);
}

/// 0x7ff0000000000002 is Prometheus's mark of a series that has ended, so of all NaNs only this one
/// comes out.
inline double exposed(double value) noexcept {
  return value == value ? value : std::numeric_limits<double>::quiet_NaN();
}
inline char* put_double(char* at, int number, double value) noexcept {
  *at = double_tag(number);
  double const shown = exposed(value);
  std::memcpy(at + 1, &shown, sizeof(shown));
  return at + double_field_bytes;
}

}  // namespace stele::exposition::wire
