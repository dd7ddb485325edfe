// push.hpp: what must hold of whatever is read of a pushed body, for the targets push_*.
//
//   check_body(text, body_type::text);
//
// Threads: one.

#pragma once

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "../agents_bundle_text.hpp"
#include "agents/body_reader.hpp"
#include "agents/body_text.hpp"
#include "agents/shape_cache.hpp"
#include "agents/text_plan.hpp"
#include "expose/label_pairs.hpp"
#include "fuzz.hpp"
#include "stele/naming.hpp"

namespace stele::fuzz {

using namespace stele::pushing;

inline push_limits const small_limits{.body_bytes_max = 1 << 16,
                                      .series_per_push_max = 200,
                                      .families_per_push_max = 50,
                                      .labels_per_series_max = 6,
                                      .label_name_bytes_max = 20,
                                      .label_value_bytes_max = 40,
                                      .help_bytes_max = 60,
                                      .buckets_per_histogram_max = 12};
inline std::vector<std::pair<std::string, std::string>> const group{
    {"job", "agent"}, {"user_id", "u"}, {"zone", "z"}};

/// Rendered labels are sorted, valid, within the limits, and not the group's.
inline void check_labels(std::string_view rendered, metric_type type) {
  std::string again;
  std::string before;
  exposition::label_pairs rest(rendered);
  for (exposition::label_pair each; rest.next(each);) {
    std::string const name(each.name);
    always(naming::valid_label_name(name), "label names are valid");
    always(before < name, "labels are sorted, and none stands there twice");
    always(name != "job" && name != "instance" && name != "user_id" && name != "workspace_id" &&
               name != "zone",
           "labels of the group are left out");
    always(!naming::reserved_label(name, type), "le and quantile are no labels of their types");
    always(!each.value.empty(), "empty labels are left out");
    std::string plain(exposition::unescaped_size(each.value), '\0');
    exposition::unescape(plain.data(), each.value);
    always(plain.size() <= small_limits.label_value_bytes_max, "a value is within the limit");
    always(may_be_exposed(plain), "a value is UTF-8 without NUL");
    if (!again.empty()) again += ',';
    again += name + "=\"";
    for (char const c : plain) {
      if (c == '\\' || c == '"' || c == '\n') again += '\\';
      again += c == '\n' ? 'n' : c;
    }
    again += '"';
    before = name;
  }
  always(again == rendered, "labels are rendered in the one way that there is");
}

inline void check_series(metric_type type, descriptor const& row, std::uint64_t const* values) {
  if (type == metric_type::counter)
    always(std::bit_cast<double>(*values) >= 0, "a counter is neither negative nor NaN");
  if (type != metric_type::histogram || !row.native()) return;
  core::native_values const native = core::native_of(row, values);
  always(native.schema >= native_schema_min && native.schema <= native_schema_max,
         "a schema is one that there is");
  std::uint64_t count = native.zero_count;
  for (auto const* sign : {&native.positive, &native.negative}) {
    always(sign->counts.size() <= 160, "a sign has at most 160 positions");
    always(sign->counts.empty() || (sign->counts.front() != 0 && sign->counts.back() != 0),
           "the first and the last count are not 0");
    for (std::uint64_t const each : sign->counts) count += each;
  }
  std::uint64_t classic = 0;
  for (std::size_t i = 0; i <= row.bounds.size(); ++i) classic += values[i];
  double const sum = std::bit_cast<double>(values[row.bounds.size() + 1]);
  always(std::isnan(sum) ? count <= classic : count == classic,
         "native and classic buckets have one count");
}

inline void check_bundle(bundle const& read) {
  shape const& all = *read.of;
  std::uint64_t const* values = read.values.data();
  std::uint64_t const* const end = values + read.values.size();
  std::set<std::string_view> names;
  std::uint32_t next = 0;
  for (shape_family const& family : all.families) {
    always(naming::valid_metric_name(family.name) && !family.name.starts_with("__"),
           "families have names");
    always(names.insert(family.name).second, "no family stands there twice");
    always(may_be_exposed(family.help), "a help text is UTF-8 without NUL");
    always(family.first_series == next && family.end_series > next, "families are in order");
    next = family.end_series;
    std::set<std::string_view> series;
    for (shape_series const& each : all.series_of(family)) {
      std::string_view const labels = all.labels(each);
      always(series.insert(labels).second, "no series stands there twice");
      check_labels(labels, family.type);
      layout const& of = all.layouts[each.layout];
      always(std::is_sorted(of.bounds.begin(), of.bounds.end()) &&
                 std::is_sorted(of.quantiles.begin(), of.quantiles.end()),
             "bounds and quantiles ascend");
      descriptor const row = row_of(family.type, of);
      always(values < end, "each series has its numbers");
      check_series(family.type, row, values);
      values += core::value_count(row, values);
    }
  }
  always(values == end, "there are the numbers of all series, and no others");
  always(next == all.series.size(), "each series has a family");
  always(read.created.empty() || read.created.size() == all.series.size(),
         "all series say when they began, or none");
  for (std::size_t a = 0; a < all.families.size(); ++a)
    for (std::size_t b = 0; b < a; ++b) {
      auto const row = [&](std::size_t i) {
        descriptor of{.name = all.families[i].name, .type = all.families[i].type};
        of.openmetrics_unknown = naming::openmetrics_unknown(
            of.name, of.type,
            naming::has_total(of.name) && names.contains(naming::without_total(of.name)));
        return of;
      };
      always(!naming::clash(row(a), row(b)), "no two families clash");
    }
}

inline std::string result_text(std::variant<bundle, body_fault> const& result) {
  if (auto const* fault = std::get_if<body_fault>(&result)) return fault->text();
  return bundle_text(std::get<bundle>(result));
}

/// A body in which some digits are others: of numbers, and of all else.
inline std::string with_other_digits(std::string_view body) {
  std::string other(body);
  for (std::size_t i = 0; i < other.size(); ++i)
    if (other[i] >= '1' && other[i] <= '8' && i % 3 == 0) ++other[i];
  return other;
}

/// A body is read the same way again, and by its plan; so is another one by the same plan.
inline void check_body(std::string_view body, body_type type) {
  auto const shapes = std::make_shared<shape_cache>();
  body_reader reads(small_limits, shapes);
  body_description const about{.type = type, .gzip = false, .group_labels = group};
  auto const first = reads.read(body, about, nullptr);
  if (auto const* fault = std::get_if<body_fault>(&first)) {
    always(fault->what.starts_with("expected ") && fault->what.find('\n') == std::string::npos,
           "a fault is one line that says what was expected");
    always(may_be_exposed(fault->what), "a fault is text");
    always((type == body_type::protobuf || body.size() > small_limits.body_bytes_max) ==
               (fault->line == 0),
           "a fault of text has a place");
    return;
  }
  bundle const& read = std::get<bundle>(first);
  check_bundle(read);
  for (family_refusal const& each : read.of->refused)
    always(each.why.find("expected ") != std::string::npos && each.why.find('\n') == each.why.npos,
           "a refusal is one line that says what was expected");
  auto const again = reads.read(body, about, read.of);
  always(std::get<bundle>(again).of == read.of, "an equal shape is the same one");
  always(result_text(again) == result_text(first),
         "what is read by a plan is what is read without");
  if (type == body_type::protobuf) return;
  std::string const other = with_other_digits(body);
  auto const planned = reads.read(other, about, read.of);
  auto const slowly = body_reader(small_limits, shapes).read(other, about, nullptr);
  always(result_text(planned) == result_text(slowly),
         "other numbers that are read by a plan are what is read without");
  if (auto const* bundled = std::get_if<bundle>(&slowly)) {
    check_bundle(*bundled);
    always(std::get<bundle>(planned).of == bundled->of, "a plan gives the shape that there is");
  }
}

}  // namespace stele::fuzz
