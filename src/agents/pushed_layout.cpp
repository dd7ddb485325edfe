#include "agents/pushed_layout.hpp"

#include <algorithm>
#include <bit>
#include <limits>
#include <utility>

#include "core/snapshot_data.hpp"
#include "stele/naming.hpp"

namespace stele::pushing {

family_about::family_about(std::string_view name, metric_type type, std::string_view help)
    : name_(name), help_(help) {
  for (descriptor& each : shown_) {
    each.name = name_;
    each.type = type;
    each.help = help_;
    each.unit = unit::other;  // values are doubles
    each.openmetrics_unknown = naming::openmetrics_unknown(name_, type, &each != shown_.data());
  }
}

layout_about::layout_about(std::shared_ptr<family_about const> family, layout const& of,
                           std::string_view label_names)
    : family_(std::move(family)),
      label_names_(label_names),
      bounds_(of.bounds.begin(), of.bounds.end()),
      quantiles_(of.quantiles.begin(), of.quantiles.end()),
      shown_(family_->shown()) {
  labels_.reserve(
      static_cast<std::size_t>(std::count(label_names_.begin(), label_names_.end(), ',')));
  for (std::string_view rest = label_names_; !rest.empty();) {
    rest.remove_prefix(1);
    std::size_t const end = std::min(rest.find(','), rest.size());
    labels_.push_back({.name = rest.substr(0, end)});
    rest.remove_prefix(end);
  }
  shown_.labels = labels_;
  shown_.bounds = bounds_;
  shown_.quantiles = quantiles_;
  if (of.native) shown_.native_schema = 0;
}

bool layout_about::has_numbers_of(layout const& of) const noexcept {
  return std::ranges::equal(bounds_, of.bounds) && std::ranges::equal(quantiles_, of.quantiles) &&
         shown_.native() == of.native;
}

std::size_t hash_of(layout const& of, std::string_view label_names, bool dated) noexcept {
  std::size_t hash = std::hash<std::string_view>()(label_names);
  auto const add = [&hash](std::size_t value) {
    hash = (std::rotl(hash, 5) ^ value) * 0x9e3779b97f4a7c15U;
  };
  for (double const bound : of.bounds) add(std::bit_cast<std::uint64_t>(bound));
  for (double const quantile : of.quantiles) add(std::bit_cast<std::uint64_t>(quantile));
  add(of.native ? 1 : 0);
  add(dated ? 1 : 0);
  return hash;
}

bool layout_about::is(layout const& of, std::string_view label_names) const noexcept {
  return label_names_ == label_names && has_numbers_of(of);
}

std::size_t values_of(metric_type type, layout const& of, std::uint64_t const* values) noexcept {
  if (type == metric_type::summary) return of.quantiles.size() + 2;
  if (type != metric_type::histogram) return 1;
  if (!of.native) return of.bounds.size() + 2;
  descriptor const about{.name = {}, .type = type, .bounds = of.bounds, .native_schema = 0};
  return core::value_count(about, values);
}

std::uint64_t without_payload(std::uint64_t bits) noexcept {
  double const value = std::bit_cast<double>(bits);
  return value == value ? bits
                        : std::bit_cast<std::uint64_t>(std::numeric_limits<double>::quiet_NaN());
}

void copy_values(metric_type type, layout const& of, std::span<std::uint64_t const> from,
                 std::uint64_t* to) noexcept {
  std::copy(from.begin(), from.end(), to);
  if (type == metric_type::summary) {
    std::transform(to, to + of.quantiles.size() + 1, to, without_payload);
  } else {
    std::uint64_t& number = type == metric_type::histogram ? to[of.bounds.size() + 1] : *to;
    number = without_payload(number);
  }
}

namespace {

std::uint32_t values_each(layout const& of, metric_type type) noexcept {
  if (of.native) return 0;
  return static_cast<std::uint32_t>(values_of(type, of, nullptr));
}

}  // namespace

pushed_layout::pushed_layout(std::shared_ptr<family_about const> family, layout const& of,
                             std::string_view label_names, bool is_dated, bool joins)
    : shown(make_kept<layout_about const>(family, of, label_names)),
      hash(hash_of(of, label_names, is_dated)),
      dated(is_dated),
      series({.of = this,
              .values = values_each(of, family->shown().type),
              .labelled = true,
              .dated = is_dated && !joins}),
      sources({.of = this, .values = values_each(of, family->shown().type), .labelled = false}) {}

std::size_t pushed_layout::plain_values() const noexcept {
  descriptor const& about = shown->shown();
  if (about.type == metric_type::histogram) return about.bounds.size() + 2;
  return about.type == metric_type::summary ? about.quantiles.size() + 2 : 1;
}

}  // namespace stele::pushing
