// pushed_memory.hpp: the memory of the pushed series, all of which is counted under one part.
//
//   list<std::uint32_t> free;                       // throws std::bad_alloc
//   owned<part> made = make_owned<part>(…);
//
// Threads: any.

#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "core/memory.hpp"

namespace stele::pushing {

inline constexpr auto pushed_memory = core::memory_part::pushed_series;

template <class T>
using list = core::vector<T, pushed_memory>;
using text = core::string_of<pushed_memory>;
template <class T>
using owned = std::unique_ptr<T, core::destroyer<pushed_memory>>;

template <class T, class... Arguments>
owned<T> make_owned(Arguments&&... arguments) {
  return owned<T>(core::make<T, pushed_memory>(std::forward<Arguments>(arguments)...));
}
template <class T, class... Arguments>
std::shared_ptr<T> make_kept(Arguments&&... arguments) {
  return std::allocate_shared<T>(core::allocator<T, pushed_memory>(),
                                 std::forward<Arguments>(arguments)...);
}

struct text_hash {
  using is_transparent = void;
  std::size_t operator()(std::string_view of) const noexcept {
    return std::hash<std::string_view>()(of);
  }
};

template <class Key, class Value, class Hash = std::hash<Key>>
using map = std::unordered_map<Key, Value, Hash, std::equal_to<>,
                               core::allocator<std::pair<Key const, Value>, pushed_memory>>;
template <class Value>
using text_map = map<text, Value, text_hash>;

}  // namespace stele::pushing
