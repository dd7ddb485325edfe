// hash_table.hpp: pointers to items, found by their hash: one array, linear probing, at most a
// quarter full, since the second look at an array costs more than its memory. Who looks for an item
// says what equals it.
//
//   hash_table<series, memory_part::open_series> all;
//   all.reserve_one();
//   all.insert(hash, made);
//   series* const found = all.find(hash, [&](series const& each) { return each.is(values); });
//
// Threads: none of its own.

#pragma once

#include <cstddef>
#include <cstdint>

#include "core/memory.hpp"

namespace stele::core {

/// The low bits of a hash must be well mixed. Does not own its items.
template <class Item, memory_part Part>
class hash_table {
 public:
  hash_table() = default;
  hash_table(hash_table const&) = delete;
  hash_table& operator=(hash_table const&) = delete;

  /// The item with this hash for which matches(item), or null.
  template <class Matches>
  [[nodiscard]] Item* find(std::uint64_t hash, Matches matches) const noexcept {
    // Before the first item, the one slot is empty.
    for (std::size_t i = hash & mask_;; i = (i + 1) & mask_) {
      slot const& each = first_[i];
      if (each.hash == hash && each.item != nullptr && matches(*each.item)) [[likely]]
        return each.item;
      if (each.item == nullptr) return nullptr;
    }
  }

  /// Makes room for one more item, so that the next insert() cannot fail. Throws std::bad_alloc.
  void reserve_one() {
    if (4 * (size_ + 1) <= slots_.size()) return;
    vector<slot, Part> grown(slots_.empty() ? 16 : 2 * slots_.size());
    grown.swap(slots_);
    first_ = slots_.data();
    mask_ = slots_.size() - 1;
    for (slot const& each : grown)
      if (each.item != nullptr) place(each);
  }

  /// REQUIRES: reserve_one() was called since the last insert().
  void insert(std::uint64_t hash, Item& item) noexcept {
    place({hash, &item});
    ++size_;
  }

  /// REQUIRES: the item is in the table, with this hash.
  void erase(std::uint64_t hash, Item& item) noexcept {
    std::size_t hole = hash & mask_;
    while (slots_[hole].item != &item) hole = (hole + 1) & mask_;
    // What stands behind the hole moves up to it, unless that is before its own first place.
    for (std::size_t i = (hole + 1) & mask_; slots_[i].item != nullptr; i = (i + 1) & mask_) {
      std::size_t const home = slots_[i].hash & mask_;
      if (((i - home) & mask_) < ((i - hole) & mask_)) continue;
      slots_[hole] = slots_[i];
      hole = i;
    }
    slots_[hole] = {};
    --size_;
  }

  template <class Visit>
  void for_each(Visit visit) const {
    for (slot const& each : slots_)
      if (each.item != nullptr) visit(*each.item);
  }

  /// Takes out the items for which let_go(item) returns true; it may then destroy them.
  template <class LetGo>
  void erase_if(LetGo let_go) noexcept {
    // In place, from a slot that is empty, so that no item is met before those it gives way to.
    std::size_t const size = slots_.size();
    std::size_t start = 0;
    while (start < size && slots_[start].item != nullptr) ++start;
    for (std::size_t n = 1; n <= size; ++n) {
      slot const each = slots_[(start + n) & mask_];
      if (each.item == nullptr) continue;
      slots_[(start + n) & mask_] = {};
      if (let_go(*each.item))
        --size_;
      else
        place(each);
    }
  }

 private:
  struct slot {
    std::uint64_t hash = 0;
    Item* item = nullptr;
  };

  void place(slot const& each) noexcept {
    std::size_t i = each.hash & mask_;
    while (slots_[i].item != nullptr) i = (i + 1) & mask_;
    slots_[i] = each;
  }

  slot const* first_ = &no_slot;  // of slots_, at hand for find()
  std::size_t mask_ = 0;          // their number less one
  vector<slot, Part> slots_;      // none, or a power of two
  std::size_t size_ = 0;
  static constexpr slot no_slot{};
};

}  // namespace stele::core
