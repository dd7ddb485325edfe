// text.hpp: small functions over text that the stages of the table compiler share.
//
// All of them are ASCII-only where case or spaces matter, and independent of the locale.
//
//   trimmed("  Metric name ") == "Metric name"
//   in_quotes("a\nb") == "'a\\nb'"
//
// Threads: pure functions.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace stele::tables {

constexpr bool space(char c) noexcept {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}

constexpr char lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

constexpr std::string_view trimmed(std::string_view text) noexcept {
  while (!text.empty() && space(text.front())) text.remove_prefix(1);
  while (!text.empty() && space(text.back())) text.remove_suffix(1);
  return text;
}

std::string lowered(std::string_view text);

/// Trimmed, and with every run of spaces and line breaks inside made one space.
std::string single_spaced(std::string_view text);

/// For a diagnostic: in single quotes, on one line, cut where it is long.
std::string in_quotes(std::string_view text);

/// The size of the well-formed UTF-8 sequence that text begins with, or 0 where it is none.
std::size_t utf8_sequence_size(std::string_view text) noexcept;

/// Whether one insertion, removal, replacement or two turn `text` into `word`: a likely typo.
bool nearly(std::string_view text, std::string_view word) noexcept;

}  // namespace stele::tables
