// pusher.cpp: a sender on a thread of its own, at intervals; and one push without a thread.

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <memory>
#include <mutex>
#include <string>
#include <system_error>
#include <thread>
#include <utility>

#include "push/backoff.hpp"
#include "push/sender.hpp"
#include "push/threads.hpp"
#include "stele/push.hpp"

namespace stele {

using namespace sending;

namespace {

constexpr std::int64_t ns_per_ms = 1'000'000;
constexpr std::int64_t first_pause_ms = 250;
constexpr std::int64_t first_last_pause_ms = 50;  // of the last push, which has little time
/// A Retry-After beyond it is cut: a server's slip of the pen shall not end the pushes.
constexpr std::int64_t retry_after_ms_most = 300'000;

std::int64_t ns_of(whole_milliseconds time) noexcept { return time.count() * ns_per_ms; }

std::string seconds_text(std::int64_t ns) {
  return std::to_string(ns / 1'000'000'000) + "." + std::to_string(ns / 100'000'000 % 10) + " s";
}

/// What the pusher's thread and its owner share; the thread keeps it.
class worker {
 public:
  worker(std::unique_ptr<sender> sends, push_options const& options)
      : sends_(std::move(sends)),
        interval_ms_(options.interval.count()),
        stop_ns_max_(ns_of(options.stop_time_max)),
        removes_(options.remove_at_end) {}

  void run() noexcept;

  result<push_answer> push_now();
  /// The last push begins as soon as may be. Later calls do nothing.
  void end_soon() noexcept;
  /// Waits for the thread's end, within the time of the last push and a little more.
  bool wait_for_end();
  [[nodiscard]] bool runs_here() const noexcept { return thread_ == std::this_thread::get_id(); }

  [[nodiscard]] std::uint64_t pushed() const noexcept { return pushed_; }
  [[nodiscard]] std::uint64_t failed() const noexcept { return failed_; }

 private:
  /// Null where there is no memory.
  using shared_outcome = std::shared_ptr<outcome const>;
  struct waiter {
    waiter* next = nullptr;
    bool done = false;
    shared_outcome said{};
  };

  shared_outcome send(sending_what what, std::int64_t until) noexcept;
  void push_at_intervals() noexcept;
  void push_last() noexcept;
  waiter* take_waiters() noexcept;
  void tell_later(waiter* all) noexcept;
  void tell(waiter* all, shared_outcome const& said) noexcept;
  void report(outcome const& seen, std::int64_t pause) noexcept;

  std::unique_ptr<sender> const sends_;
  std::int64_t const interval_ms_;
  std::int64_t const stop_ns_max_;
  bool const removes_;
  std::atomic<std::thread::id> thread_{};
  std::atomic<std::uint64_t> pushed_{0};
  std::atomic<std::uint64_t> failed_{0};

  std::mutex mutex_;  // of what follows
  std::condition_variable changed_;
  waiter* waiting_ = nullptr;  // for the next push: a list
  bool ended_ = false;
};

worker::shared_outcome worker::send(sending_what what, std::int64_t until) noexcept try {
  auto said = std::make_shared<outcome>(sends_->send(what, until));
  if (said->took)
    ++pushed_;
  else if (!said->given_up)
    ++failed_;
  return said;
} catch (std::exception const&) {
  ++failed_;
  return nullptr;
}

void worker::report(outcome const& seen, std::int64_t pause) noexcept try {
  sends_->report(seen, seen.took    ? ""
                       : pause == 0 ? "no further try is made"
                                    : "the next try is in " + seconds_text(pause));
} catch (std::bad_alloc const&) {
}

worker::waiter* worker::take_waiters() noexcept {
  std::lock_guard const lock(mutex_);
  return std::exchange(waiting_, nullptr);
}

void worker::tell(waiter* all, shared_outcome const& said) noexcept {
  if (all == nullptr) return;
  std::lock_guard const lock(mutex_);
  while (all != nullptr) {
    waiter& one = *std::exchange(all, all->next);
    one.said = said;
    one.done = true;
  }
  changed_.notify_all();
}

/// By the next push.
void worker::tell_later(waiter* all) noexcept {
  std::lock_guard const lock(mutex_);
  while (all != nullptr) {
    waiter& one = *std::exchange(all, all->next);
    one.next = std::exchange(waiting_, &one);
  }
}

void worker::push_at_intervals() noexcept {
  backoff pauses(std::min(first_pause_ms, interval_ms_), interval_ms_);
  std::int64_t const interval = interval_ms_ * ns_per_ms;
  std::int64_t due = core::steady_now();
  std::int64_t tick = due + pauses.part_of(1, interval_ms_) * ns_per_ms;  // the next regular one
  while (!sends_->ends()) {
    waiter* const waiters = take_waiters();
    if (waiters == nullptr && core::steady_now() < due) {
      sends_->sleep(due);
      continue;
    }
    auto const said = send(sending_what::values, forever);
    if (said != nullptr && said->given_up) return tell_later(waiters);
    tell(waiters, said);
    std::int64_t const now = core::steady_now();
    while (tick <= now) tick += interval * std::max<std::int64_t>(1, (now - tick) / interval);
    due = tick;
    if (said == nullptr || (!said->took && said->again)) {
      std::int64_t const after = said == nullptr ? 0 : said->retry_after_ms;
      std::int64_t const named = std::min(after, retry_after_ms_most) * ns_per_ms;
      std::int64_t const pause = std::max(pauses.next_ms() * ns_per_ms, named);
      due = std::max(std::min(now + pause, tick), now + named);
    } else {
      pauses.reset();
    }
    if (said != nullptr) report(*said, due - now);
  }
}

void worker::push_last() noexcept {
  backoff pauses(first_last_pause_ms, std::max(stop_ns_max_ / ns_per_ms, first_last_pause_ms));
  for (;;) {
    // Who waits for a push is not told of a removal, but of the end.
    waiter* const waiters = removes_ ? nullptr : take_waiters();
    auto const said =
        send(removes_ ? sending_what::removal : sending_what::last_values, sends_->ends_by());
    tell(waiters, said);
    std::int64_t const now = core::steady_now();
    std::int64_t const named = said == nullptr ? 0 : said->retry_after_ms * ns_per_ms;
    std::int64_t const pause = std::max(pauses.next_ms() * ns_per_ms, named);
    bool const again = said == nullptr || (!said->took && said->again);
    bool const goes_on = again && now + pause < sends_->ends_by();
    if (said != nullptr) report(*said, goes_on ? pause : 0);
    if (!goes_on) return;
    while (core::steady_now() < now + pause) sends_->sleep(now + pause);
  }
}

void worker::run() noexcept {
  thread_ = std::this_thread::get_id();
  push_at_intervals();
  push_last();
  std::lock_guard const lock(mutex_);
  ended_ = true;
  changed_.notify_all();
}

result<push_answer> worker::push_now() {
  waiter own;
  {
    std::unique_lock lock(mutex_);
    if (ended_ || sends_->ends())
      return error{std::make_error_code(std::errc::operation_canceled),
                   "push: expected a pusher that runs, saw one that was stopped; push before "
                   "stop(), which pushes a last time itself"};
    own.next = std::exchange(waiting_, &own);
    sends_->wake();
    changed_.wait(lock, [&] { return own.done || ended_; });
  }
  if (!own.done)
    return error{std::make_error_code(std::errc::operation_canceled),
                 "push: expected a pusher that runs, saw one that was stopped meanwhile"};
  if (own.said == nullptr) throw std::bad_alloc();
  if (own.said->took) return push_answer(own.said->answer);
  return error(own.said->failure);
}

void worker::end_soon() noexcept {
  std::lock_guard const lock(mutex_);
  if (!sends_->ends()) sends_->end_by(core::steady_now() + stop_ns_max_);
}

bool worker::wait_for_end() {
  std::unique_lock lock(mutex_);
  // More: a machine that is busy. What holds the thread for longer is a callback of on_diagnostic.
  auto const time = std::chrono::nanoseconds(stop_ns_max_) + std::chrono::seconds(1);
  return changed_.wait_for(lock, time, [&] { return ended_; });
}

}  // namespace

class [[gnu::visibility("hidden")]] pusher::impl {
 public:
  impl(std::unique_ptr<sender> sends, push_options const& options)
      : worker_(std::make_shared<worker>(std::move(sends), options)) {}
  ~impl() { stop(); }
  impl(impl const&) = delete;
  impl& operator=(impl const&) = delete;

