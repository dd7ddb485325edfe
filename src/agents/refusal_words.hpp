// refusal_words.hpp: words of the sentences that say why a family is refused.
//
//   "saw a " + std::string(type_name(family.type))
//
// Threads: pure functions.

#pragma once

#include <string_view>

#include "stele/descriptor.hpp"

namespace stele::pushing {

inline std::string_view type_name(metric_type type) noexcept {
  switch (type) {
    case metric_type::counter: return "counter";
    case metric_type::gauge: return "gauge";
    case metric_type::histogram: return "histogram";
    case metric_type::summary: return "summary";
    case metric_type::info: return "info";
    case metric_type::stateset: return "stateset";
    case metric_type::unknown: break;
  }
  return "untyped";
}

}  // namespace stele::pushing
