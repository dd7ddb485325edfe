#include "agents/store.hpp"

#include <algorithm>
#include <new>
#include <span>
#include <string>
#include <utility>

#include "agents/binding.hpp"
#include "agents/store_state.hpp"
#include "core/pool.hpp"
#include "stele/clock.hpp"
#include "stele/naming.hpp"

namespace stele::pushing {

store_time steady_milliseconds() noexcept { return core::steady_now() / 1'000'000; }

namespace {

/// What a gather works with.
struct read_tools {
  live_parts live;
  join_tools join;
  list<shared_family> families;
};

constinit core::pool<read_tools, pushed_memory> kept_tools;

class taken_tools {
 public:
  taken_tools() : tools_(kept_tools.take()) {}
  ~taken_tools() {
    tools_->families.clear();
    kept_tools.give_back(tools_);
  }
  taken_tools(taken_tools const&) = delete;
  taken_tools& operator=(taken_tools const&) = delete;
  read_tools* operator->() const noexcept { return tools_; }

 private:
  read_tools* tools_;
};

/// As filters are told of pushed families, which are of no table.
constexpr core::table_info pushed_families{.name = "agents"};

class counted {
 public:
  explicit counted(std::atomic<std::size_t>& count) noexcept : count_(count) {
    count_.fetch_add(1, std::memory_order_relaxed);
  }
  ~counted() { count_.fetch_sub(1, std::memory_order_relaxed); }
  counted(counted const&) = delete;
  counted& operator=(counted const&) = delete;

 private:
  std::atomic<std::size_t>& count_;
};

}  // namespace

class store::impl : public store_state {
 public:
  using store_state::store_state;

  outcome apply(push const& what, store_time now);
  void show_totals_as_unknown(core::snapshot_data& out, std::size_t first,
                              list<shared_family> const& all) const;

  std::atomic<std::size_t> reads{0};

