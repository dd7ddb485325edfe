#include "agents/joins.hpp"

#include <algorithm>
#include <bit>
#include <new>

#include "agents/join_values.hpp"

namespace stele::pushing {

std::uint32_t joins::target_of(pushed_layout& layout, std::string_view labels) {
  std::uint32_t found = series_page::hole;
  for_each_with(labels, [&](std::uint32_t at) {
    if (targets_[at].of == &layout) found = at;
  });
  if (found != series_page::hole) return found;
  layout.series.reserve(1, labels.size());
  if (free_.empty()) {
    core::reserve_one(targets_);
    free_.reserve(targets_.capacity());
    free_.push_back(static_cast<std::uint32_t>(targets_.size()));
    targets_.push_back({});
  }
  found = free_.back();
  by_labels_.emplace(labels, found);
  free_.pop_back();
  targets_[found] = {&layout, layout.series.add({0, found}, labels, 0), 0};
  return found;
}

void joins::drop(std::uint32_t at) noexcept {
  target_state& unused = targets_[at];
  std::string_view const labels = unused.place.page->labels()->texts()[unused.place.at];
  auto const [begin, end] = by_labels_.equal_range(labels);
  by_labels_.erase(std::find_if(begin, end, [&](auto const& each) { return each.second == at; }));
  unused.of->series.take_out(unused.place);
  unused = {};
  free_.push_back(at);
}

void joins::drop_unused() noexcept {
  for (std::uint32_t at = 0; at < targets_.size(); ++at)
    if (targets_[at].of != nullptr && targets_[at].sources == 0) drop(at);
}

void joins::end_source(pushed_layout& layout, cell const& source) noexcept {
  std::uint32_t const at = source.page->targets()[source.at];
  if (--targets_[at].sources == 0) return drop(at);
  keep(layout, source);
}

void joins::keep_if_reset(pushed_layout& layout, cell const& source,
                          std::span<std::uint64_t const> values) noexcept {
  if (restarted(type_, layout.plain_values(), source.page->values(source.at), values))
    keep(layout, source);
}

void joins::keep(pushed_layout& layout, cell const& source) noexcept {
  if (type_ == metric_type::summary ? function_ == join_function::last : !counts()) return;
  target_state& to = targets_[source.page->targets()[source.at]];
  std::uint64_t const* const from = source.page->values(source.at);
  if (layout.series.form().values != 0) {
    add_counts(type_, layout.plain_values(), from, to.place.page->values(to.place.at));
    return;
  }
  if (from == nullptr) return;
  try {
    add_native_series(layout.shown->shown(), from, to.place.page->values_list(to.place.at));
  } catch (std::bad_alloc const&) {
    // What this source had counted is then no longer in the sum.
  }
}

// ---- Reading ------------------------------------------------------------------------------------

namespace {

class join_pass {
 public:
  join_pass(joins& all, metric_type type, live_parts const& live, join_tools& tools) noexcept
      : all_(all),
        type_(type),
        function_(all.function().value_or(join_function::sum)),
        live_(live),
        tools_(tools) {}

  void start(std::size_t targets, std::size_t width, bool native) {
    width_ = width;
    tools_.states.assign(targets, {false, never});
    tools_.values.assign(targets * width, 0);
    if (!native) return;
    tools_.natives.resize(targets);
    tools_.zero_thresholds.assign(targets, 0);
    for (core::native_counts& each : tools_.natives) each.start(native_schema_max);
  }

  /// What ended sources had.
  void begin_targets(pushed_layout& layout) {
    for (owned_page const& page : layout.series.pages()) {
      for (std::uint32_t at = 0; at < page->size(); ++at) {
        if (page->parts()[at] == series_page::hole) continue;
        std::uint32_t const target = page->indexes()[at];
        std::uint64_t const* const values = page->values(at);
        if (values == nullptr) continue;
        std::copy_n(values, layout.plain_values(), sum(target));
        if (layout.shown->shown().native()) add_native(layout, target, values);
      }
    }
  }

  void add_sources(pushed_layout& layout) {
    for (owned_page const& page : layout.sources.pages()) {
      std::uint32_t const* const parts = page->parts();
      std::uint32_t const* const targets = page->targets();
      for (std::uint32_t at = 0; at < page->size(); ++at) {
        if (parts[at] == series_page::hole) continue;
        if (width_ == 1)
          add_scalar(targets[at], parts[at], load_value(page->values(at)));
        else
          add_several(layout, targets[at], parts[at], page->values(at));
      }
    }
  }

