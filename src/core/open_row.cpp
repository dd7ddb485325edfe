#include "core/open_row.hpp"

#include <algorithm>
#include <new>
#include <utility>

#include "core/cells.hpp"
#include "core/label_text.hpp"

namespace stele::core {

constinit std::atomic<std::uint32_t> gather_number{1};

namespace {

constexpr std::string_view overflow_text = "__overflow__";

/// Series with `__overflow__` that may be made past the bound before all open labels get it.
constexpr std::size_t overflow_series_max = 100;

/// Added to `other_handles` when the owner lets a block go: from then on it holds the number of
/// handles.
constexpr std::int64_t let_go_mark = std::int64_t{1} << 62;

std::size_t cell_and_shadow_bytes(descriptor const& row) noexcept {
  return row.is_shared() ? 0 : cell_bytes(row) + shadow_bytes(row);
}

/// The label values stand at a fixed place, so that they are read while the block itself is.
std::size_t cell_place(std::size_t key_bytes) noexcept {
  constexpr std::size_t word = sizeof(std::uint64_t);
  return sizeof(open_block) + (key_bytes + word - 1) / word * word;
}

std::size_t bytes_of(open_block const& block) noexcept {
  std::size_t const key_bytes = stored_values(block.key()).bytes(block.about->labels.size());
  return cell_place(key_bytes) + cell_and_shadow_bytes(*block.about);
}

void free_block(open_block& block) noexcept {
  std::size_t const bytes = bytes_of(block);
  if (block.about->is_shared()) {
    shared_cells::cell{block.cell, block.cell_page}.drop_use();
  } else {
    destroy_cell(*block.about, block.cell);
    if (block.exemplars != nullptr) block.exemplars->drop_use();
  }
  release_lines(memory_part::open_blocks, &block, bytes);
}

}  // namespace

// ---- Handles ------------------------------------------------------------------------------------

void acquire_block(open_block& block) noexcept {
  block.other_handles.fetch_add(1, std::memory_order_relaxed);
}

void release_block(open_block& block) noexcept {
  if (block.other_handles.fetch_sub(1, std::memory_order_acq_rel) == let_go_mark + 1)
    free_block(block);
}

void let_go(open_block& block) noexcept {
  // No slab has this address, so no thread takes itself for the owner from here on.
  block.owner.store(reinterpret_cast<std::byte*>(&block), std::memory_order_relaxed);
  std::int64_t const handles = let_go_mark + block.own_handles;
  if (block.other_handles.fetch_add(handles, std::memory_order_acq_rel) + handles == let_go_mark)
    free_block(block);
}

void thread_row::drop_ended() noexcept {
  blocks.erase_if([](open_block& block) {
    if (!block.ended.load(std::memory_order_relaxed)) return false;
    let_go(block);
    return true;
  });
}

// ---- One series ---------------------------------------------------------------------------------

series::series(descriptor const& row, std::size_t row_index, label_values values,
               std::uint64_t key_hash, shared_cells& cells)
    : hash(key_hash),
      last_seen(steady_now()),
      row_(row),
      row_index_(static_cast<std::uint16_t>(row_index)),
      key_(stored_values::bytes(values)) {
  stored_values::store(values, key_.data());
  if (row.is_shared()) {
    shared_ = cells.take();
    return;
  }
  retired_ = allocate_lines(memory_part::open_series, cell_and_shadow_bytes(row));
  if (retired_ == nullptr) throw std::bad_alloc();
  construct_cells(row, 1, retired_);
  construct_shadow(row, retired_ + cell_bytes(row));
}

series::~series() {
  if (exemplars_ != nullptr) exemplars_->drop_use();
  if (shared_.at != nullptr) {
    shared_.drop_use();
  } else {
    destroy_cell(row_, retired_);
    release_lines(memory_part::open_series, retired_, cell_and_shadow_bytes(row_));
  }
}

open_block& series::new_block(std::byte* slab) {
  reserve_one(live_);
  std::size_t const bytes = cell_place(key_.size()) + cell_and_shadow_bytes(row_);
  std::byte* const memory = allocate_lines(memory_part::open_blocks, bytes);
  if (memory == nullptr) throw std::bad_alloc();
  auto* const block = new (memory) open_block{};
  block->owner.store(slab, std::memory_order_relaxed);
  block->of = this;
  block->row = row_index_;
  block->about = &row_;
  std::copy(key_.begin(), key_.end(), block->key());
  if (shared_.at != nullptr) {
    shared_.add_use();
    block->cell = shared_.at;
    block->cell_page = shared_.in;
  } else {
    block->cell = memory + cell_place(key_.size());
    construct_cells(row_, 1, block->cell);
    construct_shadow(row_, block->cell + cell_bytes(row_));
  }
  live_.push_back(block);
  return *block;
}

void series::fold(open_block& block) noexcept {
  if (shared_.at == nullptr) fold_cell(row_, block.cell, block.cell + cell_bytes(row_), retired_);
  retired_touched_ = std::max(retired_touched_, block.touched.load(std::memory_order_relaxed));
  live_.erase(std::find(live_.begin(), live_.end(), &block));
}

exemplar_table* series::exemplars_for(open_block& block) noexcept {
  if (exemplars_ == nullptr) exemplars_ = exemplar_table::make(exemplar_places(row_));
  if (exemplars_ == nullptr) return nullptr;
  exemplars_->add_use();
  return block.exemplars = exemplars_;
}

void series::end() noexcept {
  for (open_block* block : live_) block->ended.store(true, std::memory_order_release);
  live_.clear();
}

bool series::touched_since(std::uint32_t since) const noexcept {
  // An update that began before gather `since` may have written the number before it.
  auto const later = [since](std::uint32_t number) { return number + 1 >= since && number != 0; };
  return later(retired_touched_) || std::any_of(live_.begin(), live_.end(), [&](auto const* block) {
           return later(block->touched.load(std::memory_order_relaxed));
         });
}

// ---- All series of a row ------------------------------------------------------------------------

series* open_row::find(label_values values, std::uint64_t hash) const noexcept {
  return by_values_.find(hash, [&](series const& each) { return each.is(values); });
}

series& open_row::make(label_values values, std::uint64_t hash) {
  auto const labels = render_labels<string_of<memory_part::open_series>>(row_, values.values);
  by_values_.reserve_one();
  all_.reserve(labels.size());
  series* const made =
      core::make<series, memory_part::open_series>(row_, index_, values, hash, cells_);
  all_.add({made, made->shared_value()}, labels, unix_milliseconds());
  by_values_.insert(hash, *made);
  return *made;
}

void open_row::end(series& which) noexcept {
  which.end();
  by_values_.erase(which.hash, which);
  destroy<memory_part::open_series>(&which);
}

std::size_t open_row::label_with_most_values() const {
  std::size_t most = 0;
  std::size_t found = no_label;
  vector<std::string_view> values(row_.labels.size());
  for (std::size_t label = 0; label < row_.labels.size(); ++label) {
    if (row_.labels[label].closed()) continue;
    vector<std::string_view> seen;
    all_.for_each([&](series const& each) {
      each.read_values(values.data());
      seen.push_back(values[label]);
    });
    std::sort(seen.begin(), seen.end());
    auto const count =
        static_cast<std::size_t>(std::unique(seen.begin(), seen.end()) - seen.begin());
    if (found != no_label && count <= most) continue;
    most = count;
    found = label;
  }
  return found;
}

series& open_row::find_or_make(valid_values values) {
  std::uint64_t hash = hash_of(values.get());
  if (series* const found = find(values.get(), hash)) return *found;
  if (all_.size() < count_max) {
    crowded_label_ = no_label;  // what is crowded is decided anew when the bound is met again
    return make(values.get(), hash);
  }
  overflows.fetch_add(1, std::memory_order_relaxed);
  if (crowded_label_ == no_label) crowded_label_ = label_with_most_values();
  values.replace(crowded_label_, overflow_text);
  hash = hash_of(values.get());
  if (series* const found = find(values.get(), hash)) return *found;
  if (all_.size() < count_max + overflow_series_max) return make(values.get(), hash);
  for (std::size_t label = 0; label < row_.labels.size(); ++label)
    if (!row_.labels[label].closed()) values.replace(label, overflow_text);
  hash = hash_of(values.get());
  if (series* const found = find(values.get(), hash)) return *found;
  return make(values.get(), hash);
}

}  // namespace stele::core
