// pushed_bundles.hpp: bundles made by hand, and a store whose families a scrape of the tests' table
// has.
//
//   pushed_store agents;
//   agents.push({.workspace = "w1"}, {gauge("jobs", {{"", 3}})});
//   EXPECT_TRUE(agents.shows("coderd_workspace_jobs{user_id=\"u1\",workspace_id=\"w1\"} 3"));

#pragma once

#include <sample.hpp>
#include <stele/testing.hpp>

#include <atomic>
#include <bit>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agents/store.hpp"
#include "core/family_source.hpp"

namespace pushed {

using stele::metric_type;
namespace pushing = stele::pushing;

inline std::uint64_t bits(double value) { return std::bit_cast<std::uint64_t>(value); }

struct series {
  std::string labels;  // rendered
  std::vector<std::uint64_t> values;
  std::int64_t created = 0;
  pushing::layout of{};

  series(std::string its_labels, double value, std::int64_t its_begin = 0)
      : labels(std::move(its_labels)), values{bits(value)}, created(its_begin) {}
  series(std::string its_labels, pushing::layout its_layout, std::vector<std::uint64_t> its_values)
      : labels(std::move(its_labels)), values(std::move(its_values)), of(std::move(its_layout)) {}
};

struct family {
  std::string name;
  metric_type type;
  std::vector<series> all;
  std::string help = "A metric.";
};

inline family gauge(std::string name, std::vector<series> all) {
  return {std::move(name), metric_type::gauge, std::move(all)};
}
inline family counter(std::string name, std::vector<series> all) {
  return {std::move(name), metric_type::counter, std::move(all)};
}
inline family histogram(std::string name, std::vector<series> all) {
  return {std::move(name), metric_type::histogram, std::move(all)};
}
inline family summary(std::string name, std::vector<series> all) {
  return {std::move(name), metric_type::summary, std::move(all)};
}
inline family untyped(std::string name, std::vector<series> all) {
  return {std::move(name), metric_type::unknown, std::move(all)};
}

/// Buckets that are not cumulative, +Inf's last.
inline series buckets(std::string labels, std::vector<double> bounds,
                      std::vector<std::uint64_t> counts, double sum) {
  counts.push_back(bits(sum));
  return {std::move(labels), {.bounds = std::move(bounds)}, std::move(counts)};
}
/// A histogram with native buckets at indexes from `first` on, and nothing else.
inline series native(std::string labels, int schema, std::int64_t first,
                     std::vector<std::uint64_t> counts, std::uint64_t zeros, double sum) {
  std::uint64_t all = zeros;
  for (std::uint64_t const each : counts) all += each;
  std::vector<std::uint64_t> values{all,
                                    bits(sum),
                                    static_cast<std::uint64_t>(schema),
                                    bits(0x1p-128),
                                    zeros,
                                    static_cast<std::uint64_t>(first),
                                    counts.size()};
  values.insert(values.end(), counts.begin(), counts.end());
  values.insert(values.end(), {0, 0});
  return {std::move(labels), {.native = true}, std::move(values)};
}
inline series quantiles(std::string labels, std::vector<double> of, std::vector<double> at,
                        double sum, std::uint64_t count) {
  std::vector<std::uint64_t> values;
  for (double const each : at) values.push_back(bits(each));
  values.push_back(bits(sum));
  values.push_back(count);
  return {std::move(labels), {.quantiles = std::move(of)}, std::move(values)};
}

inline std::uint32_t layout_at(pushing::shape& all, pushing::layout const& of) {
  for (std::size_t i = 0; i < all.layouts.size(); ++i)
    if (all.layouts[i] == of) return static_cast<std::uint32_t>(i);
  all.layouts.push_back(of);
  return static_cast<std::uint32_t>(all.layouts.size() - 1);
}

/// A bundle with a shape of its own.
inline pushing::bundle bundle_of(std::vector<family> const& families) {
  auto made = std::make_shared<pushing::shape>();
  made->layouts.emplace_back();
  pushing::bundle result;
  bool dated = false;
  for (family const& each : families) {
    pushing::shape_family& to = made->families.emplace_back();
    to.name = each.name;
    to.type = each.type;
    to.help = each.help;
    to.first_series = static_cast<std::uint32_t>(made->series.size());
    for (series const& one : each.all) {
      auto const begin = static_cast<std::uint32_t>(made->label_text.size());
      made->label_text += one.labels;
      made->series.push_back(
          {begin, static_cast<std::uint32_t>(made->label_text.size()), layout_at(*made, one.of)});
      result.values.insert(result.values.end(), one.values.begin(), one.values.end());
      result.created.push_back(one.created);
      dated = dated || one.created != 0;
    }
    to.end_series = static_cast<std::uint32_t>(made->series.size());
  }
  if (!dated) result.created.clear();
  result.of = std::move(made);
  return result;
}

/// The same shape with other values.
inline pushing::bundle again(pushing::bundle const& before, std::vector<family> const& families) {
  pushing::bundle made = bundle_of(families);
  made.of = before.of;
  return made;
}

struct pusher {
  std::string workspace = "w1";
  std::string user = "u1";
  std::string group = "job=agent";
  std::string labels{};
  pushing::replace how = pushing::replace::all;
  std::optional<pushing::epoch> agents_epoch{};
  pushing::epoch arrived = 1'000;
};

/// What the store takes for now.
inline std::atomic<pushing::store_time> now{1'000'000};

/// A store that scrapes of the sample table have. One at a time.
class pushed_store {
 public:
  explicit pushed_store(pushing::store_settings settings = {})
      : all_(with_clock(std::move(settings))) {
    EXPECT_TRUE(stele::core::add_family_source(link(), all_));
  }
  ~pushed_store() { stele::core::remove_family_source(link(), all_); }
  pushed_store(pushed_store const&) = delete;
  pushed_store& operator=(pushed_store const&) = delete;

  pushing::outcome push(pusher const& by, pushing::bundle what) {
    return all_.apply({by.user, by.workspace, by.group, by.labels, by.how, std::move(what),
                       by.agents_epoch, by.arrived},
                      now);
  }
  pushing::outcome push(pusher const& by, std::vector<family> const& what) {
    return push(by, bundle_of(what));
  }

  pushing::store* operator->() { return &all_; }

  static std::string text(stele::format which = stele::format::text) {
    return stele::testing::exposition<sample::table>(which);
  }
  /// Whether a scrape has these lines, and no others. Without a line of metadata, none counts.
  static stele::testing::comparison shows(std::string_view expected,
                                          stele::format which = stele::format::text) {
    return stele::testing::exposes<sample::table>(expected, {}, which);
  }

 private:
  static stele::core::table_link& link() { return stele::link_of<sample::table>; }
  static pushing::store_settings with_clock(pushing::store_settings settings) {
    settings.clock = []() noexcept -> pushing::store_time { return now; };
    return settings;
  }

  pushing::store all_;
};

}  // namespace pushed
