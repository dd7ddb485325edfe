#include "serve/encodings.hpp"

#include <algorithm>
#include <optional>

#include "expose/header_list.hpp"

namespace stele::serving {

using exposition::parameter;
using exposition::parse_weight;
using exposition::same_token;
using exposition::take_element;
using exposition::take_parameter;
using exposition::take_value;

namespace {

/// Its weight; nothing where that is none. Of a weight that stands twice, the last one counts.
std::optional<int> weight_of(std::string_view parameters) noexcept {
  std::optional<int> weight = 1000;
  while (!parameters.empty() && weight) {
    parameter const each = take_parameter(parameters);
    if (same_token(each.name, "q")) weight = parse_weight(each.value);
  }
  return weight;
}

/// A coding that stands twice: the higher weight, but a no is a no.
void note(int& present, int weight) noexcept {
  present = present == 0 ? 0 : weight == 0 ? 0 : std::max(present, weight);
}

}  // namespace

void encoding_choice::add(std::string_view accept_encoding) noexcept {
  while (!accept_encoding.empty()) {
    std::string_view element = take_element(accept_encoding);
    std::string_view const coding = take_value(element);
    auto const weight = weight_of(element);
    if (!weight) continue;
    // RFC 9110, 8.4.1.3: "A recipient SHOULD consider 'x-gzip' to be equivalent to 'gzip'."
    if (same_token(coding, "gzip") || same_token(coding, "x-gzip"))
      note(gzip_, *weight);
    else if (same_token(coding, "identity"))
      note(identity_, *weight);
    else if (coding == "*")
      note(any_, *weight);
  }
}

encoding encoding_choice::answer() const noexcept {
  if (gzip_ != unasked) {
    // Identity needs no mention to be taken, but a mention to be preferred.
    int const identity = identity_ != unasked ? identity_ : 0;
    return gzip_ > 0 && gzip_ >= identity ? encoding::gzip : encoding::identity;
  }
  return any_ > 0 && identity_ != unasked && any_ > identity_ ? encoding::gzip : encoding::identity;
}

}  // namespace stele::serving
