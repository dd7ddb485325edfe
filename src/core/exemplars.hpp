// exemplars.hpp: the exemplars of one series: a slot for a counter, one a bucket for a histogram.
//
// A slot is written by whoever takes its sequence from even to odd; who comes second goes away. A
// reader copies it and looks at the sequence again. All of it is atomic words, so that a torn copy
// is told from a whole one and not from luck.
//
// Threads: put() and read() from any. A table is freed with its last user.

#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/memory.hpp"
#include "stele/exemplar.hpp"

namespace stele::core {

/// A copy of an exemplar.
struct exemplar_copy {
  double value;
  std::int64_t milliseconds;  // since 1970-01-01T00:00:00Z
  std::size_t size;           // of the text
  std::array<char, exemplar_writer::bytes_max + exemplar_writer::code_points_max> text;
};

/// Memory for one exemplar whose text has at most `capacity` bytes.
class exemplar_slot {
 public:
  static exemplar_slot* make(std::size_t capacity) noexcept;

  [[nodiscard]] std::size_t capacity() const noexcept { return words_ * sizeof(std::uint64_t); }
  /// gather_number when it was written.
  [[nodiscard]] std::uint32_t written() const noexcept {
    return written_.load(std::memory_order_relaxed);
  }
  /// Does nothing where another thread is writing. REQUIRES: the text fits.
  void put(double value, std::int64_t milliseconds, std::string_view text,
           std::uint32_t number) noexcept;
  /// False where there is none, or a writer is at it.
  [[nodiscard]] bool read(exemplar_copy& into) const noexcept;
  /// As if nothing had been written. REQUIRES: nobody writes.
  void clear() noexcept;
  [[nodiscard]] bool in_put() const noexcept {
    return sequence_.load(std::memory_order_relaxed) % 2 != 0;
  }

  exemplar_slot* smaller = nullptr;  // the one that this one replaced, kept for late writers

 private:
  explicit exemplar_slot(std::size_t words) noexcept : words_(words) {}
  std::atomic<std::uint64_t>* text() noexcept {
    return reinterpret_cast<std::atomic<std::uint64_t>*>(this + 1);
  }
  [[nodiscard]] std::atomic<std::uint64_t> const* text() const noexcept {
    return reinterpret_cast<std::atomic<std::uint64_t> const*>(this + 1);
  }

  std::size_t words_;
  std::atomic<std::uint32_t> sequence_{0};  // odd: being written; 0: never was
  std::atomic<std::uint32_t> written_{0};
  std::atomic<std::uint64_t> value_{0};
  std::atomic<std::int64_t> milliseconds_{0};
  std::atomic<std::size_t> size_{0};
};

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

/// Whether a source is set, so that gathers ask threads for samples.
bool has_exemplar_source() noexcept;

}  // namespace stele::core
