// Globs beside a slow matcher, and conditions on labels beside the labels that were written.
// A line each: a pattern, a name, a label's value, and labels as they would stand in an exposition.

#include "serve/views.hpp"

#include <string>
#include <string_view>

#include "core/label_text.hpp"
#include "fuzz.hpp"

using namespace stele;
using namespace stele::fuzz;
using serving::kept_view;
using serving::matches_glob;

namespace {

/// Tries every length of each star. REQUIRES: texts of a few characters.
bool slow_glob(std::string_view pattern, std::string_view text) {
  if (pattern.empty()) return text.empty();
  if (pattern.front() != '*')
    return !text.empty() && pattern.front() == text.front() &&
           slow_glob(pattern.substr(1), text.substr(1));
  for (std::size_t taken = 0; taken <= text.size(); ++taken)
    if (slow_glob(pattern.substr(1), text.substr(taken))) return true;
  return false;
}

bool has(label_condition const& condition, std::string_view constants, std::string_view labels) {
  return kept_view({.path = "/v", .labels = {condition}}).has(constants, labels);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  std::string_view rest = text_of(data, size);
  std::string_view const pattern = take(rest, '\n');
  std::string_view const name = take(rest, '\n');
  bool const matches = matches_glob(pattern, name);
  if (pattern.size() <= 10 && name.size() <= 14)
    always(matches == slow_glob(pattern, name), "a glob matches as the slow one does");

  // What stands behind the name is the value, newlines and all; the label is found again.
  std::string labels;
  core::append_label(labels, "before", "\"a=\\,\n");
  labels += ',';
  core::append_label(labels, "fuzzed", rest);
  labels += ',';
  core::append_label(labels, "after", "x");
  always(has(label_condition::is("fuzzed", rest), {}, labels),
         "a label has the value it was given");
  always(!has(label_condition::is_not("fuzzed", rest), {}, labels), "is_not is the opposite of is");
  always(has(label_condition::is("after", "x"), {}, labels), "a value does not hide what follows");
  always(has(label_condition::is("fuzzed", rest), labels, "own=\"1\""), "constants are labels too");
  always(!has(label_condition::is("fuzzed", std::string(rest) + "x"), {}, labels),
         "no other value");
  always(has(label_condition::present("fuzzed"), {}, labels) == !rest.empty(), "empty is absent");

  // Any bytes at all in the place of labels are at least no way out of them.
  (void)has(label_condition::is("fuzzed", name), rest, pattern);
  return 0;
}
