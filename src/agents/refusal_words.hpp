// refusal_words.hpp: words of the sentences that say why a family is refused.
//
//   "saw a " + std::string(type_name(family.type))
//
// Threads: pure functions.

#pragma once

#include <string_view>

#include "stele/enum_names.hpp"

namespace stele::pushing {

/// As agents know it, most of whom push text 0.0.4.
constexpr std::string_view type_name(metric_type type) noexcept {
  return type == metric_type::unknown ? "untyped" : name_of(type);
}

}  // namespace stele::pushing
