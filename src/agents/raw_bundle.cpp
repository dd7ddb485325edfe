#include "agents/raw_bundle.hpp"

#include <algorithm>
#include <cstring>
#include <memory>
#include <utility>

#include "agents/kept_memory.hpp"

namespace stele::pushing {

void raw_bundle::start(std::string_view body, bool is_text) noexcept {
  body_ = body;
  is_text_ = is_text;
  lines_.start(body);
  bounds_ = 0;
  pushing::forget(families);
  pushing::forget(samples);
  pushing::forget(labels);
  pushing::forget(native_values);
  // What it holds goes with the memory.
  std::destroy_at(&by_name_);
  memory_.release();
  std::construct_at(&by_name_, &memory_);
}

std::string_view raw_bundle::keep(std::string_view text) { return keep(text, {}); }

std::string_view raw_bundle::keep(std::string_view text, std::string_view suffix) {
  std::size_t const size = text.size() + suffix.size();
  auto* const to = static_cast<char*>(memory_.allocate(std::max(size, std::size_t{1}), 1));
  std::copy(suffix.begin(), suffix.end(), std::copy(text.begin(), text.end(), to));
  return {to, size};
}

std::uint32_t raw_bundle::add_family(std::string_view name, metric_type type) {
  auto const index = static_cast<std::uint32_t>(families.size());
  families.push_back({.name = name, .pushed_name = name, .type = type});
  by_name_.emplace(name, index);
  return index;
}

std::optional<std::uint32_t> raw_bundle::family_of(std::string_view pushed_name) const {
  auto const found = by_name_.find(pushed_name);
  if (found == by_name_.end()) return std::nullopt;
  return found->second;
}

void raw_bundle::refuse(raw_family& family, refusal_reason reason, std::string why) {
  if (!family.refused) family.refused = {std::string(family.name), reason, std::move(why)};
}

void raw_bundle::refuse(raw_family& family, refusal_reason reason, raw_sample const& where,
                        std::string_view why) {
  // All samples of a large body may be faulty, so nothing is made that is not kept.
  if (!family.refused) refuse(family, reason, line_of(where).append(why));
}

bool raw_bundle::add(raw_sample const& sample, push_limits const& limits) {
  // A series has at most a sum, a count, a start time and native buckets beside its bounds.
  constexpr std::size_t others_per_series = 4;
  std::size_t const series = limits.series_per_push_max;
  std::size_t const bounds_per_series = limits.buckets_per_histogram_max + 1;  // with +Inf
  samples.push_back(sample);
  if (sample.part == sample_part::bucket || sample.part == sample_part::quantile) ++bounds_;
  // Divided, and rounded up, because the product may be past what a size holds.
  auto const of_series = [](std::size_t count, std::size_t each) {
    return count / each + (count % each != 0 ? 1 : 0);
  };
  return of_series(samples.size() - bounds_, others_per_series) <= series &&
         of_series(bounds_, bounds_per_series) <= series;
}

std::string raw_bundle::line_of(raw_sample const& sample) {
  if (!is_text_) return {};
  return "line " + std::to_string(lines_.of(sample.number_begin)) + ": ";
}

body_fault raw_bundle::fault(raw_sample const& sample, body_fault::kind kind,
                             std::string what) const {
  if (is_text_) return fault_at(body_, sample.number_begin, std::move(what), kind);
  return {kind, 0, 0, std::move(what)};
}

}  // namespace stele::pushing
