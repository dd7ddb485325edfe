// store_state.hpp: what a store holds, and how it lets go of it.
//
// Threads: one changes it, as store.hpp says; gathers use the records, the families and the counts.

#pragma once

#include <boost/intrusive/list.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "agents/family_set.hpp"
#include "agents/part_records.hpp"
#include "agents/pushed_group.hpp"
#include "agents/store.hpp"

namespace stele::pushing {

class store_state {
 public:
  explicit store_state(store_settings of);
  store_state(store_state const&) = delete;
  store_state& operator=(store_state const&) = delete;
  ~store_state();

  /// What was pushed earlier is gone.
  [[nodiscard]] store_time live_since(store_time now) const noexcept {
    return now - settings.ttl_ms;
  }
  [[nodiscard]] bool is_live(pushed_group const& group, store_time now) const noexcept;
  [[nodiscard]] bool is_owned(pushed_workspace const& workspace, store_time now) const noexcept;

  // ---- Workspaces and groups --------------------------------------------------------------------

  [[nodiscard]] pushed_workspace* find(std::string_view workspace_id) const noexcept;
  [[nodiscard]] pushed_group* find(pushed_workspace const& workspace,
                                   std::string_view key) const noexcept;
  /// One without a group. Throws std::bad_alloc.
  pushed_workspace& make_workspace(std::string_view id);
  /// Ends it: its series are not exposed from here on.
  void end_group(pushed_group& group, store_time now) noexcept;
  /// A group that was ended and is not reclaimed, like one that has expired from here on; or null.
  pushed_group* take_back(pushed_workspace& workspace, std::string_view key) noexcept;
  void end_all(pushed_workspace& workspace, store_time now) noexcept;
  /// Ends groups that have expired, but one.
  void end_expired(pushed_workspace& workspace, store_time now,
                   pushed_group const* but = nullptr) noexcept;
  /// The same in all workspaces.
  void end_all_expired(store_time now, pushed_group const* but = nullptr) noexcept;
  /// Remembers since when another instance, or nobody, has a workspace without groups.
  void gone(pushed_workspace& workspace, store_time now) noexcept;
  /// Makes room for one more group, so that neither ending it nor taking it back can fail. Throws
  /// std::bad_alloc.
  static void reserve_group(pushed_workspace& workspace);

  // ---- Memory -----------------------------------------------------------------------------------

  /// Takes back the memory of an ended group; false where none is due.
  bool reclaim_one(store_time now) noexcept;
  /// Whether a group that has ended is to be reclaimed. Where series are joined it is remembered
  /// for a while: should it come back, its counters go on instead of being added up anew.
  [[nodiscard]] bool is_reclaim_due(store_time now) const noexcept;
  void reclaim_of(pushed_workspace& workspace) noexcept;
  /// Those that a workspace is remembered by are as many as those that it may have.
  void reclaim_beyond_bounds(pushed_workspace& workspace) noexcept;
  /// Forgets workspaces that ended long ago.
  void forget_gone(store_time now) noexcept;

  /// The part lets go of a family that it has; its series end. REQUIRES: its mutex is held.
  void release(pushed_part& part, std::size_t family) noexcept;
  /// The same, of a part that stays.
  void release_counted(pushed_part& part, std::size_t family) noexcept;
  void release_all(pushed_part& part) noexcept;
  /// All parts let go of a family.
  void release_all(pushed_family& family) noexcept;
  /// Groups but one that have a source of a target of a joined family let go of the family.
  /// REQUIRES: its mutex is held.
  void release_sources(pushed_family& family, std::uint32_t target,
                       pushed_group const& but) noexcept;
  /// After series of the family ended: takes memory back, and the family itself where it has none.
  void close_ranks(pushed_family& family) noexcept;
  /// A part has fewer series now.
  void uncount(pushed_part& part, std::uint32_t count) noexcept;

  store_settings const settings;
  bool const joins_series;  // labels are taken away
  part_records records;
  list<pushed_part*> parts;               // by record
  list<std::string_view> reserved_names;  // of the tables' rows, sorted
  family_set families;
  std::size_t series = 0;                           // of groups that were not ended
  std::size_t remembered_series = 0;                // of groups that were, and are not reclaimed
  std::size_t owned_workspaces = 0;                 // that have a group which was not ended
  std::atomic<std::uint32_t> workspace_numbers{0};  // all are below
  std::atomic<std::uint64_t> other_helps{0};

 private:
  void reclaim(pushed_group& group) noexcept;
  [[nodiscard]] std::size_t& series_of(pushed_group const& group) noexcept;

  map<std::string_view, owned<pushed_workspace>> workspaces_;  // by the id that each has
  list<std::uint32_t> free_numbers_;                           // has room for all
  boost::intrusive::list<pushed_group> ended_;                 // of all workspaces; oldest first
  boost::intrusive::list<pushed_workspace> gone_;              // oldest first
};

}  // namespace stele::pushing
