// exemplar_slot.hpp: the memory of one exemplar.
//
// A slot is written by whoever begins its update; who comes second goes away. All of it is atomic
// words, so that a torn copy is told from a whole one and not from luck.
//
//   exemplar_slot* const slot = exemplar_slot::make(text.size());
//   slot->put(value, milliseconds, text, gather_number);
//   if (exemplar_copy copy; slot->read(copy)) show(copy);
//   exemplar_slot::free(slot);
//
// Threads: put() and read() from any. It is freed by the exemplar_table that it belongs to.

#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "stele/exemplar.hpp"
#include "stele/update_sequence.hpp"

namespace stele::core {

/// A copy of an exemplar.
struct exemplar_copy {
  double value;
  std::int64_t milliseconds;  // since 1970-01-01T00:00:00Z
  std::size_t size;           // of the text
  std::array<char, exemplar_writer::text_max> text;
};

/// Memory for one exemplar whose text has at most `capacity` bytes.
class exemplar_slot {
 public:
  /// Null where there is no memory.
  static exemplar_slot* make(std::size_t capacity) noexcept;
  static void free(exemplar_slot* made) noexcept;

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
  [[nodiscard]] bool in_put() const noexcept { return sequence_.odd(); }

  exemplar_slot* smaller = nullptr;  // the one that this one replaced, kept for late writers

 private:
  explicit exemplar_slot(std::size_t words) noexcept : words_(words) {}
  static std::size_t bytes_of(std::size_t words) noexcept {
    return sizeof(exemplar_slot) + words * sizeof(std::uint64_t);
  }
  std::atomic<std::uint64_t>* text() noexcept {
    return reinterpret_cast<std::atomic<std::uint64_t>*>(this + 1);
  }
  [[nodiscard]] std::atomic<std::uint64_t> const* text() const noexcept {
    return reinterpret_cast<std::atomic<std::uint64_t> const*>(this + 1);
  }

  std::size_t words_;
  update_sequence sequence_;  // 0: never written
  std::atomic<std::uint32_t> written_{0};
  std::atomic<double> value_{0};
  std::atomic<std::int64_t> milliseconds_{0};
  std::atomic<std::size_t> size_{0};
};

}  // namespace stele::core
