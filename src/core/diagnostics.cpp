#include "core/diagnostics.hpp"

#include <array>
#include <charconv>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <new>
#include <utility>

#include "core/memory.hpp"

namespace stele::core {

diagnostic_sink::~diagnostic_sink() = default;

namespace {

/// Whether this thread is in the callback. What it causes there is not reported, or it would be
/// called in its own call, without an end.
constinit thread_local bool in_sink = false;

struct held_sink {
  std::unique_ptr<diagnostic_sink> sink;
  std::size_t running = 0;  // calls, guarded by the mutex of the state
};

struct sink_state {
  std::atomic<bool> has_sink{false};
  std::mutex mutex;
  std::condition_variable ended;
  std::shared_ptr<held_sink> current;
};

/// Never destroyed: a destructor of the program may still report.
sink_state& the_state() {
  static sink_state& made = *make<sink_state>();
  return made;
}

void call_sink(sink_state& state, diagnostic const& seen) {
  std::shared_ptr<held_sink> held;
  {
    std::lock_guard const lock(state.mutex);
    if (!state.current) return;
    held = state.current;
    ++held->running;
  }
  in_sink = true;
  try {
    held->sink->take(seen);
  } catch (...) {
    // A report is no reason to fail what it is about.
  }
  in_sink = false;
  std::lock_guard const lock(state.mutex);
  if (--held->running == 0) state.ended.notify_all();
}

}  // namespace

std::mutex& reports_mutex() noexcept { return the_state().mutex; }

void forget_reporters() noexcept {
  sink_state& state = the_state();
  new (&state.ended) std::condition_variable;  // without the waiters, who are gone
  if (state.current) state.current->running = in_sink ? 1 : 0;
}

void set_diagnostic_sink(diagnostic_sink* sink) {
  std::unique_ptr<diagnostic_sink> owned(sink);
  std::shared_ptr<held_sink> next;
  if (owned) {
    next = std::allocate_shared<held_sink>(allocator<held_sink>());
    next->sink = std::move(owned);
  }
  sink_state& state = the_state();
  std::unique_lock lock(state.mutex);
  auto const before = std::exchange(state.current, std::move(next));
  state.has_sink = state.current != nullptr;
  if (before && !in_sink) state.ended.wait(lock, [&] { return before->running == 0; });
  lock.unlock();  // what the callback captured goes after this
}

bool report_limit::admits(diagnostic::kind kind) noexcept {
  std::int64_t const now = std::chrono::duration_cast<std::chrono::nanoseconds>(
                               std::chrono::steady_clock::now().time_since_epoch())
                               .count();
  auto& next = next_[static_cast<std::size_t>(kind)];
  std::int64_t seen = next.load(std::memory_order_relaxed);
  return now >= seen &&
         next.compare_exchange_strong(seen, now + 1'000'000'000, std::memory_order_relaxed);
}

void report(report_limit& limit, diagnostic::kind kind, std::string_view metric,
            std::string_view what) noexcept try {
  sink_state& state = the_state();
  if (!state.has_sink.load(std::memory_order_acquire) || in_sink || !limit.admits(kind)) return;
  call_sink(state, {.is = kind, .metric = metric, .message = what});
} catch (std::bad_alloc const&) {
}

void report_refused(report_limit& limit, diagnostic::kind kind, std::string_view metric,
                    std::string_view what, std::string_view detail, std::uint64_t refused) noexcept
    try {
  sink_state& state = the_state();
  if (!state.has_sink.load(std::memory_order_acquire) || in_sink || !limit.admits(kind)) return;
  std::array<char, 24> digits{};
  auto const end = std::to_chars(digits.data(), digits.data() + digits.size(), refused).ptr;
  string message(what);
  if (!detail.empty()) message.append(": ").append(detail);
  message.append("; ").append(digits.data(), end).append(" refused so far in this row");
  call_sink(state, {.is = kind, .metric = metric, .message = message});
} catch (std::bad_alloc const&) {
}

}  // namespace stele::core
