// json_text.hpp: JSON as the landing page's data has it: strings that are safe wherever they are
// put, numbers that lose nothing.
//
//   append_json(out, "a \"quoted\" name");        // "a \"quoted\" name"
//   append_json(out, std::uint64_t{1} << 60);     // "1152921504606846976": past 2^53 a string
//   append_json(out, infinity);                   // "+Inf": JSON has no number for it
//
// Threads: pure functions. No locale.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace stele::serving {

/// Integers up to this magnitude are numbers; JSON's readers would round those beyond it.
inline constexpr std::uint64_t json_integer_max = std::uint64_t{1} << 53;

/// A string in its quotes. Control characters, `<`, `>`, `&`, U+2028 and U+2029 are escaped, so
/// that it can neither end a script element nor break a line of JavaScript; what is not UTF-8 is
/// U+FFFD.
void append_json(std::string& out, std::string_view text);
void append_json(std::string& out, std::uint64_t value);
void append_json(std::string& out, std::int64_t value);
/// The shortest number that reads back as the same double, or "NaN", "+Inf", "-Inf".
void append_json(std::string& out, double value);

/// The beginning of valid UTF-8 that has at most so many bytes and splits no character.
std::string_view cut_utf8(std::string_view text, std::size_t bytes_max) noexcept;

}  // namespace stele::serving