 private:
  [[nodiscard]] bool is_stale(pushed_workspace const& workspace, push const& what,
                              store_time now) const noexcept;
  [[nodiscard]] pushed_part* same_shape(pushed_group& group, push const& what,
                                        store_time now) const;
  void own(pushed_part& pushed, push const& what, bool was_owned, store_time now,
           outcome& done) noexcept;
};

store::store(store_settings settings) : impl_(std::make_unique<impl>(std::move(settings))) {}
store::~store() = default;

// ---- Changes ------------------------------------------------------------------------------------

namespace {

epoch epoch_of(push const& what) noexcept { return what.agents_epoch.value_or(what.arrived); }

outcome stale(pushed_workspace const& workspace, push const& what) {
  return {outcome::kind::stale,
          "expected an epoch of at least " + std::to_string(workspace.since) + ", saw " +
              std::to_string(epoch_of(what)) +
              ": the workspace went elsewhere, or ended, after this push; push again",
          {},
          {}};
}

void add_refused(std::vector<family_refusal>& to, std::vector<kept_refusal> const& refused) {
  for (kept_refusal const& each : refused) to.push_back(each.what);
}

}  // namespace

bool store::impl::is_stale(pushed_workspace const& workspace, push const& what,
                           store_time now) const noexcept {
  // Pushes of a workspace that is here may overtake each other.
  bool const asks = what.agents_epoch.has_value() || !is_owned(workspace, now);
  return asks && epoch_of(what) < workspace.since;
}

/// The part that has the push's shape bound as it would be anew; or null.
pushed_part* store::impl::same_shape(pushed_group& group, push const& what, store_time now) const {
  auto const is_it = [&](owned<pushed_part> const& part) { return part->what == what.what.of; };
  auto const found = std::find_if(group.parts.begin(), group.parts.end(), is_it);
  if (found == group.parts.end() || !(*found)->is_whole) return nullptr;
  if (what.how == replace::all && group.parts.size() != 1) return nullptr;
  pushed_part& part = **found;
  for (kept_refusal const& each : part.refused)
    if (!is_still_refused(*this, group, each, part.what->families[each.family], now))
      return nullptr;
  return has_same_begins(part, what.what) ? &part : nullptr;
}

outcome store::impl::apply(push const& what, store_time now) {
  pushed_workspace* const workspace = find(what.workspace_id);
  if (workspace != nullptr && is_stale(*workspace, what, now)) return stale(*workspace, what);
  bool const was_owned = workspace != nullptr && is_owned(*workspace, now);
  pushed_group* group = workspace == nullptr ? nullptr : find(*workspace, what.group);
  outcome done;
  done.refused = what.what.of->refused;
  if (group != nullptr && is_live(*group, now)) {
    if (pushed_part* const part = same_shape(*group, what, now)) {
      add_refused(done.refused, part->refused);
      reserve_values(*part, what.what);
      write_values(*part, what.what);
      own(*part, what, was_owned, now, done);
      return done;
    }
  }
  if (workspace != nullptr) {
    if (group == nullptr) group = take_back(*workspace, what.group);
    end_expired(*workspace, now, group);
    // Another group's may have the labels of this one's. Joined series may.
    if (joins_series)
      reclaim_beyond_bounds(*workspace);
    else
      reclaim_of(*workspace);
  }
  binding bound(*this, what, workspace, group, now);
  if (auto over = bound.plan()) return *std::move(over);
  add_refused(done.refused, bound.refused());
  bound.prepare();
  own(*bound.commit().parts.back(), what, was_owned, now, done);
  return done;
}

/// A part of the group was pushed now, here, and its others with it, but for those that had
/// expired.
void store::impl::own(pushed_part& pushed, push const& what, bool was_owned, store_time now,
                      outcome& done) noexcept {
  pushed_group& group = *pushed.of;
  for (auto const& part : group.parts)
    if (part.get() == &pushed || records.is_live(part->record, live_since(now)))
      records[part->record].last_update.store(now, std::memory_order_relaxed);
  group.last = what.what.of;
  epoch& since = group.of->since;
  // An agent that says a later epoch was elsewhere in between.
  if (was_owned && !(what.agents_epoch && *what.agents_epoch > since)) return;
  // It is taken from the peer, also where the clocks say one millisecond.
  epoch const least = std::exchange(group.of->is_elsewhere, false) ? since + 1 : 0;
  since = what.agents_epoch.value_or(std::max(what.arrived, least));
  done.claimed = since;
}

outcome store::apply(push const& what, store_time now) noexcept {
  try {
    return impl_->apply(what, now);
  } catch (std::bad_alloc const&) {
    outcome none;
    none.is = outcome::kind::no_memory;
    return none;
  }
}

std::shared_ptr<shape const> store::last_shape(std::string_view workspace_id,
                                               std::string_view group) const {
  pushed_workspace const* const workspace = impl_->find(workspace_id);
  pushed_group const* const found = workspace == nullptr ? nullptr : impl_->find(*workspace, group);
  return found == nullptr ? nullptr : found->last;
}

bool store::remove_group(std::string_view workspace_id, std::string_view group) noexcept {
  pushed_workspace const* const workspace = impl_->find(workspace_id);
  pushed_group* const found = workspace == nullptr ? nullptr : impl_->find(*workspace, group);
  if (found == nullptr) return false;
  store_time const now = impl_->settings.clock();
  bool const was_live = impl_->is_live(*found, now);
  impl_->end_group(*found, now);
  return was_live;
}

void store::remove_workspace(std::string_view workspace_id, epoch at) noexcept {
  store_time const now = impl_->settings.clock();
  try {
    pushed_workspace* workspace = impl_->find(workspace_id);
    if (workspace == nullptr) workspace = &impl_->make_workspace(workspace_id);
    // Those of the same millisecond came before, too.
    workspace->since = std::min(std::max(workspace->since, at) + 1, epoch_max);
    impl_->end_all(*workspace, now);
    impl_->gone(*workspace, now);
  } catch (std::bad_alloc const&) {
    // It had no series; that it is gone cannot be remembered.
  }
}

std::optional<epoch> store::release_workspace(std::string_view workspace_id, epoch since,
                                              bool peer_has_ties) noexcept {
  store_time const now = impl_->settings.clock();
  pushed_workspace* workspace = impl_->find(workspace_id);
  if (workspace != nullptr) {
    bool const has_tie = impl_->is_owned(*workspace, now) && !peer_has_ties;
    bool const keeps = has_tie ? workspace->since >= since : workspace->since > since;
    if (keeps) return workspace->since;
  }
  try {
    if (workspace == nullptr) workspace = &impl_->make_workspace(workspace_id);
  } catch (std::bad_alloc const&) {
    return std::nullopt;  // a push that was delayed is then taken for one that comes back
  }
  workspace->since = since;
  workspace->is_elsewhere = true;
  impl_->end_all(*workspace, now);
  impl_->gone(*workspace, now);
  return std::nullopt;
}

std::optional<epoch> store::hold_workspace(std::string_view workspace_id, epoch known) noexcept {
  pushed_workspace* const workspace = impl_->find(workspace_id);
  if (workspace == nullptr || !impl_->is_owned(*workspace, impl_->settings.clock())) return {};
  if (workspace->since >= known) return {};
  workspace->since = std::min(known + 1, epoch_max);  // none is later than the last
  return workspace->since;
}

bool store::reclaim(store_time now, std::size_t groups_max) noexcept {
  impl_->end_all_expired(now);
  impl_->forget_gone(now);
  for (; groups_max > 0; --groups_max)
    if (!impl_->reclaim_one(now)) break;
  return impl_->is_reclaim_due(now);
}

// ---- Any thread ---------------------------------------------------------------------------------

void store::read(core::row_filter const* filter, core::snapshot_data& out) {
  counted const waits(impl_->reads);
  taken_tools tools;
  tools->live.look(impl_->records, impl_->live_since(impl_->settings.clock()));
  impl_->families.copy(tools->families);
  std::size_t const first = out.families.size();
  for (shared_family const& each : tools->families)
    if (filter == nullptr || filter->wants(pushed_families, each->about()))
      each->read(tools->live, tools->join, out);
  impl_->show_totals_as_unknown(out, first, tools->families);
}

/// A counter whose name without `_total` is another family's that is there.
void store::impl::show_totals_as_unknown(core::snapshot_data& out, std::size_t first,
                                         list<shared_family> const& all) const {
  auto const shown = std::span(out.families).subspan(first);
  auto const name = [](core::family_data const& each) { return each.about->name; };
  for (core::family_data& each : shown) {
    descriptor const& about = *each.about;
    if (about.type != metric_type::counter || !naming::has_total(about.name)) continue;
    std::string_view const stem = naming::without_total(about.name);
    if (!std::ranges::binary_search(shown, stem, {}, name) &&
        !std::ranges::binary_search(reserved_names, stem))
      continue;
    auto const by_name = [](shared_family const& of) { return of->name(); };
    each.about = &(*std::ranges::lower_bound(all, about.name, {}, by_name))->about_unknown();
  }
}

store_counts store::count(store_time now) const {
  store_counts counts;
  enum : std::uint8_t { none, ended, live };
  list<std::uint8_t> workspaces(impl_->workspace_numbers.load(std::memory_order_acquire), none);
  part_records const& records = impl_->records;
  for (std::uint32_t i = 0; i < records.size(); ++i) {
    std::uint32_t const workspace = records[i].workspace.load(std::memory_order_relaxed);
    if (workspace >= workspaces.size()) continue;
    bool const is_live = records.is_live(i, impl_->live_since(now));
    workspaces[workspace] = std::max<std::uint8_t>(workspaces[workspace], is_live ? live : ended);
    if (is_live) counts.series += records[i].series.load(std::memory_order_relaxed);
  }
  counts.workspaces =
      static_cast<std::size_t>(std::count(workspaces.begin(), workspaces.end(), live));
  counts.ended_workspaces =
      static_cast<std::size_t>(std::count(workspaces.begin(), workspaces.end(), ended));
  if (impl_->joins_series) {
    counts.series = 0;
    live_parts shown;
    shown.look(records, impl_->live_since(now));
    list<shared_family> families;
    impl_->families.copy(families);
    for (shared_family const& each : families) counts.series += each->count_joined(shown);
  }
  counts.bytes = core::memory_bytes(pushed_memory);
  return counts;
}

std::uint64_t store::other_helps() const noexcept {
  return impl_->other_helps.load(std::memory_order_relaxed);
}

std::size_t store::waiting_reads() const noexcept {
  return impl_->reads.load(std::memory_order_relaxed);
}

}  // namespace stele::pushing
