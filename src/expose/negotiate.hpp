// negotiate.hpp: which format the Accept fields of a request ask for.
//
//   negotiation asked;
//   asked.add("application/openmetrics-text;q=0.5, text/plain");   // once a field
//   asked.answer().which == format::text
//
// stele::negotiate() of stele/expose.hpp is this for one field.
//
// Each type that can be answered has the weight of the most specific range that names it: one with
// its version, its type alone, `text/*`, `*/*` (RFC 9110, 12.5.1). A weight of 0 is a no.
//
// Threads: values. Nothing allocates.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "stele/expose.hpp"

namespace stele::exposition {

/// How names outside `[a-zA-Z0-9_:]` are to be written. The names of a table are all inside: what
/// is asked for is echoed, and changes nothing else.
enum class escaping : std::uint8_t { unasked, allow_utf_8, underscores, dots, values };

class STELE_API negotiation {
 public:
  /// Takes one Accept field. Several say the same as one that has them all, in their order.
  void add(std::string_view accept) noexcept;

  /// The type with the highest weight; of equals a named one before a wildcard's, then the first.
  /// Text 0.0.4 where nothing fits, or nothing can be understood: a scrape is never refused.
  /// Wildcards mean text 0.0.4 first, then OpenMetrics 1.0.0; protobuf has to be named.
  [[nodiscard]] negotiated answer() const noexcept;

  /// Whether `text/html` is named, and preferred to what answer() gives: a browser.
  [[nodiscard]] bool wants_page() const noexcept;

 private:
  static constexpr std::size_t type_count = 6;
  static constexpr int never = -1;  // no range has matched

  struct asked {
    int specificity = never;
    int weight = 0;           // thousandths
    std::uint32_t order = 0;  // of the range among all
    escaping names = escaping::unasked;
  };

  void add_range(std::string_view element) noexcept;
  [[nodiscard]] bool is_better(std::size_t type, std::size_t than) const noexcept;
  [[nodiscard]] std::size_t best() const noexcept;

  std::array<asked, type_count> asked_{};
  std::uint32_t ranges_ = 0;
};

}  // namespace stele::exposition
