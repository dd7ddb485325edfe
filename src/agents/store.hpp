// store.hpp: the pushed series, from bundles to the snapshot.
//
//   store all(settings);
//   outcome const done = all.apply({.who = identity, .group = key, .how = replace::all,
//                                   .what = std::move(bundle), .epoch = …}, now);
//   all.read(filter, snapshot);            // at a scrape
//
// Threads: one thread at a time changes it (apply, remove, expire, reclaim: the caller has a lock
// or a strand); any number gather at the same time (read, count). Updates and gathers do not wait
// for one another: a scalar is one relaxed atomic; a family's mutex is held by a gather for that
// family alone, and by what changes which series it has, or a number of a series of several.

#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agents/bundle.hpp"
#include "agents/cardinality.hpp"
#include "agents/push_limits.hpp"
#include "core/family_source.hpp"
#include "core/row_filter.hpp"
#include "core/snapshot_data.hpp"

namespace stele::pushing {

/// Milliseconds of a clock that never goes back, for expiry.
using store_time = std::int64_t;
/// Of ownership: milliseconds since 1970-01-01T00:00:00Z of the instance that took the workspace
/// over, or what the agent says (`Stele-Epoch`).
using epoch = std::int64_t;
/// The end of the year 9999, included. What is later was no clock's, and is refused where it is
/// read: one more millisecond can then be added to any epoch.
inline constexpr epoch epoch_max = 253'402'300'799'999;

store_time steady_milliseconds() noexcept;

struct store_settings {
  std::string prefix = "coderd_workspace_";
  std::int64_t ttl_ms = 120'000;  // a group that was not pushed for longer is gone
  push_limits limits{};
  cardinality rules{};
  /// Names that the tables it is served with have: their families, as descriptors.
  std::vector<descriptor const*> reserved{};
  /// What read() looks at, and what apply() and the like are told in `now`.
  store_time (*clock)() noexcept = steady_milliseconds;
};

enum class replace : std::uint8_t {
  all,      // PUT: the whole group
  families  // POST: those of the same names
};

struct push {
  std::string_view user_id;
  std::string_view workspace_id;
  std::string_view group;   // the whole grouping key, canonical: grouping_key::text
  std::string_view labels;  // of the group that are exposed, rendered, without the identity; sorted
  replace how = replace::all;
  bundle what;
  std::optional<epoch> agents_epoch;  // what the agent says
  epoch arrived = 0;                  // when the request's first byte came, by the system's clock
};

struct outcome {
  enum class kind : std::uint8_t {
    applied,
    stale,     // 409: another instance has the workspace since a later epoch
    limit,     // 429: over a bound; nothing of it was applied
    no_memory  // 503
  };
  kind is = kind::applied;
  std::string why;  // of what is not applied
  /// Families that were refused though the rest was applied; the shape's own are among them.
  std::vector<family_refusal> refused;
  /// Set where the workspace was taken over: to be claimed from peers.
  std::optional<epoch> claimed;
};

/// What the aggregator's rows and the self table show.
struct store_counts {
  std::size_t workspaces = 0;        // with a live group
  std::size_t series = 0;            // of live groups; a histogram is one
  std::size_t ended_workspaces = 0;  // whose end is known and whose series wait to be reclaimed
  std::size_t bytes = 0;             // of all that stores of this process hold, but for shapes
};

class store final : public core::family_source {
 public:
  explicit store(store_settings settings);
  ~store() override;

  // ---- One thread at a time ----

  /// The shape that a group was pushed with last, for text that may be read by its plan; or null.
  [[nodiscard]] std::shared_ptr<shape const> last_shape(std::string_view workspace_id,
                                                        std::string_view group) const;
  /// Throws nothing: what lacks memory leaves all as it was.
  outcome apply(push const& what, store_time now) noexcept;
  /// DELETE of a group; whether there was one. Its series are not exposed from here on.
  bool remove_group(std::string_view workspace_id, std::string_view group) noexcept;
  /// The service deleted the workspace: pushes that arrived before are refused.
  void remove_workspace(std::string_view workspace_id, epoch at) noexcept;
  /// A peer has it since `since`. Nothing where it was let go; else the later epoch that is known,
  /// or, where the peer has no tie, the same.
  std::optional<epoch> release_workspace(std::string_view workspace_id, epoch since,
                                         bool peer_has_ties = false) noexcept;
  /// It is this instance's from a later epoch on than a peer knows: which is returned. Nothing
  /// where nothing of it lives here, or the epoch that is known here is no earlier.
  std::optional<epoch> hold_workspace(std::string_view workspace_id, epoch known) noexcept;
  /// Takes back memory of what has ended, at most of so many groups; whether there is more.
  bool reclaim(store_time now, std::size_t groups_max) noexcept;

  // ---- Any thread ----

  /// The families of live groups; a group that has expired at this moment is not among them.
  void read(core::row_filter const* filter, core::snapshot_data& out) override;
  /// Throws std::bad_alloc.
  [[nodiscard]] store_counts count(store_time now) const;
  /// How many families were bound with another HELP than is shown.
  [[nodiscard]] std::uint64_t other_helps() const noexcept;
  /// How many scrapes wait for read() at this moment.
  [[nodiscard]] std::size_t waiting_reads() const noexcept;

 private:
  class impl;
  std::unique_ptr<impl> impl_;
};

}  // namespace stele::pushing
