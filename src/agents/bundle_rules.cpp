#include "agents/bundle_rules.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <unordered_map>

#include "agents/kept_memory.hpp"
#include "agents/number_text.hpp"
#include "expose/label_pairs.hpp"
#include "stele/naming.hpp"

namespace stele::pushing {

namespace {

bool in_group(bundle_rules::group labels, std::string_view name) noexcept {
  return std::any_of(labels.begin(), labels.end(),
                     [name](auto const& label) { return label.first == name; });
}

/// Indexes 0 … keys.size(), stable, by key; `first[k]` is where those of key k begin.
void sort_by_key(std::span<std::uint32_t const> keys, std::size_t key_count,
                 std::vector<std::uint32_t>& first, std::vector<std::uint32_t>& sorted,
                 std::uint32_t none) {
  first.assign(key_count + 1, 0);
  for (std::uint32_t const key : keys)
    if (key != none) ++first[key + 1];
  for (std::size_t key = 0; key < key_count; ++key) first[key + 1] += first[key];
  sorted.resize(first[key_count]);
  for (std::uint32_t i = 0; i < keys.size(); ++i)
    if (keys[i] != none) sorted[first[keys[i]]++] = i;
  for (std::size_t key = key_count; key > 0; --key) first[key] = first[key - 1];
  first[0] = 0;
}

}  // namespace

std::variant<bundle_rules::made, body_fault> bundle_rules::apply(raw_bundle& from, group labels) {
  from_ = &from;
  fault_.reset();
  result_ = {};
  result_.of.layouts.emplace_back();
  result_.steps.assign(from.samples.size(), {});
  check_names();
  find_start_times();
  check_suffixes();
  if (!find_series(labels)) return std::move(*fault_);
  sort();
  result_.values.reserve(from.samples.size());
  for (std::uint32_t index = 0; index < from.families.size() && !fault_; ++index) add_family(index);
  if (fault_) return std::move(*fault_);
  if (result_.dated_series == 0)
    result_.created.clear();
  else
    result_.dated_series = static_cast<std::uint32_t>(result_.of.series.size());
  for (family_refusal const& each : result_.of.refused)
    if (each.reason == refusal_reason::value) result_.same_whatever_the_numbers = false;
  return std::move(result_);
}

void bundle_rules::forget() noexcept {
  result_ = {};
  series_.clear();
  pushing::forget(series_of_sample_);
  pushing::forget(samples_by_series_);
  pushing::forget(first_sample_);
  pushing::forget(series_by_family_);
  pushing::forget(first_series_);
  pushing::forget(sorted_);
  pushing::forget(buckets_);
  pushing::forget(text_);
  pushing::forget(dates_);
}

// ---- Names --------------------------------------------------------------------------------------

void bundle_rules::check_names() {
  for (raw_family& family : from_->families) {
    std::string_view const name = family.name;
    if (!naming::valid_metric_name(name))
      from_->refuse(family, refusal_reason::name,
                    "expected a name like [a-zA-Z_:][a-zA-Z0-9_:]*, saw " + quoted(name));
    else if (name.starts_with("__"))
      from_->refuse(family, refusal_reason::name,
                    "expected a name that does not begin with __, which belongs to Prometheus");
    else if (name.size() > limits_.label_name_bytes_max)
      from_->refuse(family, refusal_reason::name,
                    "expected a name of at most " + std::to_string(limits_.label_name_bytes_max) +
                        " bytes, saw " + std::to_string(name.size()));
  }
}

void bundle_rules::find_start_times() {
  constexpr std::string_view suffix = "_created";
  dates_.assign(from_->families.size(), std::nullopt);
  for (std::uint32_t index = 0; index < from_->families.size(); ++index) {
    raw_family const& family = from_->families[index];
    if (family.refused || family.type != metric_type::gauge || family.states ||
        !family.name.ends_with(suffix))
      continue;
    std::string base(family.name.substr(0, family.name.size() - suffix.size()));
    auto of = from_->family_of(base);
    if (of && !descriptor{.name = {}, .type = from_->families[*of].type}.has_begin()) of.reset();
    if (!of) {
      of = from_->family_of(base += "_total");
      if (of && from_->families[*of].type != metric_type::counter) of.reset();
    }
    if (of && !from_->families[*of].refused) dates_[index] = *of;
  }
}

void bundle_rules::check_suffixes() {
  std::array<std::byte, 8192> first_memory;
  std::pmr::monotonic_buffer_resource memory(first_memory.data(), first_memory.size());
  using name_map = std::pmr::unordered_map<std::string_view, std::uint32_t>;
  auto const is_shown = [this](std::uint32_t index) {
    raw_family const& family = from_->families[index];
    return !family.refused && family.samples != 0 && !dates_[index];
  };
  auto const clash = [this](std::uint32_t a, std::uint32_t b) {
    raw_family& later = from_->families[std::max(a, b)];
    from_->refuse(later, refusal_reason::suffix,
                  "expected names that do not clash through a suffix, saw it beside " +
                      std::string(from_->families[std::min(a, b)].name) + "; rename one of them");
  };
  auto const count = static_cast<std::uint32_t>(from_->families.size());
  name_map names(2 * count, &memory);
  for (std::uint32_t index = 0; index < count; ++index)
    if (is_shown(index)) names.emplace(from_->families[index].name, index);
  auto const row_of = [&](std::uint32_t index) {
    raw_family const& family = from_->families[index];
    descriptor row{.name = family.name, .type = family.type};
    row.openmetrics_unknown = naming::openmetrics_unknown(
        family.name, family.type,
        family.type == metric_type::counter && names.contains(naming::without_total(family.name)) &&
            naming::has_total(family.name));
    return row;
  };
  name_map families(2 * count, &memory);
  for (std::uint32_t index = 0; index < count; ++index) {
    if (!is_shown(index)) continue;
    auto const [at, is_new] = families.emplace(naming::family_name(row_of(index)), index);
    if (!is_new) clash(at->second, index);
  }
  std::string taken;
  for (std::uint32_t index = 0; index < count; ++index) {
    if (!is_shown(index)) continue;
    descriptor const row = row_of(index);
    for (std::string_view const suffix : naming::taken_suffixes(row)) {
      if (suffix.empty()) continue;
      taken.assign(naming::family_name(row)).append(suffix);
      if (auto const other = families.find(taken);
          other != families.end() && other->second != index && is_shown(other->second))
        clash(index, other->second);
    }
  }
}

// ---- Labels -------------------------------------------------------------------------------------

bool bundle_rules::refuse(raw_family& family, refusal_reason reason, raw_sample const& sample,
                          std::string_view why) {
  from_->refuse(family, reason, sample, why);
  return false;
}

bool bundle_rules::check_label(raw_family& family, raw_sample const& sample,
                               raw_label const& label) {
  if (label.name == "user_id" || label.name == "workspace_id")
    return refuse(family, refusal_reason::label, sample,
                  "expected " + std::string(label.name) +
                      " in the group alone, saw it among a series' labels; leave it out");
  if (label.name.starts_with("__"))
    return refuse(family, refusal_reason::label, sample,
                  "expected labels that do not begin with __, which belongs to Prometheus, saw " +
                      quoted(label.name));
  if (label.name.size() > limits_.label_name_bytes_max) {
    fault_ = from_->fault(sample, body_fault::kind::too_large,
                          "expected label names of at most " +
                              std::to_string(limits_.label_name_bytes_max) + " bytes, saw " +
                              std::to_string(label.name.size()));
    return false;
  }
  if (label.value.size() > limits_.label_value_bytes_max &&
      exposition::unescaped_size(label.value) > limits_.label_value_bytes_max) {
    fault_ = from_->fault(sample, body_fault::kind::too_large,
                          "expected label values of at most " +
                              std::to_string(limits_.label_value_bytes_max) + " bytes, saw " +
                              std::to_string(exposition::unescaped_size(label.value)));
    return false;
  }
  return true;
}

/// The labels of a sample, sorted and rendered, to text_.
bool bundle_rules::own_labels(raw_sample const& sample, group labels) {
  raw_family& family = from_->families[sample.family];
  sorted_.clear();
  for (std::uint32_t i = sample.first_label; i < sample.end_label; ++i) {
    raw_label const& label = from_->labels[i];
    if (in_group(labels, label.name) || label.name == "job" || label.name == "instance") continue;
    if (!check_label(family, sample, label)) return false;
    if (!label.value.empty()) sorted_.push_back(label);
  }
  auto const by_name = [](raw_label const& a, raw_label const& b) { return a.name < b.name; };
  if (!std::is_sorted(sorted_.begin(), sorted_.end(), by_name))
    std::sort(sorted_.begin(), sorted_.end(), by_name);
  text_.clear();
  for (raw_label const& label : sorted_) {
    if (!text_.empty()) text_ += ',';
    text_.append(label.name).append("=\"").append(label.value) += '"';
  }
  return true;
}

// ---- Series -------------------------------------------------------------------------------------

bool bundle_rules::find_series(group labels) {
  series_.clear();
  series_of_sample_.assign(from_->samples.size(), none);
  for (std::uint32_t i = 0; i < from_->samples.size(); ++i) {
    raw_sample& sample = from_->samples[i];
    if (auto const& of = dates_[sample.family]) {
      sample.family = *of;
      sample.part = sample_part::created;
      auto const time = milliseconds_of(sample.number());
      sample.fits = time.has_value();
      sample.bits = static_cast<std::uint64_t>(time.value_or(0));
    }
    if (from_->families[sample.family].refused) continue;
    if (!own_labels(sample, labels)) {
      if (fault_) return false;
      continue;
    }
    auto const [index, is_new] = series_.find_or_add(sample.family, text_);
    series_of_sample_[i] = index;
    if (is_new && series_.size() > limits_.series_per_push_max) {
      fault_ = from_->fault(sample, body_fault::kind::too_many,
                            "expected at most " + std::to_string(limits_.series_per_push_max) +
                                " series in a push, saw more; push fewer");
      return false;
    }
  }
  return true;
}

void bundle_rules::sort() {
  sort_by_key(series_of_sample_, series_.size(), first_sample_, samples_by_series_, none);
  std::vector<std::uint32_t>& family_of_series = buckets_;  // memory that is there
  family_of_series.clear();
  for (std::uint32_t index = 0; index < series_.size(); ++index)
    family_of_series.push_back(series_[index].family);
  sort_by_key(family_of_series, from_->families.size(), first_series_, series_by_family_, none);
}

void bundle_rules::add_family(std::uint32_t index) {
  raw_family& family = from_->families[index];
  if (family.samples == 0 || dates_[index]) return;
  shape& all = result_.of;
  auto const series_before = all.series.size();
  auto const text_before = all.label_text.size();
  auto const values_before = result_.values.size();
  auto const histograms_before = result_.histograms.size();
  for (auto i = first_series_[index]; i < first_series_[index + 1] && !family.refused; ++i)
    if (!add_series(family, series_by_family_[i]) && fault_) return;
  if (!family.refused) {
    if (all.series.size() == series_before) return;
    all.families.push_back({.name = std::string(family.name),
                            .type = family.type,
                            .help = std::string(family.help),
                            .unit = std::string(family.unit),
                            .first_series = static_cast<std::uint32_t>(series_before),
                            .end_series = static_cast<std::uint32_t>(all.series.size())});
    return;
  }
  all.refused.push_back(std::move(*family.refused));
  all.series.resize(series_before);
  all.label_text.resize(text_before);
  result_.values.resize(values_before);
  result_.created.resize(series_before);
  result_.histograms.resize(histograms_before);
  for (auto i = first_series_[index]; i < first_series_[index + 1]; ++i)
    for (auto at = first_sample_[series_by_family_[i]];
         at < first_sample_[series_by_family_[i] + 1]; ++at)
      result_.steps[samples_by_series_[at]] = {};
}

}  // namespace stele::pushing
