// shape_cache.hpp: equal shapes are kept once: agents of one version push the same one.
//
//   shape_cache shapes;
//   std::shared_ptr<shape const> const kept = shapes.intern(std::move(made));
//
// It keeps no shape alive. Threads: one.

#pragma once

#include <cstddef>
#include <memory>
#include <unordered_map>

#include "agents/shape.hpp"

namespace stele::pushing {

/// Over all of a shape, its plan, too. 0 is none.
std::size_t hash_of(shape const& of) noexcept;
/// Whether all is equal, the plans, too.
bool equal(shape const& a, shape const& b) noexcept;

class shape_cache {
 public:
  /// Beyond so many different shapes that live, further ones are not shared.
  explicit shape_cache(std::size_t shapes_max = 65'536) noexcept : shapes_max_(shapes_max) {}

  /// An equal one that lives, or this one. Sets its hash. Throws std::bad_alloc.
  std::shared_ptr<shape const> intern(shape&& made);

  [[nodiscard]] std::size_t size() const noexcept { return known_.size(); }

 private:
  void forget_ended();

  std::size_t const shapes_max_;
  std::size_t next_search_ = 64;  // how many there may be before those that ended are looked for
  std::unordered_multimap<std::size_t, std::weak_ptr<shape const>> known_;
};

}  // namespace stele::pushing
