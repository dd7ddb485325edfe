// negotiate.hpp: which format an Accept header asks for.
//
//   negotiate("application/openmetrics-text;q=0.5, text/plain").which == format::text
//
// Threads: pure functions.

#pragma once

#include <string_view>

#include "stele/expose.hpp"

namespace stele::serving {

struct negotiated {
  format which;
  std::string_view content_type;
};

/// The supported format with the highest q, a named one before a wildcard, the first of equals.
/// Text 0.0.4 where nothing fits, or nothing can be understood: a scrape is never refused.
negotiated negotiate(std::string_view accept) noexcept;

}  // namespace stele::serving
