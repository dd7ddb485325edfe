// sample_lines.hpp: what the parsers of text and OpenMetrics share: a line's labels and number, and
// what bounds them.
//
//   class reader : sample_lines {                     // (body, limits, found)
//     bool line() { … return label(first, name, value, name_at, nullptr) && number(sample, value);
//     }
//   };
//
// All return whether to go on; where not, at_ has the fault. Threads: one.

#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "agents/number_text.hpp"
#include "agents/push_limits.hpp"
#include "agents/raw_bundle.hpp"
#include "agents/text_cursor.hpp"

namespace stele::pushing {

class sample_lines {
 public:
  sample_lines(std::string_view body, push_limits const& limits, raw_bundle& found)
      : at_(body), body_(body), limits_(limits), found_(found) {}

 protected:
  bool number(raw_sample& sample, double& value) {
    sample.number_begin = at_.offset();
    char const* p = at_.position();
    if (!read_number(p, at_.end(), value))
      return at_.expected("a number", "such as 1, 0.5, 1e-3, NaN, +Inf");
    at_.move_to(p);
    sample.number_end = at_.offset();
    return true;
  }

  /// The number of a sample whose part is known.
  static void set(raw_sample& sample, double value) {
    sample.bits = std::bit_cast<std::uint64_t>(value);
    if (sample.part == sample_part::bucket || sample.part == sample_part::count) {
      auto const count = count_of(value);
      sample.fits = count.has_value();
      sample.bits = count.value_or(0);
    } else if (sample.part == sample_part::created) {
      auto const time = milliseconds_of(value);
      sample.fits = time.has_value();
      sample.bits = static_cast<std::uint64_t>(time.value_or(0));
    }
  }

  /// A label of the sample whose labels begin with `first`. `own`: it is the part's own, such as
  /// `le`, whose number goes there; else null.
  bool label(std::size_t first, std::string_view name, std::string_view value,
             std::uint32_t name_at, double* own) {
    bool repeated = own != nullptr && has_of_;
    for (std::size_t i = first; own == nullptr && i < found_.labels.size(); ++i)
      repeated = repeated || found_.labels[i].name == name;
    if (repeated)
      return at_.fail_at(name_at, "expected each label once, saw " + quoted(name) + " again");
    if (own != nullptr) {
      has_of_ = true;
      return number_of(value, *own) ||
             at_.fail_at(name_at, "expected a number as the value of " + std::string(name) +
                                      ", saw " + quoted(value));
    }
    found_.labels.push_back({name, value});
    if (found_.labels.size() - first <= limits_.labels_per_series_max) return true;
    return at_.fail_at(name_at,
                       "expected at most " + std::to_string(limits_.labels_per_series_max) +
                           " labels a series, saw more; leave some out",
                       body_fault::kind::too_many);
  }

  /// `is_series`: each sample of the family is a series of its own.
  bool add(raw_sample const& sample, bool is_series) {
    std::uint32_t const in_family = ++found_.families[sample.family].samples;
    bool const is_bounded = found_.add(sample, limits_);
    if (is_bounded && !(is_series && in_family > limits_.series_per_push_max)) return true;
    return at_.fail("expected at most " + std::to_string(limits_.series_per_push_max) +
                        " series in a push, saw more; push fewer",
                    body_fault::kind::too_many);
  }

  bool help_fits(std::string_view text, std::uint32_t begin) {
    if (text.size() <= limits_.help_bytes_max) return true;
    return at_.fail_at(begin,
                       "expected a HELP text of at most " + std::to_string(limits_.help_bytes_max) +
                           " bytes, saw " + std::to_string(text.size()),
                       body_fault::kind::too_large);
  }

  bool one_more_family() {
    if (found_.families.size() < limits_.families_per_push_max) return true;
    return at_.fail("expected at most " + std::to_string(limits_.families_per_push_max) +
                        " families in a push, saw more; push fewer",
                    body_fault::kind::too_many);
  }

  text_cursor at_;
  std::string_view const body_;
  push_limits const& limits_;
  raw_bundle& found_;
  bool has_of_ = false;  // whether the part's own label was seen
};

}  // namespace stele::pushing
