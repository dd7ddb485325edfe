// binding_plan.cpp: what of a bundle may be taken, series by series; binding_families.cpp has what
// concerns a family as a whole.

#include <algorithm>
#include <functional>
#include <string>
#include <utility>

#include "agents/binding.hpp"
#include "agents/body_text.hpp"
#include "agents/refusal_words.hpp"

namespace stele::pushing {

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
      // What had expired or ended does not come back with a push of other families. Where series
      // are joined it stays for when it does, unseen.
      how_(group == nullptr || state.is_live(*group, now) || state.joins_series ? what.how
                                                                                : replace::all),
      workspace_(workspace),
      group_(group),
      now_(now),
      merge_(state.settings.rules, what.user_id, what.workspace_id, what.labels) {}

void binding::refuse(std::uint32_t family, refusal_reason reason, bool is_final, std::string why) {
  refused_.push_back({family, is_final, {all().families[family].name, reason, std::move(why)}});
}

bool binding::is_replaced(pushed_part const& part) const noexcept {
  return how_ == replace::all && part.of == group_;
}

std::optional<outcome> binding::plan() {
  list_before();
  families_.reserve(all().families.size());
  series_.reserve(all().series.size());
  planned_.reserve(all().families.size());
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
  std::size_t const outlived = outlived_.size();
  planned_family planned{index, family_for(index), series_.size(), 0};
  at_hand_ = planned.of;
  std::size_t const first_char = labels_.rendered.size();
  if (planned.of != nullptr && plan_series(planned)) {
    planned.end_series = series_.size();
    planned_.emplace(planned.of->name(), planned.of);
    families_.push_back(planned);
    at_hand_ = nullptr;
    if (planned.of->about().help != family.help) ++other_helps_;
    return;
  }
  if (planned.of != nullptr) drop_unused(*std::exchange(at_hand_, nullptr));
  series_.resize(planned.first_series);
  labels_.rendered.resize(first_char);
  made_.resize(made);
  ousted_.resize(ousted);
  outlived_.resize(outlived);
}

// ---- Series -------------------------------------------------------------------------------------

void binding::list_before() {
  if (group_ == nullptr) return;
  for (auto const& part : group_->parts)
    for (std::size_t f = 0; f < part->families.size(); ++f)
      if (part->families[f] != nullptr) before_.push_back({part->families[f], part.get(), f});
  std::ranges::sort(before_, std::less<>(), &held_family::family);
}

std::span<binding::held_family const> binding::before(pushed_family const& family) const noexcept {
  auto const found =
      std::ranges::equal_range(before_, &family, std::less<>(), &held_family::family);
  return {found.begin(), found.end()};
}

binding::old_cells binding::cells_of_before(pushed_family& family) const {
  old_cells found;
  for (held_family const& each : before(family)) {
    shape_family const& range = each.of->what->families[each.index];
    for (std::uint32_t i = range.first_series; i < range.end_series; ++i)
      if (each.of->cells[i].page != nullptr)
        found.emplace(each.of->what->labels(each.of->what->series[i]),
                      old_cell{each.of, &each.of->cells[i]});
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

/// Of each target of a joined family, whether another group has a live source of it.
list<std::uint8_t> binding::targets_of_others(pushed_family const& family) const {
  list<std::uint8_t> found(family.joined()->size());
  family.for_each([&](series_page& page, std::uint32_t at) {
    std::uint32_t const part = page.parts()[at];
    if (state_.records.is_live(part, state_.live_since(now_)) && state_.parts[part]->of != group_)
      found[page.targets()[at]] = 1;
  });
  return found;
}

/// Whether the targets that the series go to can hold them.
bool binding::fits_targets(planned_family const& planned) {
  joins const& joined = *planned.of->joined();
  map<std::uint32_t, std::uint32_t> own;  // how many sources the group has, by target
  for (auto const& [labels, old] : cells_of_before(*planned.of))
    ++own[old.at->page->targets()[old.at->at]];
  list<std::uint8_t> live;  // looked for where it matters
  // Whether others feed a target that cannot be joined with this group's. Those that have ended go.
  auto const is_in_the_way = [&](std::uint32_t at) {
    auto const of_own = own.find(at);
    if (joined[at].sources == (of_own == own.end() ? 0 : of_own->second)) return false;
    if (live.empty()) live = targets_of_others(*planned.of);
    if (live[at] != 0) return true;
    outlived_.push_back({planned.of, at});
    return false;
  };
  map<std::string_view, pushed_layout*> layouts;
  for (std::size_t i = planned.first_series; i < planned.end_series; ++i) {
    planned_series const& series = series_[i];
    bool other_numbers =
        layouts.emplace(labels_of(series), series.layout).first->second != series.layout;
    bool is_held = false;
    joined.for_each_with(labels_of(series), [&](std::uint32_t at) {
      bool const has_other_numbers = joined[at].of != series.layout;
      if (!has_other_numbers && joined.function()) return;
      bool const others = is_in_the_way(at);
      other_numbers = other_numbers || (others && has_other_numbers);
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
      if (part->families[f] != nullptr && planned_.contains(part->families[f]->name())) {
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
