#include "table/system_names.hpp"

#include <algorithm>

namespace stele::tables {

namespace {

constexpr std::string_view macros[]{
#include "table/macro_names.inc"
};

constexpr std::string_view globals[]{
#include "table/global_names.inc"
};

}  // namespace

std::span<std::string_view const> macro_names() noexcept { return macros; }
std::span<std::string_view const> global_names() noexcept { return globals; }

bool is_macro(std::string_view text) noexcept {
  return std::binary_search(std::begin(macros), std::end(macros), text);
}

bool is_global(std::string_view text) noexcept {
  return std::binary_search(std::begin(globals), std::end(globals), text);
}

}  // namespace stele::tables
