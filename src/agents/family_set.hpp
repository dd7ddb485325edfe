// family_set.hpp: the pushed families by name, of which no two clash in an exposition.
//
//   if (pushed_family* const found = families.find(name)) …
//   families.for_each_clash(about, [&](pushed_family& other) { … });
//   families.reserve(1);                                   // throws std::bad_alloc
//   families.change(ousted, added);
//   families.copy(now);                                    // any thread
//
// Threads: one changes it, and may read it without a lock; copy() on any. What a copy has does not
// clash, since one change takes out what the added ones clash with.

#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <span>
#include <string_view>
#include <vector>

#include "agents/pushed_family.hpp"

namespace stele::pushing {

using shared_family = std::shared_ptr<pushed_family>;

/// Whether one exposition cannot hold both. A counter `x_total` beside a family `x` it can: the
/// counter is then shown to OpenMetrics as `unknown`.
bool clash(descriptor const& a, descriptor const& b) noexcept;

class family_set {
 public:
  /// Null where there is none.
  [[nodiscard]] pushed_family* find(std::string_view name) const noexcept;
  [[nodiscard]] list<shared_family> const& all() const noexcept { return all_; }

  /// Calls visit(family) for each of another name that clashes. Throws std::bad_alloc.
  template <class Visit>
  void for_each_clash(descriptor const& about, Visit visit) const {
    for (text const& name : clashing_names(about)) {
      pushed_family* const found = name == about.name ? nullptr : find(name);
      if (found != nullptr && clash(about, found->about())) visit(*found);
    }
  }

  /// Room for so many more. Throws std::bad_alloc.
  void reserve(std::size_t more);
  /// Takes families out, and others in. REQUIRES: there is room.
  void change(std::span<pushed_family* const> out, std::span<shared_family> in) noexcept;

  /// Sorted by name. Throws std::bad_alloc.
  void copy(list<shared_family>& to) const;

 private:
  /// Names that families which clash with it may have. Throws std::bad_alloc.
  static list<text> clashing_names(descriptor const& about);

  mutable std::mutex mutex_;  // of all_, against copy()
  list<shared_family> all_;   // sorted by name
};

}  // namespace stele::pushing
