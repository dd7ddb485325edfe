#include "core/sample_list.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <functional>
#include <limits>

#include "core/label_text.hpp"

namespace stele::core {

void sample_list::start(descriptor const& row, std::size_t series_max) noexcept {
  row_ = &row;
  series_max_ = series_max;
  text_.clear();
  ends_.clear();
  kinds_.clear();
  values_.clear();
  std::fill(slots_.begin(), slots_.end(), 0);
  refused_ = 0;
  why_ = "";
}

void sample_list::refuse(char const* why) noexcept {
  ++refused_;
  why_ = why;
}

// The number of samples is that of their kinds, to which one is added last. So a list is whole
// where a step throws, since the callback may catch that and go on.

/// Lets go of what an addition left that did not come to its end.
void sample_list::trim() {
  if (ends_.empty()) ends_.push_back(0);
  ends_.resize(size() + 1);
  text_.resize(ends_.back());
  values_.resize(size() * (row_->type == metric_type::histogram ? row_->bounds.size() + 2 : 1));
}

void sample_list::add_number(std::string_view const* labels, number value) {
  if (row_->type == metric_type::counter && !value.counts())
    return refuse("a counter's value must be finite and not negative");
  trim();
  values_.push_back(value.bits);
  add(labels, value.is);
}

void sample_list::add_histogram(std::string_view const* labels,
                                std::span<std::uint64_t const> buckets, double sum) {
  if (buckets.size() != row_->bounds.size() + 1)
    return refuse("a histogram must have a bucket for each bound of its row, and one more");
  if (!std::isfinite(sum) || (sum < 0 && !row_->has_negative_bound()))
    return refuse("a histogram's sum must be finite, and not negative without a negative bound");
  trim();
  values_.insert(values_.end(), buckets.begin(), buckets.end());
  values_.push_back(std::bit_cast<std::uint64_t>(sum));
  add(labels, number::kind::floating);
}

/// Makes a sample of the values at the end, or refuses them.
void sample_list::add(std::string_view const* labels, number::kind kind) {
  if (labels == nullptr) {  // the one series of a reading of one
    if (size() != 0) return;
    ends_.push_back(0);
    return kinds_.push_back(kind);
  }
  if (size() == series_max_) return refuse("a reading has more series than its row may have");
  if (!render(labels)) return refuse("a label's value must be in its closed set");
  if (text_.size() > std::numeric_limits<std::uint32_t>::max())
    return refuse("the labels of a reading have more than 4 GiB of text");
  if (2 * (size() + 1) > slots_.size()) grow_slots();
  std::size_t const slot = find_slot(std::string_view(text_).substr(ends_.back()));
  if (slots_[slot] != 0) return refuse("a series was added twice in one call");
  ends_.push_back(static_cast<std::uint32_t>(text_.size()));
  kinds_.push_back(kind);
  slots_[slot] = static_cast<std::uint32_t>(size());
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

std::string_view sample_list::labels_of(std::size_t which) const noexcept {
  return std::string_view(text_).substr(ends_[which], ends_[which + 1] - ends_[which]);
}

/// Where a series is in the hash table, or the free place for it. REQUIRES: there is a free one.
std::size_t sample_list::find_slot(std::string_view labels) const noexcept {
  std::size_t const mask = slots_.size() - 1;
  std::size_t slot = std::hash<std::string_view>()(labels) & mask;
  while (slots_[slot] != 0 && labels_of(slots_[slot] - 1) != labels) slot = (slot + 1) & mask;
  return slot;
}

void sample_list::grow_slots() {
  slots_.assign(std::max<std::size_t>(64, 2 * slots_.size()), 0);
  for (std::size_t i = 0; i < size(); ++i)
    slots_[find_slot(labels_of(i))] = static_cast<std::uint32_t>(i + 1);
}

void add_number(sample_list& to, std::string_view const* labels, number value) {
  to.add_number(labels, value);
}

void add_histogram(sample_list& to, std::string_view const* labels,
                   std::span<std::uint64_t const> buckets, double sum) {
  to.add_histogram(labels, buckets, sum);
}

}  // namespace stele::core
