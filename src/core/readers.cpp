#include "core/readers.hpp"

#include <algorithm>

#include "core/table_state.hpp"

namespace stele::core {

reader::~reader() = default;

reading_result reader_entry::read() noexcept {
  std::lock_guard const lock(running_);
  if (removed_) return {};
  caller_ = std::this_thread::get_id();
  reading_result result;
  try {
    number value;
    if (source_->read(value)) result.value = value;
  } catch (...) {
    result.threw = true;
  }
  caller_ = std::thread::id();
  if (removed_) source_.reset();  // from inside the call
  return result;
}

void reader_entry::remove() noexcept {
  removed_ = true;
  if (caller_.load() == std::this_thread::get_id()) return;  // read() lets it go
  std::lock_guard const wait_for_call(running_);
  source_.reset();
}

std::uint64_t reader_list::add(std::size_t row, std::size_t series, reader* source) {
  std::unique_ptr<reader> owned(source);
  std::lock_guard const lock(mutex_);
  entries_.reserve(entries_.size() + 1);
  auto entry = std::make_shared<reader_entry>(row, series, next_key_, owned.get());
  static_cast<void>(owned.release());
  entries_.push_back(std::move(entry));
  return next_key_++;
}

void reader_list::remove(std::uint64_t key) noexcept {
  std::shared_ptr<reader_entry> removed;
  {
    std::lock_guard const lock(mutex_);
    auto const found = std::find_if(entries_.begin(), entries_.end(),
                                    [&](auto const& entry) { return entry->key == key; });
    if (found == entries_.end()) return;
    removed = *found;
    entries_.erase(found);
  }
  removed->remove();
}

std::vector<std::shared_ptr<reader_entry>> reader_list::copy() const {
  std::lock_guard const lock(mutex_);
  return entries_;
}

std::uint64_t add_reader(table_link& link, std::size_t row, std::size_t series, reader* source) {
  if (series >= closed_series_count(*link.info->rows[row])) {
    delete source;  // of a label value that is not in the closed set
    refuse(link, row);
    return 0;
  }
  return state_of(link).readers.add(row, series, source);
}

void remove_reader(table_link& link, std::uint64_t key) noexcept {
  state_of(link).readers.remove(key);
}

}  // namespace stele::core
