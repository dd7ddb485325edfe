// Accept fields, one a line: the answer is always a type that there is, and never one that is
// refused.

#include "expose/negotiate.hpp"

#include <array>
#include <string>
#include <string_view>

#include "fuzz.hpp"

using namespace stele;
using namespace stele::fuzz;
using exposition::negotiation;

namespace {

struct type {
  format which;
  std::string_view media;
  std::string_view content_type;
  char const* refused;  // a range that names it, with q=0
};

constexpr std::array<type, 5> types{{
    {format::text, "text/plain", "text/plain; version=0.0.4; charset=utf-8",
     "text/plain;version=0.0.4;q=0"},
    {format::text, "text/plain", "text/plain; version=1.0.0; charset=utf-8",
     "text/plain;version=1.0.0;q=0"},
    {format::openmetrics, "application/openmetrics-text",
     "application/openmetrics-text; version=1.0.0; charset=utf-8",
     "application/openmetrics-text;version=1.0.0;q=0"},
    {format::openmetrics, "application/openmetrics-text",
     "application/openmetrics-text; version=0.0.1; charset=utf-8",
     "application/openmetrics-text;version=0.0.1;q=0"},
    {format::protobuf, "application/vnd.google.protobuf",
     "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited",
     "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;"
     "q=0"},
}};

/// Which of the types an answer is.
std::size_t type_of(negotiated const& answer) {
  for (std::size_t i = 0; i < types.size(); ++i) {
    if (!answer.content_type.starts_with(types[i].content_type)) continue;
    std::string_view const rest = answer.content_type.substr(types[i].content_type.size());
    always(rest.empty() || rest == "; escaping=allow-utf-8" || rest == "; escaping=underscores" ||
               rest == "; escaping=dots" || rest == "; escaping=values",
           "a content type ends behind its parameters, or with an escaping");
    always(answer.which == types[i].which, "the content type is that of the format");
    return i;
  }
  always(false, "the content type is one that there is");
  return 0;
}

negotiation of_lines(std::string_view text) {
  negotiation asked;
  while (!text.empty()) asked.add(take(text, '\n'));
  return asked;
}

bool same(negotiation const& a, negotiation const& b) {
  return a.answer().content_type == b.answer().content_type && a.wants_page() == b.wants_page();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  std::string_view const text = text_of(data, size);
  negotiation const asked = of_lines(text);
  std::size_t const answered = type_of(asked.answer());

  always(answered == 0 || answered == 2 || mentions(text, types[answered].media),
         "wildcards mean text 0.0.4 and OpenMetrics 1.0.0 only");
  always(!asked.wants_page() || mentions(text, "text/html"), "a page has to be asked for by name");
  always(asked.answer().content_type.find("escaping") == std::string_view::npos ||
             mentions(text, "escaping"),
         "an escaping has to be asked for");
  if (text.find('\n') == text.npos)
    always(negotiate(text).content_type == asked.answer().content_type,
           "what a service's own server is told is what the endpoint does");

  for (std::size_t i = 0; i < types.size(); ++i) {
    negotiation refusing = asked;
    refusing.add(types[i].refused);
    std::size_t const got = type_of(refusing.answer());
    always(got != i || i == 0, "what has a q of 0 is never answered");
    always(answered == i || got == answered, "who refuses another type gets the same answer");
  }
  negotiation unpaged = asked;
  unpaged.add("text/html;q=0");
  always(!unpaged.wants_page(), "a page with a q of 0 is never answered");
  negotiation more = asked;
  more.add("image/png, a/b;q=0.5, ;, c/d;q=7");
  always(same(more, asked), "ranges of other types change nothing");

  // Fields and elements of one field are the same, where no quoted string joins lines.
  if (text.find('"') == text.npos) {
    std::string joined(text);
    std::replace(joined.begin(), joined.end(), '\n', ',');
    negotiation one;
    one.add(joined);
    always(same(one, asked), "several fields are one list");
  }
  return 0;
}