  std::optional<error> start() {
    try {
      thread_ = start_without_signals([of = worker_] { of->run(); });
    } catch (std::system_error const& failure) {
      return error{failure.code(), "push: expected to start a thread, saw '" +
                                       failure.code().message() +
                                       "'; raise the limit on processes"};
    }
    return std::nullopt;
  }

  void stop() noexcept {
    worker_->end_soon();
    if (worker_->runs_here()) {  // it cannot wait for itself
      std::unique_lock const one_at_a_time(stopping_, std::try_to_lock);
      if (one_at_a_time && thread_.joinable()) thread_.detach();
      return;
    }
    std::lock_guard const one_at_a_time(stopping_);
    if (!thread_.joinable()) return;
    if (worker_->wait_for_end())
      thread_.join();
    else
      thread_.detach();  // it keeps what it uses
  }

  [[nodiscard]] worker& of() noexcept { return *worker_; }
  /// Whether this is the process that made it. The thread is not in the child of a fork.
  [[nodiscard]] bool is_here() const noexcept { return process_ == ::getpid(); }

 private:
  std::shared_ptr<worker> worker_;
  std::mutex stopping_;
  std::thread thread_;
  pid_t const process_ = ::getpid();
};

pusher::pusher(impl* running) noexcept : impl_(running) {}
pusher::pusher(pusher&& other) noexcept : impl_(std::exchange(other.impl_, nullptr)) {}
pusher& pusher::operator=(pusher&& other) noexcept {
  if (this != &other) {
    pusher const ended(std::move(*this));
    impl_ = std::exchange(other.impl_, nullptr);
  }
  return *this;
}
pusher::~pusher() {
  // A forked child has no thread to join.
  if (impl_ != nullptr && impl_->is_here()) delete impl_;
}

result<push_answer> pusher::push_now() {
  if (impl_ == nullptr || !impl_->is_here())
    return error{std::make_error_code(std::errc::operation_not_permitted),
                 "push: expected a pusher of this process, saw the one of the parent, or one that "
                 "was moved from; make another with stele::push()"};
  if (impl_->of().runs_here())
    return error{std::make_error_code(std::errc::resource_deadlock_would_occur),
                 "push: expected push_now() on another thread, saw the pusher's own, which would "
                 "wait for itself; call it outside of callbacks of on_diagnostic()"};
  return impl_->of().push_now();
}

std::uint64_t pusher::pushed() const noexcept {
  return impl_ == nullptr ? 0 : impl_->of().pushed();
}
std::uint64_t pusher::failed() const noexcept {
  return impl_ == nullptr ? 0 : impl_->of().failed();
}

void pusher::stop() noexcept {
  if (impl_ != nullptr && impl_->is_here()) impl_->stop();
}

namespace core {

result<pusher> push(std::span<table_link* const> tables, push_options const& options) {
  auto sends = sender::make(tables, options);
  if (!sends) return sends.error();
  auto made = std::make_unique<pusher::impl>(*std::move(sends), options);
  if (auto failed = made->start()) return *std::move(failed);
  return pusher(made.release());
}

result<push_answer> push_once(std::span<table_link* const> tables, push_options const& options) {
  if (options.remove_at_end)
    return error{std::make_error_code(std::errc::invalid_argument),
                 "push: expected .remove_at_end to be false of push_once(), saw true; use push() "
                 "for a group that is to go with its process"};
  auto sends = sender::make(tables, options);
  if (!sends) return sends.error();
  std::int64_t const until = core::steady_now() + ns_of(options.interval);
  backoff pauses(std::min(first_pause_ms, options.interval.count()), options.interval.count());
  for (;;) {
    auto said = (*sends)->send(sending_what::last_values, until);
    if (said.took) return std::move(said.answer);
    std::int64_t const pause = std::max(pauses.next_ms(), said.retry_after_ms) * ns_per_ms;
    std::int64_t const next = core::steady_now() + pause;
    if (!said.again || next >= until) return std::move(said.failure);
    while (core::steady_now() < next) (*sends)->sleep(next);
  }
}

}  // namespace core

}  // namespace stele
