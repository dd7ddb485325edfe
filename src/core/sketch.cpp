// sketch.cpp: what an observation does seldom, and what others do with a sketch.

#include "stele/sketch.hpp"

#include <algorithm>
#include <cmath>
#include <new>

#include "core/memory.hpp"

namespace stele {

namespace {

constexpr auto relaxed = std::memory_order_relaxed;

template <class Number>
void bump(std::atomic<Number>& cell, Number amount) noexcept {
  cell.store(cell.load(relaxed) + amount, relaxed);
}

void bump_up_to_max(sliced_buckets::count& cell, std::uint32_t amount) noexcept {
  std::uint32_t const seen = cell.load(relaxed);
  cell.store(seen + std::min(amount, ~seen), relaxed);
}

}  // namespace

// ---- The buckets of one sign -----------------------------------------------------------------

void sliced_buckets::cover(std::size_t distance) noexcept {
  range const old = range_.load(relaxed);
  std::size_t const at = distance & ~(group - 1);
  bool const empty = old.first == old.end;
  std::size_t const first = empty ? at : std::min<std::size_t>(at, old.first);
  std::size_t const end = empty ? at + group : std::max<std::size_t>(at + group, old.end);
  for (std::size_t each = first; each < end; each += group) {
    if (!empty && each >= old.first && each < old.end) continue;
    for (std::size_t i = 0; i < slices * group; ++i) new (counts() + offset_of(each) + i) count(0);
  }
  range_.store({static_cast<std::uint16_t>(first), static_cast<std::uint16_t>(end)},
               std::memory_order_release);
}

void sliced_buckets::clear(std::size_t slice) noexcept {
  range const all = range_.load(relaxed);
  for (std::size_t each = all.first; each < all.end; ++each)
    begin(slice)[offset_of(each)].store(0, relaxed);
}

void sliced_buckets::merge(std::size_t slice, sliced_buckets const& other) noexcept {
  range const theirs = other.covered();
  if (theirs.first == theirs.end) return;
  cover(theirs.first);
  cover(theirs.end - 1U);
  for (std::size_t each = theirs.first; each < theirs.end; ++each)
    bump_up_to_max(begin(slice)[offset_of(each)],
                   other.begin(slice)[offset_of(each)].load(relaxed));
}

// ---- The sketch ------------------------------------------------------------------------------

sketch::~sketch() { core::destroy(negative_.load(relaxed)); }

bool sketch::observe(double value, epoch now) noexcept {
  if (!std::isfinite(value)) return false;
  if (now != present_) begin_slice(now);
  std::size_t const index = log_buckets::index_of(value);
  auto const lone = std::find(lone_buckets.begin(), lone_buckets.end(), index);
  std::size_t const at = now % slices;
  if (lone != lone_buckets.end()) {
    bump(slices_[at].lone[static_cast<std::size_t>(lone - lone_buckets.begin())], std::uint64_t{1});
    if (value != 0) bump(outside_, std::uint64_t{1});
  } else {
    sliced_buckets* const buckets = value < 0 ? negatives() : &positive_;
    if (buckets == nullptr) return false;
    std::size_t const distance = log_buckets::part_of(std::abs(value)) - log_buckets::lowest_part;
    buckets->cover(distance);
    bump_up_to_max(buckets->begin(at)[sliced_buckets::offset_of(distance)], 1);
    find_present();
  }
  // Before the sum falls, so that who reads the sum knows that it may have.
  if (value < 0) saw_negative_.store(true, std::memory_order_release);
  add_to_totals(sequence_.load(relaxed), 1, value);
  return true;
}

/// Null where there is no memory.
sliced_buckets* sketch::negatives() noexcept {
  sliced_buckets* all = negative_.load(relaxed);
  if (all != nullptr) return all;
  all = core::make_on_lines<sliced_buckets>();
  negative_.store(all, std::memory_order_release);
  return all;
}

void sketch::begin_slice(epoch now) noexcept {
  std::size_t const index = now % slices;
  if (slices_[index].begun.load(relaxed) != now) restart(index, now);
  present_ = now;
  find_present();
}

void sketch::restart(std::size_t index, epoch now) noexcept {
  slice& part = slices_[index];
  part.begun.store(0, relaxed);
  for (auto& each : part.lone) each.store(0, relaxed);
  positive_.clear(index);
  if (sliced_buckets* const negative = negative_.load(relaxed)) negative->clear(index);
  part.begun.store(now, std::memory_order_release);
}

/// Says to observe_quickly() where it finds the buckets.
void sketch::find_present() noexcept {
  auto const [first, end] = positive_.covered();
  first_ = log_buckets::lowest_part + first;
  span_ = static_cast<std::uint64_t>(end - first);
  buckets_ = positive_.begin(present_ % slices) + sliced_buckets::offset_of(first);
}

void sketch::look(std::int64_t nanoseconds) noexcept {
  constexpr std::int64_t soon = 10'000'000;
  constexpr std::int64_t late = 100'000'000;
  std::int64_t const passed = nanoseconds - looked_at_;
  if (looks_apart_ == 0 || passed > late)
    looks_apart_ = 1;
  else if (passed < soon)
    looks_apart_ = std::min(2 * looks_apart_, looks_apart_max);
  looked_at_ = nanoseconds;
  std::uint64_t const sequence = sequence_.load(relaxed);
  look_at_ = sequence + 2 * std::uint64_t{looks_apart_};
  if (copy_request::ticket const asked = request_.take(); asked != 0) {
    copy_ = {sequence / 2, sum_.load(relaxed)};
    request_.publish(asked);
    if (copy_request::is_lasting(asked)) look_at_ = sequence;
  }
}

void sketch::settle() noexcept {
  if (sequence_.load(relaxed) % 2 == 0) return;
  totals const& last = copy_.count > last_read.count ? copy_ : last_read;
  sum_.store(last.sum, relaxed);
  sequence_.store(2 * last.count, std::memory_order_release);
}

void sketch::merge(sketch const& other) noexcept {
  for (std::size_t i = 0; i < slices; ++i) {
    slice const& from = other.slices_[i];
    slice& to = slices_[i];
    epoch const theirs = from.begun.load(relaxed);
    if (theirs == 0 || theirs < to.begun.load(relaxed)) continue;  // older than what `to` holds
    if (theirs > to.begun.load(relaxed)) restart(i, theirs);
    for (std::size_t j = 0; j < lone_buckets.size(); ++j)
      bump(to.lone[j], from.lone[j].load(relaxed));
    positive_.merge(i, other.positive_);
    if (auto const* const negative = other.negative_.load(relaxed))
      if (sliced_buckets* const ours = negatives()) ours->merge(i, *negative);
  }
  find_present();
  bump(outside_, other.outside());
  if (other.saw_negative()) saw_negative_.store(true, std::memory_order_release);
  add_to_totals(sequence_.load(relaxed), other.sequence_.load(relaxed) / 2,
                other.sum_.load(relaxed));
}

}  // namespace stele
