// landing.hpp: the page that a browser gets on `/`, and the header fields that go with it.
//
//   send(landing_page_type, landing_page_fields(), landing_page());
//
// The page is one self-contained HTML document, made at build time of landing.html, landing.css
// and landing.js (embed.py). It asks its own origin for /-/table (landing_data.hpp), and nobody
// else for anything: its Content-Security-Policy allows its own script and style by their hashes,
// connections to its origin, and nothing more.
//
// Threads: constants.

#pragma once

#include <string_view>

namespace stele::serving {

inline constexpr std::string_view landing_page_type = "text/html; charset=utf-8";
[[nodiscard]] std::string_view landing_page() noexcept;
/// Further fields of its header, each with its line end.
[[nodiscard]] std::string_view landing_page_fields() noexcept;

/// The same of the page's data.
inline constexpr std::string_view landing_data_type = "application/json; charset=utf-8";
[[nodiscard]] std::string_view landing_data_fields() noexcept;

}  // namespace stele::serving
