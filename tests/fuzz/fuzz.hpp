// fuzz.hpp: what the fuzz targets share. A target is one function that is given bytes, and ends the
// process where what must always hold does not.
//
//   extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
//     std::string_view const text = text_of(data, size);
//     always(parse(text) <= text.size(), "a parser takes no more than there is");
//     return 0;
//   }
//
// libFuzzer calls it with what it makes up (`./dev fuzz`), and driver.cpp with the kept corpus.

#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size);

namespace stele::fuzz {

inline std::string_view text_of(std::uint8_t const* data, std::size_t size) noexcept {
  return {reinterpret_cast<char const*>(data), size};
}

/// Ends the process where `holds` is false: the fuzzer keeps the bytes, the driver says which file.
inline void always(bool holds, char const* what) noexcept {
  if (holds) return;
  std::fprintf(stderr, "expected: %s\n", what);
  std::abort();
}

/// Takes what stands before the next separator.
inline std::string_view take(std::string_view& rest, char separator) noexcept {
  std::string_view const taken = rest.substr(0, rest.find(separator));
  rest.remove_prefix(std::min(taken.size() + 1, rest.size()));
  return taken;
}

/// Whether a text has a word in it, in whatever case. The word is in lower case.
inline bool mentions(std::string_view text, std::string_view word) noexcept {
  auto const same = [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a - 'A' + 'a' : a) == b; };
  return std::search(text.begin(), text.end(), word.begin(), word.end(), same) != text.end();
}

}  // namespace stele::fuzz
