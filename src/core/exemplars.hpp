// exemplars.hpp: the exemplars of one series, or of all series of a closed row: a place for a
// counter, one a bucket for a histogram. A place gets its memory with its first exemplar.
//
//   exemplar_table* const table = exemplar_table::make(exemplar_places(row));
//   table->put({.bucket = place, .value = value}, text);
//   if (exemplar_copy copy; table->read(place, copy)) show(copy);
//   table->drop_use();
//
// Threads: put() and read() from any. A table is freed with its last user.

#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/exemplar_slot.hpp"
#include "stele/exemplar.hpp"

namespace stele::core {

class exemplar_table {
 public:
  /// With one use. Null where there is no memory.
  static exemplar_table* make(std::size_t places) noexcept;
  void add_use() noexcept { uses_.fetch_add(1, std::memory_order_relaxed); }
  void drop_use() noexcept;

  /// Whether a place has an exemplar of gather number `number` already.
  [[nodiscard]] bool is_fresh(std::size_t place, std::uint32_t number) const noexcept;
  void put(exemplar_point at, std::string_view text) noexcept;
  [[nodiscard]] bool read(std::size_t place, exemplar_copy& into) const noexcept;
  /// Forgets all exemplars. REQUIRES: nobody writes.
  void clear() noexcept;
  /// Forgets those whose writer stopped in the middle, as one does that a fork leaves behind: their
  /// places would be taken for ever. REQUIRES: nobody writes.
  void repair() noexcept;

 private:
  using slot_pointer = std::atomic<exemplar_slot*>;

  explicit exemplar_table(std::size_t places) noexcept : places_(places) {}
  static std::size_t bytes_of(std::size_t places) noexcept {
    return sizeof(exemplar_table) + places * sizeof(slot_pointer);
  }
  [[nodiscard]] slot_pointer& slot(std::size_t place) const noexcept {
    return reinterpret_cast<slot_pointer*>(const_cast<exemplar_table*>(this) + 1)[place];
  }
  template <class Visit>
  void for_each_slot(Visit visit) noexcept {
    for (std::size_t i = 0; i < places_; ++i)
      for (auto* each = slot(i).load(std::memory_order_acquire); each != nullptr;
           each = each->smaller)
        visit(*each);
  }
  exemplar_slot* slot_for(std::size_t place, std::size_t bytes) noexcept;

  std::atomic<std::uint32_t> uses_{1};
  std::size_t places_;
};

/// How many exemplars a series of a row has at most: 0 where the type has none.
std::size_t exemplar_places(descriptor const& row) noexcept;

}  // namespace stele::core
