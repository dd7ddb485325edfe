#include "agents/store_state.hpp"

#include <algorithm>
#include <mutex>
#include <utility>

namespace stele::pushing {

namespace {

/// How long it is remembered since when another instance has a workspace: longer than a push can be
/// under way; of as many as there may be, so that one that hands all over remembers each. As long,
/// and of so many groups, what joined series had counted.
constexpr store_time remembered_ms_max = 600'000;
constexpr std::size_t remembered_groups_max = 65'536;

/// REQUIRES: there is room.
void move(pushed_group const& group, list<owned<pushed_group>>& from,
          list<owned<pushed_group>>& to) noexcept {
  auto const found = std::ranges::find(from, &group, [](auto const& each) { return each.get(); });
  to.push_back(std::move(*found));
  from.erase(found);
}

bool takes_labels_away(cardinality const& rules) noexcept {
  return rules.keep.is != kept_labels::which::all || !rules.drop_labels.empty();
}

}  // namespace

store_state::store_state(store_settings of)
    : settings(std::move(of)), joins_series(takes_labels_away(settings.rules)) {
  for (descriptor const* row : settings.reserved) reserved_names.push_back(row->name);
  std::sort(reserved_names.begin(), reserved_names.end());
}

store_state::~store_state() = default;

bool store_state::is_live(pushed_group const& group, store_time now) const noexcept {
  return !group.parts.empty() && records.is_live(group.parts.back()->record, live_since(now));
}

bool store_state::is_owned(pushed_workspace const& workspace, store_time now) const noexcept {
  return std::any_of(workspace.groups.begin(), workspace.groups.end(),
                     [&](auto const& each) { return is_live(*each, now); });
}

// ---- Workspaces and groups ----------------------------------------------------------------------

pushed_workspace* store_state::find(std::string_view workspace_id) const noexcept {
  auto const found = workspaces_.find(workspace_id);
  return found == workspaces_.end() ? nullptr : found->second.get();
}

pushed_group* store_state::find(pushed_workspace const& workspace,
                                std::string_view key) const noexcept {
  auto const found = std::find_if(workspace.groups.begin(), workspace.groups.end(),
                                  [&](auto const& each) { return each->key == key; });
  return found == workspace.groups.end() ? nullptr : found->get();
}

pushed_workspace& store_state::make_workspace(std::string_view id) {
  auto made = make_owned<pushed_workspace>();
  made->id = id;
  std::uint32_t const numbers = workspace_numbers.load(std::memory_order_relaxed);
  if (free_numbers_.empty()) {
    if (free_numbers_.capacity() <= numbers) free_numbers_.reserve(2 * std::size_t{numbers} + 64);
    made->number = numbers;
  } else {
    made->number = free_numbers_.back();
  }
  pushed_workspace& workspace = *made;
  workspaces_.emplace(std::string_view(workspace.id), std::move(made));
  if (free_numbers_.empty())
    workspace_numbers.store(numbers + 1, std::memory_order_release);
  else
    free_numbers_.pop_back();
  return workspace;
}

void store_state::reserve_group(pushed_workspace& workspace) {
  std::size_t const all = workspace.groups.size() + workspace.ended.size() + 1;
  for (auto* const each : {&workspace.groups, &workspace.ended})
    if (each->capacity() < all) each->reserve(2 * all);
}

void store_state::end_group(pushed_group& group, store_time now) noexcept {
  pushed_workspace& workspace = *group.of;
  for (auto const& part : group.parts) {
    records[part->record].last_update.store(never, std::memory_order_relaxed);
    // Where it is remembered, nobody waits for its being reclaimed.
    if (joins_series) records[part->record].workspace.store(nobody, std::memory_order_relaxed);
    series -= part->series;
    remembered_series += part->series;
  }
  group.ended_at = now;
  ended_.push_back(group);
  move(group, workspace.groups, workspace.ended);
  if (!workspace.groups.empty()) return;
  --owned_workspaces;
  gone(workspace, now);
}

pushed_group* store_state::take_back(pushed_workspace& workspace, std::string_view key) noexcept {
  auto const found = std::ranges::find(
      workspace.ended, key, [](auto const& each) { return std::string_view(each->key); });
  if (found == workspace.ended.end()) return nullptr;
  pushed_group& group = **found;
  ended_.erase(ended_.iterator_to(group));
  if (workspace.groups.empty()) ++owned_workspaces;
  move(group, workspace.ended, workspace.groups);
  for (auto const& part : group.parts) {
    remembered_series -= part->series;
    series += part->series;
  }
  return &group;
}

void store_state::end_all(pushed_workspace& workspace, store_time now) noexcept {
  while (!workspace.groups.empty()) end_group(*workspace.groups.back(), now);
}

void store_state::end_expired(pushed_workspace& workspace, store_time now,
                              pushed_group const* but) noexcept {
  for (std::size_t i = workspace.groups.size(); i-- > 0;) {
    pushed_group& group = *workspace.groups[i];
    if (&group != but && !is_live(group, now)) end_group(group, now);
  }
}

void store_state::end_all_expired(store_time now, pushed_group const* but) noexcept {
  for (std::uint32_t i = 0; i < parts.size(); ++i) {
    if (parts[i] == nullptr || records.is_live(i, live_since(now))) continue;
    pushed_group& group = *parts[i]->of;
    // One that was ended before is here until it is reclaimed; and a group may have parts that came
    // back with it unseen.
    if (&group != but && !group.is_linked() && !is_live(group, now)) end_group(group, now);
  }
}

void store_state::gone(pushed_workspace& workspace, store_time now) noexcept {
  workspace.gone_at = now;
  if (workspace.is_linked()) gone_.erase(gone_.iterator_to(workspace));
  gone_.push_back(workspace);
}

void store_state::forget_gone(store_time now) noexcept {
  for (std::size_t looks = gone_.size(); looks > 0; --looks) {
    pushed_workspace& first = gone_.front();
    bool const too_many = gone_.size() > settings.limits.workspaces_max;
    if (!too_many && first.groups.empty() && now - first.gone_at < remembered_ms_max) return;
    gone_.pop_front();
    if (!first.groups.empty()) continue;
    if (!first.ended.empty()) {
      gone_.push_back(first);
      continue;
    }
    free_numbers_.push_back(first.number);
    workspaces_.erase(workspaces_.find(first.id));
  }
}

// ---- Memory -------------------------------------------------------------------------------------

bool store_state::is_reclaim_due(store_time now) const noexcept {
  if (ended_.empty()) return false;
  return !joins_series || ended_.size() > remembered_groups_max ||
         remembered_series > settings.limits.series_max ||
         now - ended_.front().ended_at >= remembered_ms_max;
}

bool store_state::reclaim_one(store_time now) noexcept {
  if (!is_reclaim_due(now)) return false;
  reclaim(ended_.front());
  return true;
}

void store_state::reclaim_of(pushed_workspace& workspace) noexcept {
  while (!workspace.ended.empty()) reclaim(*workspace.ended.back());
}

void store_state::reclaim_beyond_bounds(pushed_workspace& workspace) noexcept {
  push_limits const& limits = settings.limits;
  std::size_t held = 0;
  std::size_t newest = workspace.ended.size();
  for (; newest != 0; --newest) {
    for (auto const& part : workspace.ended[newest - 1]->parts) held += part->series;
    bool const are_too_many = workspace.ended.size() - newest >= limits.groups_per_workspace_max;
    if (are_too_many || held > limits.series_per_workspace_max) break;
  }
  for (; newest != 0; --newest) reclaim(*workspace.ended.front());
}

void store_state::reclaim(pushed_group& group) noexcept {
  for (auto const& part : group.parts) {
    remembered_series -= part->series;
    release_all(*part);
  }
  ended_.erase(ended_.iterator_to(group));
  std::erase_if(group.of->ended, [&](auto const& each) { return each.get() == &group; });
}

void store_state::release(pushed_part& part, std::size_t index) noexcept {
  pushed_family& family = *std::exchange(part.families[index], nullptr);
  shape_family const& range = part.what->families[index];
  std::uint32_t ended = 0;
  for (std::uint32_t i = range.first_series; i < range.end_series; ++i) {
    if (part.cells[i].page == nullptr) continue;
    family.take_out(std::exchange(part.cells[i], {}));
    ++ended;
  }
  part.is_whole = false;
  part.series -= ended;
}

void store_state::release_all(pushed_part& part) noexcept {
  for (std::size_t i = 0; i < part.families.size(); ++i) {
    pushed_family* const family = part.families[i];
    if (family == nullptr) continue;
    {
      std::lock_guard const lock(family->mutex);
      release(part, i);
    }
    close_ranks(*family);
  }
  parts[part.record] = nullptr;
  records.give_back(part.record);
}

void store_state::release_all(pushed_family& family) noexcept {
  std::lock_guard const lock(family.mutex);
  family.for_each([&](series_page& page, std::uint32_t at) {
    pushed_part& part = *parts[page.parts()[at]];
    std::uint32_t const index = page.indexes()[at];
    family.take_out(std::exchange(part.cells[index], {}));
    uncount(part, 1);
    std::replace(part.families.begin(), part.families.end(), &family,
                 static_cast<pushed_family*>(nullptr));
    part.is_whole = false;
  });
}

void store_state::release_sources(pushed_family& family, std::uint32_t target,
                                  pushed_group const& but) noexcept {
  pushed_layout const* const layout = (*family.joined())[target].of;
  if (layout == nullptr) return;  // the group's own was its last
  for (owned_page const& page : layout->sources.pages()) {
    for (std::uint32_t at = 0; at < page->size(); ++at) {
      if (page->parts()[at] == series_page::hole || page->targets()[at] != target) continue;
      pushed_part& part = *parts[page->parts()[at]];
      if (part.of == &but) continue;
      auto const held = std::find(part.families.begin(), part.families.end(), &family);
      release_counted(part, static_cast<std::size_t>(held - part.families.begin()));
    }
  }
}

void store_state::release_counted(pushed_part& part, std::size_t index) noexcept {
  std::uint32_t const had = part.series;
  release(part, index);
  records[part.record].series.store(part.series, std::memory_order_relaxed);
  series_of(*part.of) -= had - part.series;
}

void store_state::uncount(pushed_part& part, std::uint32_t count) noexcept {
  part.series -= count;
  records[part.record].series.store(part.series, std::memory_order_relaxed);
  series_of(*part.of) -= count;
}

/// Where a group's are counted.
std::size_t& store_state::series_of(pushed_group const& group) noexcept {
  return group.is_linked() ? remembered_series : series;
}

void store_state::close_ranks(pushed_family& family) noexcept {
  if (!family.has_holes()) return;
  {
    std::lock_guard const lock(family.mutex);
    family.close_ranks([this](series_page& page, std::uint32_t at) {
      parts[page.parts()[at]]->cells[page.indexes()[at]] = {&page, at};
    });
    if (!family.layouts().empty()) return;
  }
  pushed_family* const ended[]{&family};
  families.change(ended, {});
}

}  // namespace stele::pushing
