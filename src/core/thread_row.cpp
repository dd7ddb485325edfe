// thread_row.cpp: how a thread finds its block of a series. A hit reads and writes memory of the
// thread alone; a miss takes the table's mutex.

#include <algorithm>
#include <cstring>
#include <new>
#include <utility>

#include "core/open_row.hpp"
#include "core/table_state.hpp"
#include "stele/open_block.hpp"

namespace stele::core {

namespace {

thread_row*& row_of_slab(table_link const& link, std::size_t row, std::byte* slab) noexcept {
  return *reinterpret_cast<thread_row**>(slab + link.info->offsets[row]);
}

/// Under the table's mutex: the thread's block of the series of these values.
open_block& block_of(table_state& state, open_row& open, valid_values values, std::byte* slab,
                     thread_row& mine) {
  if (std::exchange(mine.ended_seen, open.ended) != open.ended) mine.drop_ended();
  if (open.is_full()) state.make_room(open, steady_now());
  series& found = open.find_or_make(std::move(values));
  auto const is_of_found = [&](open_block const& block) {
    return !block.ended.load(std::memory_order_relaxed) && block.of == &found;
  };
  if (open_block* const block = mine.blocks.find(found.hash, is_of_found)) return *block;
  mine.blocks.reserve_one();
  open_block& made = found.new_block(slab);
  mine.blocks.insert(found.hash, made);
  return made;
}

/// The thread's block of a series that it has not used yet, or under other values: what is not
/// UTF-8, or is past the bound, has the block of what it becomes. Null where there is no memory.
[[gnu::noinline, gnu::cold]] open_block* make_own(table_link& link, std::size_t row,
                                                  label_values values, std::byte* slab) noexcept
    try {
  valid_values valid(values);
  thread_row*& mine = row_of_slab(link, row, slab);
  if (mine == nullptr) mine = make<thread_row, memory_part::thread_maps>();
  table_state& state = state_of(link);
  open_row& open = *state.rows[row].open;
  std::unique_lock lock(state.mutex);
  std::uint64_t const before = open.overflows.load(std::memory_order_relaxed);
  open_block& block = block_of(state, open, std::move(valid), slab, *mine);
  bool const overflowed = open.overflows.load(std::memory_order_relaxed) != before;
  lock.unlock();
  if (overflowed)
    report(state.rows[row].reports, diagnostic::kind::overflow, link.info->rows[row]->name,
           "a series was asked for that the row has no room for, and counts as __overflow__; close "
           "the label, or raise limit_series()");
  return &block;
} catch (std::bad_alloc const&) {
  return nullptr;
}

open_block* find_own(table_link const& link, std::size_t row, std::byte* slab, label_values values,
                     std::uint64_t hash) noexcept {
  thread_row const* const mine = row_of_slab(link, row, slab);
  if (mine == nullptr) [[unlikely]]
    return nullptr;
  return mine->blocks.find(hash, [&](open_block const& block) {
    return stored_values(block.key()).equal(values) && !block.ended.load(std::memory_order_relaxed);
  });
}

/// The first word of each.
template <std::size_t Labels>
[[gnu::always_inline]] inline std::array<std::uint64_t, Labels> add_all(
    text_hash& hash, std::array<std::string_view, Labels> const& values) noexcept {
  return [&]<std::size_t... I>(std::index_sequence<I...>) {
    return std::array<std::uint64_t, Labels>{hash.add(values[I])...};
  }(std::make_index_sequence<Labels>());
}

}  // namespace

template <std::size_t Labels>
open_block* known_block(thread_row const& mine,
                        std::array<std::string_view, Labels> const& values) noexcept {
  // There is a seed: it was made before the first block.
  text_hash hash(process_seed.load(std::memory_order_relaxed));
  std::array<std::uint64_t, Labels> const words = add_all(hash, values);
  open_block* const found = mine.blocks.find(hash.value(), [&](open_block const& block) {
    return stored_values(block.key()).equal(values, words) &&
           !block.ended.load(std::memory_order_relaxed);
  });
  if (found != nullptr) [[likely]]
    ++found->own_handles;
  return found;
}

#define STELE_DETAIL_KNOWN(labels)                    \
  template open_block* known_block(thread_row const&, \
                                   std::array<std::string_view, labels> const&) noexcept
STELE_DETAIL_KNOWN(1);
STELE_DETAIL_KNOWN(2);
STELE_DETAIL_KNOWN(3);
STELE_DETAIL_KNOWN(4);
STELE_DETAIL_KNOWN(5);
STELE_DETAIL_KNOWN(6);
STELE_DETAIL_KNOWN(7);
STELE_DETAIL_KNOWN(8);
static_assert(known_labels_max == 8);
#undef STELE_DETAIL_KNOWN

open_block* find_block(table_link& link, std::size_t row, std::string_view const* values,
                       std::size_t count, slab_pointer& cached) noexcept {
  std::byte* slab = cached.load(std::memory_order_relaxed);
  if (slab == nullptr) slab = attach(link, cached);
  if (slab == nullptr) return nullptr;
  label_values const given{values, count};
  open_block* block = find_own(link, row, slab, given, hash_of(given));
  if (block == nullptr) block = make_own(link, row, given, slab);
  if (block != nullptr) ++block->own_handles;
  return block;
}

open_block* own_block(table_link& link, open_block const& any, slab_pointer& cached) noexcept try {
  std::byte* slab = cached.load(std::memory_order_relaxed);
  if (slab == nullptr) slab = attach(link, cached);
  if (slab == nullptr) return nullptr;
  stored_values const key(any.key());
  std::size_t const labels = any.about->labels.size();
  std::size_t const bytes = key.bytes(labels);
  open_block* block = nullptr;
  if (thread_row const* const mine = row_of_slab(link, any.row, slab))
    block = mine->blocks.find(key.hash(labels), [&](open_block const& each) {
      return stored_values(each.key()).bytes(labels) == bytes &&
             std::memcmp(each.key(), any.key(), bytes) == 0 &&
             !each.ended.load(std::memory_order_relaxed);
    });
  if (block == nullptr) {
    vector<std::string_view, memory_part::thread_maps> values(labels);
    key.read(values.data(), values.size());
    block = make_own(link, any.row, {values.data(), values.size()}, slab);
  }
  if (block != nullptr) ++block->own_handles;
  return block;
} catch (std::bad_alloc const&) {
  return nullptr;
}

namespace {

/// Calls use(row, series) under the mutex, where the values have a series.
template <class Use>
bool with_series(table_link& link, std::size_t row, label_values values, Use use) noexcept try {
  valid_values const valid(values);
  table_state& state = state_of(link);
  std::lock_guard const lock(state.mutex);
  open_row& open = *state.rows[row].open;
  series* const found = open.find(valid.get(), hash_of(valid.get()));
  if (found != nullptr) use(open, *found);
  return found != nullptr;
} catch (std::bad_alloc const&) {
  return false;
}

}  // namespace

bool remove_series(table_link& link, std::size_t row, std::string_view const* values,
                   std::size_t count) noexcept {
  return with_series(link, row, {values, count}, [](open_row& open, series const& which) {
    open.end_if([&](series const& each) { return &each == &which; });
  });
}

std::size_t clear_series(table_link& link, std::size_t row) noexcept {
  table_state& state = state_of(link);
  std::lock_guard const lock(state.mutex);
  return state.rows[row].open->end_if([](series const&) { return true; });
}

void set_series_max(table_link& link, std::size_t row, std::size_t count) noexcept {
  table_state& state = state_of(link);
  std::lock_guard const lock(state.mutex);
  state.rows[row].open->count_max = count;
}

void set_expiry(table_link& link, std::size_t row, std::int64_t nanoseconds) noexcept {
  table_state& state = state_of(link);
  std::lock_guard const lock(state.mutex);
  state.rows[row].open->expiry = std::max<std::int64_t>(nanoseconds, 0);
}

}  // namespace stele::core
