// header_list.hpp: the lists that HTTP writes into one field: elements, their parameters, weights.
//
//   for (std::string_view rest = "gzip;q=0.5, br"; !rest.empty();) {
//     std::string_view element = take_element(rest);     // `gzip;q=0.5`
//     std::string_view const coding = take_value(element);
//   }
//
// RFC 9110, 5.6 and 12.4.2. Views refer to the field. Threads: pure functions.

#pragma once

#include <optional>
#include <string_view>

#include "stele/api.hpp"

namespace stele::exposition {

/// Compares without regard to the case of ASCII letters.
STELE_API bool same_token(std::string_view a, std::string_view b) noexcept;

/// Takes the next element of a list, without the space around it; it may be empty.
STELE_API std::string_view take_element(std::string_view& list) noexcept;

/// Takes what stands before an element's parameters.
STELE_API std::string_view take_value(std::string_view& element) noexcept;

/// A part between semicolons: `name=value`, or a name alone.
struct STELE_API parameter {
  std::string_view name;
  std::string_view value;  // as written: quoted, or not

  /// Whether the value, out of its quotes, is this text.
  [[nodiscard]] bool is(std::string_view text) const noexcept;
};

/// Takes the next part of an element.
STELE_API parameter take_parameter(std::string_view& element) noexcept;

/// A weight from 0 to 1 in thousandths; nothing where the text is none. What is more than 0 is at
/// least one thousandth: only 0 is a no. More than three decimals are taken, and `.2`, which Java's
/// HttpURLConnection sends.
STELE_API std::optional<int> parse_weight(std::string_view text) noexcept;

}  // namespace stele::exposition