  void write(pushed_layout& layout, core::snapshot_data& out) const {
    for (owned_page const& page : layout.series.pages()) {
      bool is_kept = false;
      for_each_stretch(
          page->size(),
          [&](std::uint32_t at) {
            return page->parts()[at] != series_page::hole &&
                   tools_.states[page->indexes()[at]].live;
          },
          [&](std::uint32_t first, std::uint32_t end) {
            if (!is_kept) out.pages.push_back(page->labels().again());
            is_kept = true;
            out.runs.push_back({page->labels()->texts(first), nullptr, out.values.size(),
                                end - first, number::kind::floating, &layout.shown->shown()});
            for (; first < end; ++first) write_values(layout, page->indexes()[first], out);
          });
    }
  }

 private:
  [[nodiscard]] std::uint64_t* sum(std::uint32_t target) const noexcept {
    return tools_.values.data() + target * width_;
  }

  /// Whether there is a sum that may not fall.
  [[nodiscard]] bool adds_up() const noexcept {
    return all_.counts() || (type_ == metric_type::summary && function_ != join_function::last);
  }

  void add_scalar(std::uint32_t target, std::uint32_t part, std::uint64_t bits) noexcept {
    bool const is_live = live_.has(part);
    join_tools::state& state = tools_.states[target];
    std::uint64_t& to = *sum(target);
    if (all_.counts())
      add_double(to, bits);
    else if (is_live && (!state.live || !is_nan(bits)))
      join_number(function_, is_newest(state, part, is_nan(to)), !state.live, bits, to);
    state.live = state.live || is_live;
  }

  /// Whether no value that counts was pushed later.
  bool is_newest(join_tools::state& state, std::uint32_t part, bool is_first) const noexcept {
    std::int64_t const last = live_.last_update(part);
    bool const newest = is_first || last >= state.last_update;
    if (newest) state.last_update = last;
    return newest;
  }

  void add_several(pushed_layout& layout, std::uint32_t target, std::uint32_t part,
                   std::uint64_t const* values) {
    if (values == nullptr) return;
    bool const is_live = live_.has(part);
    join_tools::state& state = tools_.states[target];
    std::size_t const plain = layout.plain_values();
    if (type_ == metric_type::histogram) {
      if (add_counts(type_, plain, values, sum(target)) && layout.shown->shown().native())
        add_native(layout, target, values);
    } else {
      add_summary(state, part, is_live, plain, values, sum(target));
    }
    state.live = state.live || is_live;
  }

  void add_summary(join_tools::state& state, std::uint32_t part, bool is_live, std::size_t plain,
                   std::uint64_t const* values, std::uint64_t* to) const noexcept {
    bool const newest = is_live && is_newest(state, part, !state.live);
    if (function_ == join_function::last) {
      if (newest) std::copy_n(values, plain, to);
      return;
    }
    add_counts(type_, plain, values, to);
    for (std::size_t i = 0; is_live && i + 2 < plain; ++i)
      join_number(function_, newest, !state.live, values[i], to[i]);
  }

  void add_native(pushed_layout& layout, std::uint32_t target, std::uint64_t const* values) {
    join_native(core::native_of(layout.shown->shown(), values), tools_.natives[target],
                tools_.zero_thresholds[target]);
  }

  void write_values(pushed_layout& layout, std::uint32_t target, core::snapshot_data& out) const {
    std::uint64_t* const values = sum(target);
    if (adds_up()) {
      std::uint64_t& total =
          values[layout.plain_values() - (type_ == metric_type::summary ? 2 : 1)];
      total = std::bit_cast<std::uint64_t>(all_.shown_sum(target, std::bit_cast<double>(total)));
    }
    out.values.insert(out.values.end(), values, values + layout.plain_values());
    if (layout.shown->shown().native())
      append_native(tools_.natives[target], tools_.zero_thresholds[target], out.values);
  }

  joins& all_;
  metric_type const type_;
  join_function const function_;
  live_parts const& live_;
  join_tools& tools_;
  std::size_t width_ = 1;
};

}  // namespace

double joins::shown_sum(std::uint32_t target, double sum) noexcept {
  constexpr double rounding = 1e-9;  // of a million addends, and some
  double& shown = targets_[target].shown;
  if (sum >= shown || shown - sum > shown * rounding) shown = sum;
  return shown;
}

void joins::read(list<owned<pushed_layout>> const& layouts, live_parts const& live,
                 join_tools& tools, core::snapshot_data& out) {
  std::size_t width = 1;
  bool native = false;
  for (auto const& each : layouts) {
    width = std::max(width, each->plain_values());
    native = native || each->shown->shown().native();
  }
  join_pass pass(*this, type_, live, tools);
  pass.start(targets_.size(), width, native);
  for (auto const& each : layouts) pass.begin_targets(*each);
  for (auto const& each : layouts) pass.add_sources(*each);
  for (auto const& each : layouts) pass.write(*each, out);
}

}  // namespace stele::pushing
