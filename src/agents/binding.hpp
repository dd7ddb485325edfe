// binding.hpp: a bundle whose shape a group has not, from the look at what may be taken of it to
// the cells that have its values.
//
//   binding bound(state, push, workspace, group, now);
//   if (auto over = bound.plan()) return *over;            // nothing has changed
//   bound.prepare();                                       // nothing that shows; throws bad_alloc
//   return bound.commit();                                 // cannot fail
//
// Threads: the one that changes the store.

#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agents/merged_labels.hpp"
#include "agents/store_state.hpp"

namespace stele::pushing {

class binding {
 public:
  /// Null where there is no such workspace or group yet.
  binding(store_state& state, push const& what, pushed_workspace* workspace, pushed_group* group,
          store_time now);
  ~binding();
  binding(binding const&) = delete;
  binding& operator=(binding const&) = delete;

  /// What is bound and what is refused; the outcome where a bound is passed. Throws std::bad_alloc.
  std::optional<outcome> plan();
  /// All memory that is needed. Throws std::bad_alloc.
  void prepare();
  pushed_group& commit() noexcept;
  /// After plan().
  [[nodiscard]] std::vector<kept_refusal> const& refused() const noexcept { return refused_; }

 private:
  struct planned_series {
    std::uint32_t index;  // in the shape
    pushed_layout* layout;
    pushed_part* before;       // that has the series now; or null
    cell* old;                 // where
    bool stays;                // there
    std::uint32_t first_char;  // of its labels, in labels_
    std::uint32_t end_char;
    std::int64_t created;
    std::uint32_t target;
  };
  struct planned_family {
    std::uint32_t index;  // in the shape
    pushed_family* of;
    std::size_t first_series;
    std::size_t end_series;
  };
  struct old_cell {
    pushed_part* of;
    cell* at;
  };
  /// A joined series whose sources of other groups have ended, and go.
  struct outlived_target {
    pushed_family* of;
    std::uint32_t target;
  };
  /// A family that a part of the group has.
  struct held_family {
    pushed_family* family;
    pushed_part* of;
    std::size_t index;  // in the part's shape
  };
  /// The group's earlier cells of a family, by the series' own labels.
  using old_cells = map<std::string_view, old_cell>;

  [[nodiscard]] shape const& all() const noexcept { return *push_.what.of; }
  void refuse(std::uint32_t family, refusal_reason reason, bool is_final, std::string why);
  /// Whole.
  [[nodiscard]] bool is_replaced(pushed_part const& part) const noexcept;

  void plan_family(std::uint32_t index);
  static void drop_unused(pushed_family& family) noexcept;
  pushed_family* family_for(std::uint32_t index);
  bool make_way(std::uint32_t index, descriptor const& about);
  bool make_way_for_type(std::uint32_t index, pushed_family& other);
  bool plan_series(planned_family const& family);
  bool plan_one(planned_family const& family, old_cells const& old, std::uint32_t index);
  [[nodiscard]] std::string_view clashing_in_bundle(descriptor const& about) const;
  bool held_by_others(planned_family const& family);
  bool fits_targets(planned_family const& family);
  [[nodiscard]] list<std::uint8_t> targets_of_others(pushed_family const& family) const;
  void list_before();
  [[nodiscard]] std::span<held_family const> before(pushed_family const& family) const noexcept;
  [[nodiscard]] old_cells cells_of_before(pushed_family& family) const;
  [[nodiscard]] std::string_view labels_of(planned_series const& series) const noexcept {
    return std::string_view(labels_.rendered)
        .substr(series.first_char, series.end_char - series.first_char);
  }
  [[nodiscard]] std::span<std::uint64_t const> values_of_series(
      std::uint32_t index) const noexcept {
    return std::span(push_.what.values)
        .subspan(first_values_[index], first_values_[index + 1] - first_values_[index]);
  }
  std::optional<outcome> over_a_limit();
  [[nodiscard]] std::size_t replaced_series() const noexcept;

  void prepare_family(planned_family const& family);
  void reserve_cells(planned_family const& family);
  void commit_family(planned_family const& family) noexcept;
  void commit_series(pushed_family& family, planned_series const& series) noexcept;
  void end_replaced() noexcept;

  store_state& state_;
  push const& push_;
  replace const how_;
  pushed_workspace* workspace_;
  pushed_group* group_;
  store_time const now_;
  label_merger const merge_;
  merged_labels labels_;
  list<held_family> before_;                       // sorted by family
  text name_;                                      // of the family at hand
  map<std::string_view, pushed_family*> planned_;  // by name
  list<planned_family> families_;
  pushed_family* at_hand_ = nullptr;  // in plan_family(); not in families_ yet
  list<planned_series> series_;
  list<shared_family> made_;
  list<pushed_family*> ousted_;
  list<outlived_target> outlived_;
  std::vector<kept_refusal> refused_;
  std::uint64_t other_helps_ = 0;
  list<std::size_t> first_values_;           // of each series of the shape, and where they end
  list<list<std::uint64_t>> native_values_;  // of each planned series that has native buckets
  std::optional<std::uint32_t> record_;
  owned<pushed_group> made_group_;
  owned<pushed_part> part_;
  bool made_workspace_ = false;
  bool committed_ = false;
};

/// The name under which a family is exposed, and the one that rules go by.
text exposed_name(std::string_view prefix, std::string_view pushed);
std::string_view bare_name(std::string_view prefix, std::string_view pushed) noexcept;

/// Whether a family of another type, or one that clashes, has live series of other groups, so that
/// a family that was refused for that still is. Throws std::bad_alloc.
bool is_still_refused(store_state const& state, pushed_group const& group,
                      kept_refusal const& refused, shape_family const& family, store_time now);

/// Whether the cells say of each series when it began what the bundle says.
bool has_same_begins(pushed_part const& part, bundle const& what) noexcept;

/// The values of one series, under the family's mutex. REQUIRES: there is room for native buckets.
void write_cell(pushed_family& family, cell const& to, layout const& of,
                std::span<std::uint64_t const> values) noexcept;

/// Makes room for native buckets; then write_values() cannot fail. Throws std::bad_alloc.
void reserve_values(pushed_part& part, bundle const& what);
/// The values of a part's series. REQUIRES: it has all families of its shape that it ever had.
void write_values(pushed_part& part, bundle const& what) noexcept;

}  // namespace stele::pushing
