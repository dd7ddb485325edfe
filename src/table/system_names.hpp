// system_names.hpp: what the headers of C, C++, POSIX and Stele itself call things.
//
// Checked in, and made by make_system_names.sh: whoever includes a generated header may have
// included any of these before it. Names that begin with an underscore are left out.
//
//   is_macro("EAGAIN") && is_global("log")
//
// Threads: pure functions.

#pragma once

#include <span>
#include <string_view>

namespace stele::tables {

/// Sorted.
std::span<std::string_view const> macro_names() noexcept;

/// What is declared outside of any namespace. Sorted.
std::span<std::string_view const> global_names() noexcept;

bool is_macro(std::string_view text) noexcept;
bool is_global(std::string_view text) noexcept;

}  // namespace stele::tables
