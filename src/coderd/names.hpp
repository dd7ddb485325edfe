// names.hpp: what users and workspaces may be called.

#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "failure.hpp"

namespace service {

inline constexpr std::size_t name_size_max = 32;

/// 1 to 32 of a-z, 0-9 and '-', with neither end a '-': usable in a host name and as a folder.
[[nodiscard]] constexpr bool is_name(std::string_view text) noexcept {
  return !text.empty() && text.size() <= name_size_max && text.front() != '-' &&
         text.back() != '-' && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
         });
}

inline void require_name(std::string_view field, std::string_view text) {
  if (is_name(text)) return;
  throw failure{reason::bad_input,
                fmt::format("{}: expected 1 to {} of a-z, 0-9 and inner '-', saw '{}'", field,
                            name_size_max, text.substr(0, 2 * name_size_max))};
}

}  // namespace service
