// binding_plan.cpp: what of a bundle may be taken.

#include <algorithm>
#include <string>
#include <utility>

#include "agents/binding.hpp"
#include "stele/naming.hpp"

namespace stele::pushing {

namespace {

std::string quoted(std::string_view name) { return std::string("'").append(name) + "'"; }

std::string_view type_name(metric_type type) noexcept {
  switch (type) {
    case metric_type::counter: return "counter";
    case metric_type::gauge: return "gauge";
    case metric_type::histogram: return "histogram";
    case metric_type::summary: return "summary";
    case metric_type::info: return "info";
    case metric_type::stateset: return "stateset";
    case metric_type::unknown: break;
  }
  return "untyped";
}

bool is_taken(metric_type type) noexcept {
  return type != metric_type::info && type != metric_type::stateset;
}

/// The table's row that a family cannot stand beside, or null.
descriptor const* reserved_against(store_settings const& settings, descriptor const& about) {
  auto const& rows = settings.reserved;
  std::string_view const stem = naming::without_total(about.name);
  // A row cannot become `unknown` beside a pushed family, as a pushed counter can beside a row.
  auto const is_against = [&](descriptor const* row) {
    return row->name == about.name ||
           (naming::clash(about, *row) && (clash(about, *row) || row->name != stem));
  };
  auto const found = std::find_if(rows.begin(), rows.end(), is_against);
  return found == rows.end() ? nullptr : *found;
}

/// Whether other groups have live series of a family. Those of this group count where they stay.
bool is_in_use(store_state const& state, pushed_family const& family, pushed_group const* group,
               bool own_stay, store_time now) {
  store_time const since = state.live_since(now);
  return family.any_of([&](std::uint32_t part) {
    return state.records.is_live(part, since) && (own_stay || state.parts[part]->of != group);
  });
}

}  // namespace

std::string_view bare_name(std::string_view prefix, std::string_view pushed) noexcept {
  return pushed.starts_with(prefix) ? pushed.substr(prefix.size()) : pushed;
}

text exposed_name(std::string_view prefix, std::string_view pushed) {
  return text(prefix).append(bare_name(prefix, pushed));
}

binding::binding(store_state& state, push const& what, pushed_workspace* workspace,
                 pushed_group* group, store_time now)
    : state_(state),
      push_(what),
      workspace_(workspace),
      group_(group),
      now_(now),
      merge_(state.settings.rules, what.user_id, what.workspace_id, what.labels) {}

void binding::refuse(std::uint32_t family, refusal_reason reason, bool is_final, std::string why) {
  refused_.push_back({family, is_final, {all().families[family].name, reason, std::move(why)}});
}

bool binding::is_replaced(pushed_part const& part) const noexcept {
  return push_.how == replace::all && part.of == group_;
}

std::optional<outcome> binding::plan() {
  first_values_.reserve(all().series.size() + 1);
  first_values_.push_back(0);
  for (shape_family const& family : all().families) {
    for (shape_series const& each : all().series_of(family)) {
      std::uint64_t const* const values = push_.what.values.data() + first_values_.back();
      first_values_.push_back(first_values_.back() +
                              values_of(family.type, all().layouts[each.layout], values));
    }
  }
  for (std::uint32_t i = 0; i < all().families.size(); ++i) plan_family(i);
  return over_a_limit();
}

void binding::plan_family(std::uint32_t index) {
  shape_family const& family = all().families[index];
  if (state_.settings.rules.drops(bare_name(state_.settings.prefix, family.name))) return;
  if (family.first_series == family.end_series) return;
  std::size_t const made = made_.size();
  std::size_t const ousted = ousted_.size();
  planned_family planned{index, family_for(index), series_.size(), 0};
  if (planned.of == nullptr) return;
  std::size_t const first_char = labels_.rendered.size();
  if (plan_series(planned)) {
    planned.end_series = series_.size();
    families_.push_back(planned);
    if (planned.of->about().help != family.help) ++other_helps_;
    return;
  }
  series_.resize(planned.first_series);
  labels_.rendered.resize(first_char);
  made_.resize(made);
  ousted_.resize(ousted);
}

/// The family that the bundle's is shown in; null where it is refused.
pushed_family* binding::family_for(std::uint32_t index) {
  shape_family const& family = all().families[index];
  std::string_view const prefix = state_.settings.prefix;
  text const name = exposed_name(prefix, family.name);
  if (!is_taken(family.type)) {
    refuse(index, refusal_reason::type, true,
           "expected a counter, gauge, histogram, summary or untyped metric, saw the type " +
               std::string(type_name(family.type)) + " of " + quoted(family.name) +
               "; push it as a gauge");
    return nullptr;
  }
  auto const is_named = [&](planned_family const& each) { return each.of->name() == name; };
  if (std::any_of(families_.begin(), families_.end(), is_named)) {
    refuse(index, refusal_reason::duplicate, true,
           "expected each family once, saw " + quoted(name) +
               " with its prefix and without it; push it once");
    return nullptr;
  }
  pushed_family* const found = state_.families.find(name);
  bool const is_ousted = std::find(ousted_.begin(), ousted_.end(), found) != ousted_.end();
  if (found != nullptr && found->type() == family.type && !is_ousted) return found;
  owned<joins> joined;
  if (state_.joins_series)
    joined = make_owned<joins>(family.type, state_.settings.rules.function_of(
                                                bare_name(prefix, family.name), family.type));
  auto made = make_kept<pushed_family>(name, family.type, family.help, std::move(joined));
  if (found != nullptr && !is_ousted && !make_way_for_type(index, *found)) return nullptr;
  if (!make_way(index, made->about())) return nullptr;
  made_.push_back(std::move(made));
  return made_.back().get();
}

bool binding::make_way_for_type(std::uint32_t index, pushed_family& other) {
  shape_family const& family = all().families[index];
  if (is_in_use(state_, other, group_, false, now_)) {
    refuse(index, refusal_reason::type, false,
           "expected " + quoted(other.name()) + " as a " + std::string(type_name(other.type())) +
               ", as other agents push it, saw a " + std::string(type_name(family.type)) +
               "; push one type, or wait until no agent has the other one");
    return false;
  }
  ousted_.push_back(&other);
  return true;
}

std::string_view binding::clashing_in_bundle(descriptor const& about) const noexcept {
  for (planned_family const& each : families_)
    if (clash(about, each.of->about())) return each.of->name();
  return {};
}

/// Whether a family that is new does not clash with any that stays.
bool binding::make_way(std::uint32_t index, descriptor const& about) {
  auto const refuse_clash = [&](std::string_view other, std::string_view whose, bool is_final) {
    refuse(index, refusal_reason::suffix, is_final,
           "expected a name that does not clash through a suffix, saw " + quoted(about.name) +
               " beside " + quoted(other) + " of " + std::string(whose) + "; rename it");
    return false;
  };
  if (descriptor const* const row = reserved_against(state_.settings, about)) {
    if (row->name != about.name) return refuse_clash(row->name, "the service", true);
    refuse(index, refusal_reason::name, true,
           "expected a name that the service does not expose itself, saw " + quoted(about.name) +
               "; rename it");
    return false;
  }
  if (auto const other = clashing_in_bundle(about); !other.empty())
    return refuse_clash(other, "the same push", true);
  bool clashes = false;
  std::size_t const before = ousted_.size();
  state_.families.for_each_clash(about, [&](pushed_family& other) {
    if (clashes) return;
    if (is_in_use(state_, other, group_, push_.how == replace::families, now_)) {
      clashes = true;
      refuse_clash(other.name(), "other agents", false);
    } else {
      ousted_.push_back(&other);
    }
  });
  if (clashes) ousted_.resize(before);
  return !clashes;
}

bool is_still_refused(store_state const& state, pushed_group const& group,
                      kept_refusal const& refused, shape_family const& family, store_time now) {
  if (refused.is_final) return true;
  if (refused.what.reason != refusal_reason::type && refused.what.reason != refusal_reason::suffix)
    return false;
  text const name = exposed_name(state.settings.prefix, family.name);
  pushed_family const* const found = state.families.find(name);
  if (found != nullptr && found->type() != family.type &&
      is_in_use(state, *found, &group, false, now))
    return true;
  bool clashes = false;
  family_about const about(name, family.type, {});
  state.families.for_each_clash(about.shown(), [&](pushed_family const& other) {
    clashes = clashes || is_in_use(state, other, &group, true, now);
  });
  return clashes;
}

// ---- Series -------------------------------------------------------------------------------------

binding::old_cells binding::cells_of_before(pushed_family& family) const {
  old_cells found;
  if (group_ == nullptr) return found;
  for (auto const& part : group_->parts) {
    for (std::size_t f = 0; f < part->families.size(); ++f) {
      shape_family const& range = part->what->families[f];
      if (part->families[f] != &family) continue;
      for (std::uint32_t i = range.first_series; i < range.end_series; ++i)
        if (part->cells[i].page != nullptr)
          found.emplace(part->what->labels(part->what->series[i]),
                        old_cell{part.get(), &part->cells[i]});
    }
  }
  return found;
}

bool binding::plan_series(planned_family const& planned) {
  shape_family const& family = all().families[planned.index];
  old_cells const old = cells_of_before(*planned.of);
  for (std::uint32_t i = family.first_series; i < family.end_series; ++i)
    if (!plan_one(planned, old, i)) return false;
  planned_family const whole{planned.index, planned.of, planned.first_series, series_.size()};
  return planned.of->joined() == nullptr ? !held_by_others(whole) : fits_targets(whole);
}

bool binding::plan_one(planned_family const& planned, old_cells const& old, std::uint32_t index) {
  shape_series const& series = all().series[index];
  pushed_family& family = *planned.of;
  std::size_t const first_char = labels_.rendered.size();
  merge_.add(all().labels(series), labels_);
  if (family.joined() != nullptr && labels_.taken_away && !family.joined()->function()) {
    refuse(planned.index, refusal_reason::aggregation, true,
           "expected a function that says how values are joined where labels are taken away (sum, "
           "max, min or last), saw none for the " +
               std::string(type_name(family.type())) + " " +
               quoted(all().families[planned.index].name) + "; state one in the service's rules");
    return false;
  }
  bool const has_begin = family.about().has_begin() && family.joined() == nullptr;
  std::int64_t const created =
      has_begin && !push_.what.created.empty() ? push_.what.created[index] : 0;
  planned_series made{index,
                      &family.layout_of(all().layouts[series.layout], labels_.names, created != 0),
                      nullptr,
                      nullptr,
                      false,
                      static_cast<std::uint32_t>(first_char),
                      static_cast<std::uint32_t>(labels_.rendered.size()),
                      created,
                      0};
  if (auto const found = old.find(all().labels(series)); found != old.end()) {
    made.before = found->second.of;
    made.old = found->second.at;
    series_page const& page = *made.old->page;
    made.stays = &page.layout() == made.layout && page.created(made.old->at) == created;
  }
  series_.push_back(made);
  return true;
}

/// Whether another group of the workspace has one of the series.
bool binding::held_by_others(planned_family const& planned) {
  if (workspace_ == nullptr) return false;
  map<std::string_view, int> held;
  for (auto const& group : workspace_->groups) {
    if (group.get() == group_) continue;
    for (auto const& part : group->parts) {
      for (std::size_t f = 0; f < part->families.size(); ++f) {
        shape_family const& range = part->what->families[f];
        if (part->families[f] != planned.of) continue;
        for (std::uint32_t i = range.first_series; i < range.end_series; ++i)
          if (cell const& at = part->cells[i]; at.page != nullptr)
            held.emplace(at.page->labels()->texts()[at.at], 0);
      }
    }
  }
  if (held.empty()) return false;
  for (std::size_t i = planned.first_series; i < planned.end_series; ++i) {
    if (!held.contains(labels_of(series_[i]))) continue;
    refuse(planned.index, refusal_reason::duplicate, false,
           "expected series that no other group of the workspace has, saw " +
               quoted(planned.of->name()) + "{" + std::string(labels_of(series_[i])) +
               "} in two groups; tell them apart by a label, or delete the other group");
    return true;
  }
  return false;
}

/// Whether the targets that the series go to can hold them.
bool binding::fits_targets(planned_family const& planned) {
  joins const& joined = *planned.of->joined();
  map<std::uint32_t, std::uint32_t> own;  // how many sources the group has, by target
  if (group_ != nullptr)
    for (auto const& [labels, old] : cells_of_before(*planned.of))
      ++own[old.at->page->targets()[old.at->at]];
  map<std::string_view, pushed_layout*> layouts;
  for (std::size_t i = planned.first_series; i < planned.end_series; ++i) {
    planned_series const& series = series_[i];
    bool other_numbers =
        layouts.emplace(labels_of(series), series.layout).first->second != series.layout;
    bool is_held = false;
    joined.for_each_with(labels_of(series), [&](std::uint32_t at) {
      auto const of_own = own.find(at);
      bool const others = joined[at].sources > (of_own == own.end() ? 0 : of_own->second);
      if (joined[at].of != series.layout) other_numbers = other_numbers || others;
      is_held = is_held || (others && !joined.function());
    });
    if (other_numbers) {
      refuse(planned.index, refusal_reason::value, false,
             "expected the buckets or quantiles that the series joined with " +
                 quoted(planned.of->name()) +
                 " have, saw others; push the same, or wait until no agent has the others");
      return false;
    }
    if (is_held) {
      refuse(planned.index, refusal_reason::duplicate, false,
             "expected series that no other group has, saw " + quoted(planned.of->name()) + "{" +
                 std::string(labels_of(series)) +
                 "} in two groups; state a function that joins them");
      return false;
    }
  }
  return true;
}

// ---- Bounds -------------------------------------------------------------------------------------

/// How many series the group has now that it will not have.
std::size_t binding::replaced_series() const noexcept {
  std::size_t replaced = 0;
  if (group_ == nullptr) return 0;
  for (auto const& part : group_->parts) {
    if (is_replaced(*part)) {
      replaced += part->series;
      continue;
    }
    for (std::size_t f = 0; f < part->families.size(); ++f) {
      auto const takes_over = [&](planned_family const& each) {
        return part->families[f] != nullptr && each.of->name() == part->families[f]->name();
      };
      if (std::any_of(families_.begin(), families_.end(), takes_over)) {
        auto const cells =
            std::span(part->cells)
                .subspan(part->what->families[f].first_series,
                         part->what->families[f].end_series - part->what->families[f].first_series);
        replaced += static_cast<std::size_t>(std::count_if(
            cells.begin(), cells.end(), [](cell const& each) { return each.page != nullptr; }));
      }
    }
  }
  return replaced;
}

std::optional<outcome> binding::over_a_limit() {
  push_limits const& limits = state_.settings.limits;
  auto const over = [](std::string_view what, std::size_t most, std::size_t saw) {
    return outcome{outcome::kind::limit,
                   "expected at most " + std::to_string(most) + " " + std::string(what) + ", saw " +
                       std::to_string(saw) + "; push fewer, or raise the limit",
                   {},
                   {}};
  };
  std::size_t const replaced = replaced_series();
  std::size_t of_workspace = series_.size() - replaced;
  std::size_t groups = group_ == nullptr ? 1 : 0;
  if (workspace_ != nullptr) {
    groups += workspace_->groups.size();
    for (auto const& group : workspace_->groups)
      for (auto const& part : group->parts) of_workspace += part->series;
  }
  if (groups > limits.groups_per_workspace_max)
    return over("groups of a workspace", limits.groups_per_workspace_max, groups);
  if (of_workspace > limits.series_per_workspace_max)
    return over("series of a workspace", limits.series_per_workspace_max, of_workspace);
  bool const is_new = workspace_ == nullptr || workspace_->groups.empty();
  auto const series = [&] { return state_.series + series_.size() - replaced; };
  auto const workspaces = [&] { return state_.owned_workspaces + (is_new ? 1 : 0); };
  if (series() > limits.series_max || workspaces() > limits.workspaces_max)
    state_.end_all_expired(now_, group_);
  if (series() > limits.series_max) return over("series in all", limits.series_max, series());
  if (workspaces() > limits.workspaces_max)
    return over("workspaces in all", limits.workspaces_max, workspaces());
  return std::nullopt;
}

}  // namespace stele::pushing
