#include "expose/negotiate.hpp"

#include <optional>
#include <span>

#include "expose/header_list.hpp"

namespace stele::exposition {

namespace {

// How closely a range names a type.
constexpr int by_any = 0;      // */*
constexpr int by_main = 1;     // text/*
constexpr int by_type = 2;     // text/plain, which is its default version
constexpr int by_version = 3;  // text/plain;version=0.0.4

#define STELE_CONTENT_TYPES(base)                                                              \
  {base, base "; escaping=allow-utf-8", base "; escaping=underscores", base "; escaping=dots", \
   base "; escaping=values"}

/// What can be answered, in the order in which a wildcard means it.
struct answer_type {
  format which;
  std::string_view main;
  std::string_view media;
  std::string_view version;
  bool is_default;                    // of its media type, and what wildcards mean
  std::string_view content_types[5];  // by escaping
};

constexpr answer_type answer_types[]{
    {format::text, "text/*", "text/plain", "0.0.4", true,
     STELE_CONTENT_TYPES("text/plain; version=0.0.4; charset=utf-8")},
    {format::openmetrics, "application/*", "application/openmetrics-text", "1.0.0", true,
     STELE_CONTENT_TYPES("application/openmetrics-text; version=1.0.0; charset=utf-8")},
    // Text 1.0.0 is 0.0.4 with quoted names, which are for names outside the legacy set.
    {format::text, "text/*", "text/plain", "1.0.0", false,
     STELE_CONTENT_TYPES("text/plain; version=1.0.0; charset=utf-8")},
    {format::openmetrics, "application/*", "application/openmetrics-text", "0.0.1", false,
     STELE_CONTENT_TYPES("application/openmetrics-text; version=0.0.1; charset=utf-8")},
    {format::protobuf, "application/*", "application/vnd.google.protobuf", "", false,
     STELE_CONTENT_TYPES("application/vnd.google.protobuf; "
                         "proto=io.prometheus.client.MetricFamily; encoding=delimited")},
};

#undef STELE_CONTENT_TYPES

constexpr std::size_t text = 0;                        // what is answered where nothing fits
constexpr std::size_t page = std::size(answer_types);  // text/html, which is no exposition

/// One element of an Accept field.
struct range {
  std::string_view media;
  parameter version{};
  bool is_delimited_family = false;  // proto= and encoding= are those of the protobuf format
  escaping names = escaping::unasked;
  int weight = 1000;
};

escaping to_escaping(parameter const& asked) noexcept {
  if (asked.is("allow-utf-8")) return escaping::allow_utf_8;
  if (asked.is("dots")) return escaping::dots;
  if (asked.is("values")) return escaping::values;
  return escaping::underscores;  // unknown ones too
}

/// Nothing where its weight is none. Of a parameter that stands twice, the last one counts.
std::optional<range> parse_range(std::string_view element) noexcept {
  range result;
  result.media = take_value(element);
  bool is_family = false;
  bool is_delimited = false;
  while (!element.empty()) {
    parameter const each = take_parameter(element);
    if (same_token(each.name, "version")) {
      result.version = each;
    } else if (same_token(each.name, "q")) {
      auto const weight = parse_weight(each.value);
      if (!weight) return std::nullopt;
      result.weight = *weight;
    } else if (same_token(each.name, "escaping")) {
      result.names = to_escaping(each);
    } else if (same_token(each.name, "proto")) {
      is_family = each.is("io.prometheus.client.MetricFamily");
    } else if (same_token(each.name, "encoding")) {
      is_delimited = each.is("delimited");
    }
  }
  result.is_delimited_family = is_family && is_delimited;
  return result;
}

/// How closely a range names a type; nothing where it does not.
std::optional<int> specificity(range const& asked, answer_type const& type) noexcept {
  if (same_token(asked.media, type.media)) {
    if (type.which == format::protobuf)
      return asked.is_delimited_family ? std::optional(by_version) : std::nullopt;
    if (asked.version.name.empty()) return type.is_default ? std::optional(by_type) : std::nullopt;
    return asked.version.is(type.version) ? std::optional(by_version) : std::nullopt;
  }
  if (!type.is_default) return std::nullopt;
  if (same_token(asked.media, type.main)) return by_main;
  return asked.media == "*/*" ? std::optional(by_any) : std::nullopt;
}

}  // namespace

void negotiation::add(std::string_view accept) noexcept {
  static_assert(type_count == page + 1);
  while (!accept.empty()) add_range(take_element(accept));
}

void negotiation::add_range(std::string_view element) noexcept {
  auto const range = parse_range(element);
  if (!range) return;
  std::uint32_t const order = ranges_++;
  for (std::size_t i = 0; i < type_count; ++i) {
    auto const closeness = i != page ? specificity(*range, answer_types[i])
                           : same_token(range->media, "text/html") ? std::optional(by_type)
                                                                   : std::nullopt;
    asked& present = asked_[i];
    if (!closeness || *closeness < present.specificity) continue;
    bool const is_closer = *closeness > present.specificity;
    bool const is_no = range->weight == 0 || (!is_closer && present.weight == 0);
    if (is_closer || is_no || range->weight > present.weight)
      present = {*closeness, is_no ? 0 : range->weight, order, range->names};
  }
}

/// REQUIRES: both have a weight.
bool negotiation::is_better(std::size_t type, std::size_t than) const noexcept {
  asked const& a = asked_[type];
  asked const& b = asked_[than];
  if (a.weight != b.weight) return a.weight > b.weight;
  bool const is_named = a.specificity >= by_type;
  if (is_named != (b.specificity >= by_type)) return is_named;
  if (!is_named || a.order == b.order) return type < than;
  return type != page && (than == page || a.order < b.order);
}

/// The best exposition, or `page` where none fits.
std::size_t negotiation::best() const noexcept {
  std::size_t found = page;
  for (std::size_t i = 0; i < page; ++i)
    if (asked_[i].weight != 0 && (found == page || is_better(i, found))) found = i;
  return found;
}

negotiated negotiation::answer() const noexcept {
  std::size_t const found = best();
  std::size_t const type = found != page ? found : text;
  escaping const names = found != page ? asked_[type].names : escaping::unasked;
  answer_type const& answered = answer_types[type];
  return {answered.which, answered.content_types[static_cast<std::size_t>(names)]};
}

bool negotiation::wants_page() const noexcept {
  if (asked_[page].weight == 0) return false;
  std::size_t const found = best();
  return found == page || is_better(page, found);
}

}  // namespace stele::exposition

namespace stele {

negotiated negotiate(std::string_view accept) noexcept {
  exposition::negotiation asked;
  asked.add(accept);
  return asked.answer();
}

}  // namespace stele
