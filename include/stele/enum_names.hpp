// enum_names.hpp: the enumerators of a descriptor as words. A generated header writes them; of
// types and sources they are the words of a page, too.
//
//   name_of(metric_type::counter)   // "counter"
//
// Threads: pure functions.

#pragma once

#include <string_view>

#include "descriptor.hpp"

namespace stele {

constexpr std::string_view name_of(metric_type type) noexcept {
  switch (type) {
    case metric_type::counter: return "counter";
    case metric_type::gauge: return "gauge";
    case metric_type::histogram: return "histogram";
    case metric_type::summary: return "summary";
    case metric_type::info: return "info";
    case metric_type::stateset: return "stateset";
    case metric_type::unknown: return "unknown";
  }
  return {};
}

constexpr std::string_view name_of(source from) noexcept {
  switch (from) {
    case source::service: return "service";
    case source::sdk: return "sdk";
    case source::mapped: return "mapped";
    case source::caller: return "caller";
    case source::absent: return "absent";
  }
  return {};
}

constexpr std::string_view name_of(unit in) noexcept {
  switch (in) {
    case unit::none: return "none";
    case unit::seconds: return "seconds";
    case unit::milliseconds: return "milliseconds";
    case unit::microseconds: return "microseconds";
    case unit::nanoseconds: return "nanoseconds";
    case unit::minutes: return "minutes";
    case unit::hours: return "hours";
    case unit::days: return "days";
    case unit::unix_seconds: return "unix_seconds";
    case unit::bytes: return "bytes";
    case unit::ratio: return "ratio";
    case unit::percent: return "percent";
    case unit::other: return "other";
  }
  return {};
}

}  // namespace stele
