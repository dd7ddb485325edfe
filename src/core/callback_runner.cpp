#include "core/callback_runner.hpp"

#include <pthread.h>

#include <algorithm>
#include <chrono>
#include <exception>
#include <limits>
#include <new>
#include <utility>

#include "core/signals_blocked.hpp"
#include "core/table_state.hpp"

namespace stele::core {

round_waiter::~round_waiter() = default;

namespace {

using outcome = callback_call::outcome;

constinit thread_local bool calling = false;

/// How long a call may keep others waiting: a quarter of what its gather still has. So the tenth
/// callback that is stuck is found out while a twentieth of the time is left. It has 10 ms at
/// least: what is begun is left out of other gathers while it runs, so near a deadline little is to
/// be.
deadline_clock::time_point end_of_share(deadline_clock::time_point began,
                                        deadline_clock::time_point deadline) noexcept {
  constexpr std::chrono::milliseconds share_min{10};
  return began + std::max<deadline_clock::duration>((deadline - began) / 4, share_min);
}

/// A closed row's series are bounded by their labels.
std::size_t series_max_of(table_state& table, std::size_t row) {
  if (!table.rows[row].open) return std::numeric_limits<std::size_t>::max();
  std::lock_guard const lock(table.mutex);
  return table.rows[row].open->count_max;
}

}  // namespace

callback_call& callback_round::add_call() {
  if (size == calls.size()) calls.emplace_back();
  callback_call& added = calls[size++];
  added.newer = callback_call::none;
  added.is = outcome::waiting;
  added.failure.clear();
  return added;
}

callback_runner& callback_runner::instance() {
  static callback_runner& made = *make<callback_runner>();
  return made;
}

bool callback_runner::in_callback() noexcept { return calling; }

std::shared_ptr<callback_round> callback_runner::new_round() {
  {
    std::lock_guard const lock(mutex);
    for (auto& each : spare_)
      if (each) return std::move(each);
  }
  return std::allocate_shared<callback_round>(allocator<callback_round, memory_part::readings>());
}

void callback_runner::reuse(std::shared_ptr<callback_round> round) noexcept {
  std::lock_guard const lock(mutex);
  auto const free = std::find(spare_.begin(), spare_.end(), nullptr);
  if (round->outstanding != 0 || free == spare_.end()) return;  // a left thread frees it
  for (std::size_t i = 0; i < round->size; ++i) round->calls[i].entry.reset();
  round->size = 0;
  round->next = 0;
  *free = std::move(round);
}

bool callback_runner::submit(std::shared_ptr<callback_round> const& round) {
  auto place = queue_.end();
  if (round->is_whole && !queue_.empty())
    place = std::find_if(queue_.begin() + 1, queue_.end(),
                         [](auto const& each) { return !each->is_whole; });
  queue_.insert(place, round);
  wake_.notify_one();
  return has_thread_ || start_thread();
}

void callback_runner::withdraw(std::unique_lock<std::mutex>& lock, callback_round& round) noexcept {
  round.waiter = nullptr;
  for (std::size_t i = 0; i < round.size; ++i) {
    auto& is = round.calls[i].is;
    if (is == outcome::running) is = outcome::late;
    if (is != outcome::waiting) continue;
    is = outcome::no_turn;
    --round.outstanding;
  }
  auto const queued = std::find_if(queue_.begin(), queue_.end(),
                                   [&](auto const& each) { return each.get() == &round; });
  if (queued != queue_.end()) queue_.erase(queued);
  if (current_ == &round) {
    leave();
    if (!queue_.empty()) start_thread();
  }
  changed.wait(lock, [this] { return telling_ == 0; });
}

void callback_runner::watch(deadline_clock::time_point deadline) noexcept {
  if (queue_.empty()) return;  // nobody waits
  if (current_ != nullptr && deadline_clock::now() >= end_of_share(began_, deadline)) leave();
  if (!has_thread_) start_thread();
}

deadline_clock::time_point callback_runner::next_watch(deadline_clock::time_point deadline) const {
  if (queue_.empty()) return deadline;
  auto const began = current_ != nullptr ? began_ : deadline_clock::now();
  return std::min(end_of_share(began, deadline), deadline);
}

bool callback_runner::start_thread() noexcept {
  signals_blocked const meanwhile;
  // Not a std::thread, which operator new would be called for.
  auto* const serial_as_pointer = reinterpret_cast<void*>(static_cast<std::uintptr_t>(serial_));
  pthread_t made{};
  has_thread_ = ::pthread_create(&made, nullptr, run_thread, serial_as_pointer) == 0;
  if (has_thread_) ::pthread_detach(made);
  return has_thread_;
}

void* callback_runner::run_thread(void* serial) noexcept {
  calling = true;  // a gather here would wait for a callback that waits for this thread
  instance().run(reinterpret_cast<std::uintptr_t>(serial));
  return nullptr;
}

void callback_runner::leave() noexcept {
  ++serial_;
  has_thread_ = false;
  current_ = nullptr;
}

void callback_runner::run(std::uint64_t serial) noexcept {
  std::unique_lock lock(mutex);
  while (serial == serial_) {
    if (queue_.empty())
      wake_.wait(lock);
    else
      take_turn(lock, serial);
  }
}

void callback_runner::take_turn(std::unique_lock<std::mutex>& lock, std::uint64_t serial) noexcept {
  std::shared_ptr<callback_round> const round = queue_.front();
  callback_call* call = nullptr;
  while (call == nullptr && round->next < round->size) {
    call = &round->calls[round->next++];
    if (call->is != outcome::waiting) call = nullptr;
  }
  if (round->next == round->size) queue_.erase(queue_.begin());
  if (call == nullptr) return;
  if (call->newer != callback_call::none && round->calls[call->newer].is != outcome::removed)
    call->is = outcome::older;
  else if (call->entry->removed)
    call->is = outcome::removed;
  else if (call->entry->running || call->entry->lost)
    call->is = outcome::busy;
  else
    call_now(lock, serial, *round, *call);
  end_call(lock, *round);
}

void callback_runner::call_now(std::unique_lock<std::mutex>& lock, std::uint64_t serial,
                               callback_round& round, callback_call& call) noexcept {
  reader_entry& entry = *call.entry;
  call.is = outcome::running;
  entry.running = true;
  entry.caller = std::this_thread::get_id();
  entry.next_running = std::exchange(running_, &entry);
  current_ = &round;
  began_ = deadline_clock::now();
  lock.unlock();
  outcome const ended = ask(call);
  lock.lock();
  if (serial == serial_) current_ = nullptr;
  if (call.is == outcome::running) call.is = ended;
  forget_running(entry);
  if (entry.removed_inside) {
    auto gone = std::move(entry.source);
    lock.unlock();  // what it captured may take locks of its own
    gone.reset();
    lock.lock();
  }
  entry.running = false;
  if (entry.removed) changed.notify_all();
}

void callback_runner::forget_running(reader_entry const& entry) noexcept {
  reader_entry** at = &running_;
  while (*at != &entry) at = &(*at)->next_running;
  *at = entry.next_running;
}

/// Another call of the round has its outcome. Mutex held.
void callback_runner::end_call(std::unique_lock<std::mutex>& lock, callback_round& round) noexcept {
  if (--round.outstanding != 0) return;
  changed.notify_all();
  if (round.waiter != nullptr) tell(lock, *std::exchange(round.waiter, nullptr));
}

/// Without the mutex: what a waiter does may allocate, in a program whose operator new counts.
void callback_runner::tell(std::unique_lock<std::mutex>& lock, round_waiter& waiter) noexcept {
  ++telling_;
  lock.unlock();
  waiter.on_round_end();
  lock.lock();
  if (--telling_ == 0) changed.notify_all();
}

outcome callback_runner::ask(callback_call& call) noexcept {
  bool const nested = std::exchange(calling, true);
  outcome ended = outcome::done;
  try {
    std::size_t const row = call.entry->row;
    call.samples.start(*call.table->info.rows[row], series_max_of(*call.table, row));
    call.entry->source->read(call.samples);
  } catch (std::exception const& thrown) {
    ended = outcome::threw;
    try {
      call.failure = thrown.what();
    } catch (std::bad_alloc const&) {
    }
  } catch (...) {
    ended = outcome::threw;
  }
  calling = nested;
  return ended;
}

// ---- In the child of a fork ---------------------------------------------------------------------

void callback_runner::forget_threads() noexcept {
  new (&changed) std::condition_variable;  // without the waiters, who are gone
  new (&wake_) std::condition_variable;
  // A waiter is the parent's: a call that goes on here, since it is what forked, must not tell it.
  if (current_ != nullptr) current_->waiter = nullptr;
  for (auto const& round : queue_) round->waiter = nullptr;
  leave();
  queue_.clear();
  telling_ = 0;
  for (reader_entry** at = &running_; *at != nullptr;) {
    reader_entry& entry = **at;
    if (entry.caller == std::this_thread::get_id()) {
      at = &entry.next_running;
      continue;
    }
    *at = entry.next_running;
    entry.lost = true;
    entry.running = false;
    static_cast<void>(entry.source.release());  // in the middle of a call: cannot be destroyed
  }
}

}  // namespace stele::core
