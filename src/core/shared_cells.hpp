// shared_cells.hpp: the cells of a row that is set and has an open label: one a series, which all
// threads' blocks refer to, and keep.
//
// They stand side by side in pages, each on a line of its own: a gather of many series reads memory
// from one end to the other. A cell that nobody keeps any more is the next new series'.
//
//   shared_cells cells(row);
//   shared_cells::cell const made = cells.take();     // with one use; throws std::bad_alloc
//   made.add_use();                                   // a block refers to it
//   made.drop_use();
//
// Threads: a cell's uses may be added and dropped by any thread; the rest is guarded by the mutex
// of the row's table.

#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "core/memory.hpp"
#include "stele/descriptor.hpp"

namespace stele::core {

class shared_cells {
 public:
  /// Null where a row is not set.
  struct cell {
    std::byte* at = nullptr;
    void* in = nullptr;  // its page

    void add_use() const noexcept;
    void drop_use() const noexcept;
  };

  explicit shared_cells(descriptor const& row) noexcept : row_(row) {}
  shared_cells(shared_cells const&) = delete;
  shared_cells& operator=(shared_cells const&) = delete;
  ~shared_cells();

  /// A cell as it is at first. Throws std::bad_alloc.
  cell take();
  /// Frees pages none of whose cells is used, where any has been dropped since the last time.
  void trim() noexcept;

 private:
  struct page;
  using pages = vector<page*, memory_part::open_series>;

  page& page_with_room();

  descriptor const& row_;
  pages pages_;
  std::size_t full_ = 0;                 // pages before this one were full when they were last seen
  std::atomic<std::uint64_t> freed_{0};  // cells, ever
  std::uint64_t seen_by_take_ = 0;       // of them
  std::uint64_t seen_by_trim_ = 0;
};

}  // namespace stele::core
