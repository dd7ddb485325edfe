// binding_families.cpp: which families of a bundle may be shown beside those that are there.

#include <algorithm>
#include <string>
#include <utility>

#include "agents/binding.hpp"
#include "agents/body_text.hpp"
#include "agents/refusal_words.hpp"
#include "stele/naming.hpp"

namespace stele::pushing {

namespace {

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

/// The family that the bundle's is shown in; null where it is refused.
pushed_family* binding::family_for(std::uint32_t index) {
  shape_family const& family = all().families[index];
  std::string_view const prefix = state_.settings.prefix;
  name_.assign(prefix).append(bare_name(prefix, family.name));
  if (!is_taken(family.type)) {
    refuse(index, refusal_reason::type, true,
           "expected a counter, gauge, histogram, summary or untyped metric, saw the type " +
               std::string(type_name(family.type)) + " of " + quoted(family.name) +
               "; push it as a gauge");
    return nullptr;
  }
  if (planned_.contains(name_)) {
    refuse(index, refusal_reason::duplicate, true,
           "expected each family once, saw " + quoted(name_) +
               " with its prefix and without it; push it once");
    return nullptr;
  }
  pushed_family* const found = state_.families.find(name_);
  bool const is_ousted = std::find(ousted_.begin(), ousted_.end(), found) != ousted_.end();
  if (found != nullptr && found->type() == family.type && !is_ousted) return found;
  owned<joins> joined;
  if (state_.joins_series)
    joined = make_owned<joins>(family.type, state_.settings.rules.function_of(
                                                bare_name(prefix, family.name), family.type));
  auto made = make_kept<pushed_family>(name_, family.type, family.help, std::move(joined));
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

/// The name of one of the bundle's, or nothing.
std::string_view binding::clashing_in_bundle(descriptor const& about) const {
  for (text const& name : clashing_names(about)) {
    auto const found = planned_.find(std::string_view(name));
    if (found != planned_.end() && clash(about, found->second->about())) return found->first;
  }
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
    if (is_in_use(state_, other, group_, how_ == replace::families, now_)) {
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

}  // namespace stele::pushing
