// The numbers of each series, by its type, and what must hold of them.

#include <algorithm>
#include <limits>

#include "agents/bundle_rules.hpp"
#include "stele/naming.hpp"

namespace stele::pushing {

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr std::uint64_t not_a_number =
    std::bit_cast<std::uint64_t>(std::numeric_limits<double>::quiet_NaN());

}  // namespace

bool bundle_rules::collect(std::uint32_t series, series_parts& parts) {
  buckets_.clear();
  raw_family& family = from_->families[series_[series].family];
  for (auto at = first_sample_[series]; at < first_sample_[series + 1]; ++at) {
    std::uint32_t const index = samples_by_series_[at];
    if (parts.first == none) parts.first = index;
    std::uint32_t* place = nullptr;
    switch (sample(index).part) {
      case sample_part::bucket:
      case sample_part::quantile: buckets_.push_back(index); continue;
      case sample_part::value: place = &parts.value; break;
      case sample_part::sum: place = &parts.sum; break;
      case sample_part::count: place = &parts.count; break;
      case sample_part::created: place = &parts.created; break;
      case sample_part::native: place = &parts.native; break;
    }
    if (*place != none)
      return refuse(family, refusal_reason::duplicate, sample(index),
                    "expected each series once, saw {" + std::string(series_.labels(series)) +
                        "} again; labels that the group has, job and instance tell none apart");
    *place = index;
  }
  return true;
}

bool bundle_rules::add_series(raw_family& family, std::uint32_t series) {
  series_parts parts;
  if (!collect(series, parts)) return false;
  shape& all = result_.of;
  if (parts.value == none && parts.sum == none && parts.count == none && buckets_.empty()) {
    std::string const name = std::string(naming::without_total(family.name)) + "_created";
    if (all.refused.empty() || all.refused.back().family != name)
      all.refused.push_back({name, refusal_reason::suffix,
                             from_->line_of(sample(parts.first)) +
                                 "expected start times of series that are there, saw one of {" +
                                 std::string(series_.labels(series)) + "}, which " +
                                 std::string(family.name) + " does not have"});
    return true;
  }
  shape_series added{.label_begin = static_cast<std::uint32_t>(all.label_text.size())};
  std::string_view const labels = series_.labels(series);
  bool const is_added = family.type == metric_type::histogram ? add_histogram(family, parts)
                        : family.type == metric_type::summary ? add_summary(family, parts)
                                                              : add_scalar(family, parts);
  if (!is_added) return false;
  if (family.type == metric_type::histogram || family.type == metric_type::summary)
    added.layout = layout_index_;
  all.label_text += labels;
  added.label_end = static_cast<std::uint32_t>(all.label_text.size());
  all.series.push_back(added);
  add_created(family, parts);
  return true;
}

bool bundle_rules::add_scalar(raw_family& family, series_parts const& parts) {
  raw_sample const& only = sample(parts.value);
  double const value = only.number();
  number_use how = family.states ? number_use::state : number_use::any;
  if (family.type == metric_type::counter) {
    how = number_use::not_negative;
    if (!(value >= 0))
      return refuse(family, refusal_reason::value, only,
                    "expected a counter of 0 or more, saw less, or NaN");
  } else if (family.type == metric_type::info) {
    how = number_use::one;
    if (value != 1) return refuse(family, refusal_reason::value, only, "expected 1 of an info");
  }
  use(parts.value, how, result_.values.size());
  result_.values.push_back(only.bits);
  return true;
}

