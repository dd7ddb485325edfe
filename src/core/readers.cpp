#include "core/readers.hpp"

#include <algorithm>
#include <new>
#include <utility>

#include "core/callback_runner.hpp"
#include "core/table_state.hpp"
#include "core/tables.hpp"

namespace stele::core {

reader::~reader() = default;

void* reader::operator new(std::size_t bytes) {
  if (void* const memory = allocate(memory_part::readings, bytes)) return memory;
  throw std::bad_alloc();
}

void* reader::operator new(std::size_t bytes, std::align_val_t alignment) {
  if (void* const memory = allocate_aligned(memory_part::readings, bytes, alignment)) return memory;
  throw std::bad_alloc();
}

void reader::operator delete(void* memory, std::size_t bytes) noexcept {
  release(memory_part::readings, memory, bytes);
}

void reader::operator delete(void* memory, std::size_t bytes, std::align_val_t alignment) noexcept {
  release_aligned(memory_part::readings, memory, bytes, alignment);
}

std::uint64_t reader_list::add(std::size_t row, std::size_t series, std::unique_ptr<reader> source,
                               asked_by by) {
  std::lock_guard const lock(callback_runner::instance().mutex);
  reserve_one(entries_);
  entries_.push_back(
      std::allocate_shared<reader_entry>(allocator<reader_entry, memory_part::readings>(), row,
                                         series, by, next_key_, std::move(source)));
  size_.store(entries_.size(), std::memory_order_release);
  return next_key_++;
}

void reader_list::remove(std::uint64_t key) noexcept {
  callback_runner& runner = callback_runner::instance();
  std::unique_lock lock(runner.mutex);
  auto const found = std::find_if(entries_.begin(), entries_.end(),
                                  [&](auto const& entry) { return entry->key == key; });
  if (found == entries_.end()) return;
  std::shared_ptr<reader_entry> const removed = *found;
  entries_.erase(found);
  size_.store(entries_.size(), std::memory_order_release);
  removed->removed = true;
  if (removed->running && removed->caller == std::this_thread::get_id()) {
    removed->removed_inside = true;
    return;
  }
  runner.changed.wait(lock, [&] { return !removed->running; });
  auto const gone = std::move(removed->source);
  lock.unlock();  // what the callback captured goes after this
}

std::uint64_t add_reader(table_link& link, std::size_t row, std::size_t series, reader* source,
                         asked_by by) {
  std::unique_ptr<reader> owned(source);
  if (series == whole_row || series < closed_series_count(*link.info->rows[row]))
    return state_of(link).readers.add(row, series, std::move(owned), by);
  refuse(link, row);  // of a label value that is not in the closed set
  return 0;
}

void remove_reader(table_link& link, std::uint64_t key) noexcept {
  state_of(link).readers.remove(key);
}

}  // namespace stele::core
