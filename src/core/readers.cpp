#include "core/readers.hpp"

#include <algorithm>
#include <utility>

#include "core/callback_runner.hpp"
#include "core/table_state.hpp"
#include "core/tables.hpp"

namespace stele::core {

reader::~reader() = default;

/// The loader's lock comes before a fork_pause: an object that is being loaded may feed.
feeding::feeding(table_link& link, feeder who) noexcept
    : whole_((pin_object_of(link), fork_pause())), first_(state_of(link).begin_feed(who)) {}

std::uint64_t reader_list::add(std::size_t row, std::size_t series, reader* source, asked_by by) {
  std::unique_ptr<reader> owned(source);
  std::lock_guard const lock(callback_runner::instance().mutex);
  entries_.push_back(std::make_shared<reader_entry>(row, series, by, next_key_, std::move(owned)));
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
  if (series != whole_row && series >= closed_series_count(*link.info->rows[row])) {
    delete source;  // of a label value that is not in the closed set
    refuse(link, row);
    return 0;
  }
  return state_of(link).readers.add(row, series, source, by);
}

void remove_reader(table_link& link, std::uint64_t key) noexcept {
  state_of(link).readers.remove(key);
}

}  // namespace stele::core