bool bundle_rules::add_histogram(raw_family& family, series_parts const& parts) {
  raw_sample const& first = sample(parts.first);
  auto const wrong = [&](raw_sample const& where, std::string_view why) {
    return refuse(family, refusal_reason::value, where, why);
  };
  if (buckets_.size() > limits_.buckets_per_histogram_max + 1) {
    fault_ = from_->fault(first, body_fault::kind::too_many,
                          "expected at most " + std::to_string(limits_.buckets_per_histogram_max) +
                              " buckets a histogram, saw more; push fewer");
    return false;
  }
  for (std::uint32_t const index : buckets_)
    if (!(sample(index).of > -infinity))
      return wrong(sample(index), "expected a bucket's bound above -Inf, saw -Inf or NaN");
  std::sort(buckets_.begin(), buckets_.end(),
            [this](std::uint32_t a, std::uint32_t b) { return sample(a).of < sample(b).of; });
  if (buckets_.empty() || sample(buckets_.back()).of != infinity)
    return wrong(first, "expected a bucket with le=\"+Inf\", saw none");
  layout wanted;
  std::size_t const first_value = result_.values.size();
  for (std::size_t i = 0; i < buckets_.size(); ++i) {
    raw_sample const& bucket = sample(buckets_[i]);
    if (!bucket.fits) return wrong(bucket, "expected an integer of 0 or more in a bucket");
    if (i != 0 && sample(buckets_[i - 1]).of == bucket.of)
      return wrong(bucket, "expected each bound once, saw one again");
    if (bucket.of != infinity) wanted.bounds.push_back(bucket.of);
    use(buckets_[i], number_use::count, result_.values.size());
    result_.values.push_back(bucket.bits);
  }
  std::uint64_t const total = result_.values.back();
  if (!make_not_cumulative(result_.values.data() + first_value, buckets_.size()))
    return wrong(first, "expected cumulative buckets, saw one that is less than the one below it");
  histogram_step step{.first_value = static_cast<std::uint32_t>(first_value),
                      .buckets = static_cast<std::uint32_t>(buckets_.size())};
  if (parts.count != none) {
    raw_sample const& count = sample(parts.count);
    if (!count.fits || count.bits != total)
      return wrong(count, "expected a count that is the +Inf bucket's, saw another");
    step.count = result_.checked_counts++;
    use(parts.count, number_use::checked, step.count);
  }
  if (parts.sum == none)
    step.missing_sum = static_cast<std::uint32_t>(result_.values.size());
  else
    use(parts.sum, number_use::any, result_.values.size());
  result_.values.push_back(parts.sum == none ? not_a_number : sample(parts.sum).bits);
  result_.histograms.push_back(step);
  if (parts.native != none) {
    std::size_t const at = sample(parts.native).bits;
    auto const begin = from_->native_values.begin() + static_cast<std::ptrdiff_t>(at) + 1;
    result_.values.insert(result_.values.end(), begin,
                          begin + static_cast<std::ptrdiff_t>(from_->native_values[at]));
    wanted.native = true;
  }
  layout_index_ = layout_of(std::move(wanted));
  return true;
}

bool bundle_rules::add_summary(raw_family& family, series_parts const& parts) {
  raw_sample const& first = sample(parts.first);
  if (buckets_.size() > limits_.buckets_per_histogram_max) {
    fault_ = from_->fault(first, body_fault::kind::too_many,
                          "expected at most " + std::to_string(limits_.buckets_per_histogram_max) +
                              " quantiles a summary, saw more; push fewer");
    return false;
  }
  if (parts.sum == none || parts.count == none)
    return refuse(family, refusal_reason::value, first,
                  "expected a summary's _sum and _count, saw one without");
  std::sort(buckets_.begin(), buckets_.end(),
            [this](std::uint32_t a, std::uint32_t b) { return sample(a).of < sample(b).of; });
  layout wanted;
  for (std::uint32_t const index : buckets_) {
    raw_sample const& quantile = sample(index);
    if (!(quantile.of >= 0 && quantile.of <= 1))
      return refuse(family, refusal_reason::value, quantile, "expected a quantile from 0 to 1");
    if (!wanted.quantiles.empty() && wanted.quantiles.back() == quantile.of)
      return refuse(family, refusal_reason::duplicate, quantile,
                    "expected each quantile once, saw one again");
    wanted.quantiles.push_back(quantile.of);
    use(index, number_use::any, result_.values.size());
    result_.values.push_back(quantile.bits);
  }
  if (!sample(parts.count).fits)
    return refuse(family, refusal_reason::value, sample(parts.count),
                  "expected an integer of 0 or more as a summary's count");
  use(parts.sum, number_use::any, result_.values.size());
  result_.values.push_back(sample(parts.sum).bits);
  use(parts.count, number_use::count, result_.values.size());
  result_.values.push_back(sample(parts.count).bits);
  layout_index_ = layout_of(std::move(wanted));
  return true;
}

void bundle_rules::add_created(raw_family& family, series_parts const& parts) {
  result_.created.push_back(0);
  if (parts.created == none) return;
  raw_sample const& created = sample(parts.created);
  if (!created.fits) {
    std::string const name = std::string(naming::without_total(family.name)) + "_created";
    if (result_.of.refused.empty() || result_.of.refused.back().family != name)
      result_.of.refused.push_back({name, refusal_reason::value,
                                    from_->line_of(created) +
                                        "expected seconds since 1970-01-01T00:00:00Z, more than 0 "
                                        "and before the year 10000"});
    return;
  }
  use(parts.created, number_use::created, result_.of.series.size() - 1);
  result_.created.back() = static_cast<std::int64_t>(created.bits);
  result_.dated_series = 1;  // there is one; apply() sets how many are stated then
}

std::uint32_t bundle_rules::layout_of(layout wanted) {
  // Beyond these a layout may stand there twice: they are no more than there are series.
  constexpr std::size_t searched_max = 64;
  std::vector<layout>& all = result_.of.layouts;
  for (std::size_t i = 1; i < std::min(all.size(), searched_max); ++i)
    if (all[i] == wanted) return static_cast<std::uint32_t>(i);
  if (all.size() > searched_max && all.back() == wanted)
    return static_cast<std::uint32_t>(all.size() - 1);
  all.push_back(std::move(wanted));
  return static_cast<std::uint32_t>(all.size() - 1);
}

}  // namespace stele::pushing
