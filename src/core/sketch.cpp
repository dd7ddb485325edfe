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

// ---- The buckets of one sign --------------------------------------------------------------------

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

// ---- The sketch ---------------------------------------------------------------------------------

sketch_memory::~sketch_memory() {
  core::destroy_on_lines<core::memory_part::sketches>(negative.load(relaxed));
}

namespace {

/// The buckets of negative values, made at the first; null where there is no memory.
sliced_buckets* negatives(sketch_memory& of) noexcept {
  sliced_buckets* all = of.negative.load(relaxed);
  if (all != nullptr) return all;
  all = core::make_on_lines<sliced_buckets, core::memory_part::sketches>();
  of.negative.store(all, std::memory_order_release);
  return all;
}

}  // namespace

sketch::~sketch() { core::destroy_on_lines<core::memory_part::sketches>(memory_.load(relaxed)); }

sketch_memory* sketch::attached() noexcept {
  sketch_memory* memory = memory_.load(relaxed);
  if (memory != nullptr) return memory;
  memory = core::make_on_lines<sketch_memory, core::memory_part::sketches>();
  memory_.store(memory, std::memory_order_release);
  return memory;
}

bool sketch::observe(double value, epoch now) noexcept {
  if (!std::isfinite(value)) return false;
  sketch_memory* const memory = attached();
  if (memory == nullptr) return false;
  std::size_t const at = now % slices;
  if (now != memory->present) {
    if (memory->slices[at].begun.load(relaxed) != now) restart(*memory, at, now);
    memory->present = now;
    find_present(*memory);
  }
  if (observe_quickly(value)) return true;
  constexpr auto& lone_buckets = sketch_memory::lone_buckets;
  std::size_t const index = log_buckets::index_of(value);
  auto const lone = std::find(lone_buckets.begin(), lone_buckets.end(), index);
  if (lone != lone_buckets.end()) {
    auto const which = static_cast<std::size_t>(lone - lone_buckets.begin());
    bump(memory->slices[at].lone[which], std::uint64_t{1});
    if (value != 0) bump(memory->outside, std::uint64_t{1});
  } else {
    sliced_buckets* const buckets = value < 0 ? negatives(*memory) : &memory->positive;
    if (buckets == nullptr) return false;
    std::size_t const distance = log_buckets::part_of(std::abs(value)) - log_buckets::lowest_part;
    buckets->cover(distance);
    bump_up_to_max(buckets->begin(at)[sliced_buckets::offset_of(distance)], 1);
    find_present(*memory);
  }
  // Before the sum falls, so that who reads the sum knows that it may have.
  if (value < 0) memory->saw_negative.store(true, std::memory_order_release);
  // The two sums become one again, so that they do not grow apart where their sum does not grow.
  std::uint64_t const begun = sequence_.begin();
  store_in_update(sums_[0], sum() + value);
  store_in_update(sums_[2], 0.0);
  sequence_.end(begun);
  return true;
}

void sketch::restart(sketch_memory& memory, std::size_t index, epoch now) noexcept {
  auto& part = memory.slices[index];
  part.begun.store(0, relaxed);
  for (auto& each : part.lone) each.store(0, relaxed);
  memory.positive.clear(index);
  if (sliced_buckets* const negative = memory.negative.load(relaxed)) negative->clear(index);
  part.begun.store(now, std::memory_order_release);
}

/// Says to observe_quickly() where it finds the buckets. A signal handler that observes meanwhile
/// finds none.
void sketch::find_present(sketch_memory& memory) noexcept {
  span_ = 0;
  std::atomic_signal_fence(std::memory_order_seq_cst);
  auto const [first, end] = memory.positive.covered();
  first_ = log_buckets::lowest_part + first;
  buckets_ = memory.positive.begin(memory.present % slices) + sliced_buckets::offset_of(first);
  std::atomic_signal_fence(std::memory_order_seq_cst);
  span_ = static_cast<std::uint64_t>(end - first);
}

void sketch::look(std::int64_t nanoseconds) noexcept {
  constexpr std::int64_t soon = 10'000'000;
  constexpr std::int64_t late = 100'000'000;
  sketch_memory* const memory = memory_.load(relaxed);
  if (memory == nullptr) return;
  std::int64_t const passed = nanoseconds - memory->looked_at;
  if (memory->looks_apart == 0 || passed > late)
    memory->looks_apart = 1;
  else if (passed < soon)
    memory->looks_apart = std::min(2 * memory->looks_apart, looks_apart_max);
  memory->looked_at = nanoseconds;
  std::uint64_t const sequence = sequence_.now();
  look_at_.store(sequence + 2 * std::uint64_t{memory->looks_apart}, relaxed);
  if (copy_request::ticket const asked = memory->request.take(); asked != 0) {
    memory->copied = {sequence / 2, sum()};
    memory->request.publish(asked);
    if (copy_request::is_lasting(asked)) look_at_.store(sequence, relaxed);
  }
}

