#include "core/sample_list.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <functional>

#include "core/label_text.hpp"

namespace stele::core {

void sample_list::start(descriptor const& row, std::size_t series_max) noexcept {
  row_ = &row;
  series_max_ = series_max;
  text_.clear();
  samples_.clear();
  values_.clear();
  std::fill(slots_.begin(), slots_.end(), 0);
  refused_ = 0;
  why_ = "";
}

void sample_list::refuse(char const* why) noexcept {
  ++refused_;
  why_ = why;
}

// The order of the steps below leaves a list whole where one of them throws, since the callback may
// catch that and go on: the sample comes last.

void sample_list::add_number(std::string_view const* labels, number value) {
  if (row_->type == metric_type::counter && !value.counts())
    return refuse("a counter's value must be finite and not negative");
  std::size_t const first = values_.size();
  values_.push_back(value.bits);
  if (!add(labels, first, value.is)) values_.resize(first);
}

void sample_list::add_histogram(std::string_view const* labels,
                                std::span<std::uint64_t const> buckets, double sum) {
  if (buckets.size() != row_->bounds.size() + 1)
    return refuse("a histogram must have a bucket for each bound of its row, and one more");
  if (!std::isfinite(sum) || (sum < 0 && !row_->has_negative_bound()))
    return refuse("a histogram's sum must be finite, and not negative without a negative bound");
  std::size_t const first = values_.size();
  values_.insert(values_.end(), buckets.begin(), buckets.end());
  values_.push_back(std::bit_cast<std::uint64_t>(sum));
  if (!add(labels, first, number::kind::floating)) values_.resize(first);
}

/// Adds a sample with the values from `first_value` on. False where it is refused.
bool sample_list::add(std::string_view const* labels, std::size_t first_value, number::kind kind) {
  std::size_t const begin = text_.size();
  if (labels == nullptr) {  // the one series of a reading of one
    if (samples_.empty()) samples_.push_back({0, 0, first_value, kind});
    return true;
  }
  if (samples_.size() == series_max_) {
    refuse("a reading has more series than its row may have");
    return false;
  }
  if (!render(labels)) {
    text_.resize(begin);
    refuse("a label's value must be in its closed set");
    return false;
  }
  if (2 * (samples_.size() + 1) > slots_.size()) grow_slots();
  std::size_t const slot = find_slot(std::string_view(text_).substr(begin));
  if (slots_[slot] != 0) {
    text_.resize(begin);
    refuse("a series was added twice in one call");
    return false;
  }
  samples_.push_back({begin, text_.size(), first_value, kind});
  slots_[slot] = static_cast<std::uint32_t>(samples_.size());
  return true;
}

/// Appends labels as render_labels() does, to memory that is kept. False where one is refused.
bool sample_list::render(std::string_view const* labels) {
  for (std::size_t i = 0; i < row_->labels.size(); ++i) {
    if (row_->labels[i].closed() && labels[i].empty()) return false;
    valid_.clear();
    append_valid_utf8(valid_, labels[i]);
    if (i != 0) text_ += ',';
    append_label(text_, row_->labels[i].name, valid_);
  }
  return true;
}

std::string_view sample_list::labels_of(sample const& which) const noexcept {
  return std::string_view(text_).substr(which.labels_begin, which.labels_end - which.labels_begin);
}

/// Where a series is in the hash table, or the free place for it. REQUIRES: there is a free one.
std::size_t sample_list::find_slot(std::string_view labels) const noexcept {
  std::size_t const mask = slots_.size() - 1;
  std::size_t slot = std::hash<std::string_view>()(labels) & mask;
  while (slots_[slot] != 0 && labels_of(samples_[slots_[slot] - 1]) != labels)
    slot = (slot + 1) & mask;
  return slot;
}

void sample_list::grow_slots() {
  slots_.assign(std::max<std::size_t>(64, 2 * slots_.size()), 0);
  for (std::size_t i = 0; i < samples_.size(); ++i)
    slots_[find_slot(labels_of(samples_[i]))] = static_cast<std::uint32_t>(i + 1);
}

void add_number(sample_list& to, std::string_view const* labels, number value) {
  to.add_number(labels, value);
}

void add_histogram(sample_list& to, std::string_view const* labels,
                   std::span<std::uint64_t const> buckets, double sum) {
  to.add_histogram(labels, buckets, sum);
}

}  // namespace stele::core
