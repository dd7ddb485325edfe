// landing.hpp: the page that a browser gets on `/`, and the header fields that go with it.
//
//   send(landing_page_type, landing_page_fields(coding), landing_page(coding));
//
// The page is one self-contained HTML document, made and compressed at build time of what stands in
// page/ (embed.py). It asks its own origin for /-/table (landing_data.hpp), and nobody
// else for anything: its Content-Security-Policy allows its own script and style by their hashes,
// connections to its origin, and nothing more.
//
// Threads: constants.

#pragma once

#include <string_view>

#include "serve/encodings.hpp"

namespace stele::serving {

inline constexpr std::string_view landing_page_type = "text/html; charset=utf-8";
[[nodiscard]] std::string_view landing_page(encoding coding) noexcept;
/// Further fields of its header, each with its line end.
[[nodiscard]] std::string_view landing_page_fields(encoding coding) noexcept;

/// The same of the page's data.
inline constexpr std::string_view landing_data_type = "application/json; charset=utf-8";
[[nodiscard]] std::string_view landing_data_fields(encoding coding) noexcept;

}  // namespace stele::serving