void sketch::begin_copies() noexcept {
  sketch_memory* const memory = memory_.load(std::memory_order_acquire);
  if (memory == nullptr) return;
  memory->request.begin_lasting();
  call_owner();
}

bool sketch::has_copies() const noexcept {
  sketch_memory const* const memory = memory_.load(std::memory_order_acquire);
  return memory == nullptr || memory->request.has_lasting();
}

void sketch::end_copies() noexcept {
  if (sketch_memory* const memory = memory_.load(std::memory_order_acquire))
    memory->request.end_lasting();
}

bool sketch::ask_owner(totals& copied) noexcept {
  sketch_memory* const memory = memory_.load(std::memory_order_acquire);
  if (memory == nullptr || !memory->request.fetch([this] { call_owner(); })) return false;
  copied = memory->copied;
  return true;
}

sketch::totals sketch::read() noexcept {
  sketch_memory* const memory = memory_.load(std::memory_order_acquire);
  if (memory == nullptr) return {};  // nobody has observed anything
  constexpr int tries = 16;
  for (int i = 0; i < tries; ++i)
    if (try_refresh()) return memory->last_read;
  totals read;
  bool found = false;
  // A first answer may be to an earlier gather's request, and older than what that one read.
  for (int i = 0; i < 2 && !found; ++i)
    found = ask_owner(read) && read.count > memory->last_read.count;
  if (found) memory->last_read = read;
  return memory->last_read;
}

void sketch::merge_windows(sketch_memory& to, sketch_memory const& from) noexcept {
  for (std::size_t i = 0; i < slices; ++i) {
    auto const& theirs = from.slices[i];
    auto& ours = to.slices[i];
    epoch const begun = theirs.begun.load(relaxed);
    if (begun == 0 || begun < ours.begun.load(relaxed)) continue;  // older than what `to` holds
    if (begun > ours.begun.load(relaxed)) restart(to, i, begun);
    for (std::size_t j = 0; j < ours.lone.size(); ++j)
      bump(ours.lone[j], theirs.lone[j].load(relaxed));
    to.positive.merge(i, from.positive);
    if (auto const* const negative = from.negative.load(relaxed))
      if (sliced_buckets* const into = negatives(to)) into->merge(i, *negative);
  }
  bump(to.outside, from.outside.load(relaxed));
  if (from.saw_negative.load(relaxed)) to.saw_negative.store(true, std::memory_order_release);
}

bool sketch::try_refresh() noexcept {
  sketch_memory* const memory = memory_.load(std::memory_order_acquire);
  totals read;
  if (memory == nullptr || !try_read(read)) return memory == nullptr;
  memory->last_read = read;
  return true;
}

sketch::totals sketch::last_read() const noexcept {
  sketch_memory const* const memory = memory_.load(std::memory_order_acquire);
  return memory == nullptr ? totals{} : memory->last_read;
}

/// Of an owner who is no more.
sketch::totals sketch::settled() const noexcept {
  auto const* const memory = memory_.load(relaxed);
  if (memory == nullptr) return {};
  totals read = std::max(memory->copied, memory->last_read,
                         [](auto const& a, auto const& b) { return a.count < b.count; });
  static_cast<void>(try_read(read));
  return read;
}

void sketch::merge(sketch const& other) noexcept {
  auto const* const theirs = other.memory_.load(relaxed);
  if (theirs == nullptr) return;
  sketch_memory* const ours = attached();
  if (ours == nullptr) return;
  merge_windows(*ours, *theirs);
  find_present(*ours);
  totals const gained = other.settled();
  add_to_totals(sequence_.now(), gained.count, gained.sum);
}

void sketch::take(sketch& other) noexcept {
  if (memory_.load(relaxed) != nullptr) {
    merge(other);
  } else if (sketch_memory* const theirs = other.memory_.load(relaxed)) {
    totals const gained = other.settled();
    other.memory_.store(nullptr, relaxed);
    theirs->copied = theirs->last_read = {};
    find_present(*theirs);
    memory_.store(theirs, std::memory_order_release);
    add_to_totals(sequence_.now(), gained.count, gained.sum);
  }
  other.~sketch();
  new (&other) sketch;
}

}  // namespace stele
