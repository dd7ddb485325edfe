// callback_runner.hpp: the thread that runs callbacks, and what becomes of one that does not
// return.
//
// A gather makes a round of the callbacks that it wants asked, submits it, and waits. Rounds queue;
// the runner's thread asks one callback after the other. Where a callback takes long while others
// wait, the thread is left to that call, and a new one takes its place; a thread that was left ends
// when its call returns. So a callback that never returns costs one thread and its own family.
//
// Where there is no memory, or no thread, for a round, its gather throws std::bad_alloc or goes on
// without the callbacks, which are counted as those that had no turn; later rounds are not
// affected.
//
//   auto const round = runner.new_round();
//   round->add_call().entry = entry;
//   std::unique_lock lock(runner.mutex);
//   round->outstanding = 1;
//   if (!runner.submit(round)) runner.withdraw(lock, *round);
//
// Threads: any, under its mutex where a function says so. The runner is never destroyed and its
// threads are detached: the process ends while one runs.

#pragma once

#include <array>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <thread>

#include "core/readers.hpp"
#include "core/sample_list.hpp"

namespace stele::core {

class table_state;

using deadline_clock = std::chrono::steady_clock;

/// Who wants to know that a round has ended. Called with no lock held; it must not end the gather
/// in this call, which would wait for it.
class STELE_API round_waiter {
 public:
  virtual ~round_waiter();
  virtual void on_round_end() noexcept = 0;
};

/// One callback in one round.
struct callback_call {
  enum class outcome : std::uint8_t {
    waiting,  // for its turn
    running,
    done,     // `samples` has what it gave
    threw,    // `failure` says what
    busy,     // a call of an earlier gather has not returned
    late,     // did not return before the deadline; still running, perhaps
    no_turn,  // those before it took until the deadline
    removed,  // unregistered before its turn
    older,    // a newer reading of the same series was asked instead
  };

  std::shared_ptr<reader_entry> entry;
  table_state* table = nullptr;
  std::size_t family = 0;    // in the snapshot
  std::size_t newer = none;  // the place in the round of the next newer reading of the same series
  outcome is = outcome::waiting;
  sample_list samples;                       // its thread's while it runs, then the gather's
  string_of<memory_part::readings> failure;  // what was thrown

  static constexpr std::size_t none = static_cast<std::size_t>(-1);
};

/// What one gather asks. Guarded by the readings' mutex, but for samples and failures.
struct callback_round {
  vector<callback_call, memory_part::readings>
      calls;  // the first `size` are in use; the others keep their memory
  std::size_t size = 0;
  std::size_t next = 0;         // the first that has not had its turn
  std::size_t outstanding = 0;  // calls that wait or run
  round_waiter* waiter = nullptr;
  bool is_whole = false;  // of all rows: it goes before rounds of parts
  // While the calls are made: of each family, and of each series of the snapshot, the last one.
  vector<std::size_t, memory_part::readings> newest_set;
  vector<std::size_t, memory_part::readings> newest_one;

  /// An empty call at the end, with the memory of an earlier one. Throws std::bad_alloc.
  callback_call& add_call();
};

class callback_runner {
 public:
  /// For instance() alone.
  callback_runner() = default;
  static callback_runner& instance();

  /// Guards all readings. Not held while a callback runs.
  std::mutex mutex;
  // A round or a call of a removed entry has ended, or a waiter has been told.
  std::condition_variable changed;

  /// An empty round, with the memory of an earlier one where there is one.
  std::shared_ptr<callback_round> new_round();
  void reuse(std::shared_ptr<callback_round> round) noexcept;

  /// Has the round's calls made. Who asks for parts again and again does not keep a round of all
  /// rows waiting: that goes behind the round at hand. False where no thread can be had. Mutex
  /// held.
  bool submit(std::shared_ptr<callback_round> const& round);
  /// Takes the round back: calls that wait are not made, one that runs is left, and its waiter is
  /// not told after this. Mutex held, but where a waiter is being told.
  void withdraw(std::unique_lock<std::mutex>& lock, callback_round& round) noexcept;

  /// Leaves a call that has had more than its share of the time to `deadline` while others wait.
  /// Mutex held.
  void watch(deadline_clock::time_point deadline) noexcept;
  /// When watch() has something to do, unless the round has ended before. Mutex held.
  [[nodiscard]] deadline_clock::time_point next_watch(deadline_clock::time_point deadline) const;

  /// Makes a call on the calling thread.
  static callback_call::outcome ask(callback_call& call) noexcept;

  /// In the child of a fork, where neither the runner's thread is nor those that waited for it; a
  /// callback that was in a call will never return from it, and is not asked again. Mutex held.
  void forget_threads() noexcept;

  /// Whether the calling thread is in a callback, or is kept for them.
  [[nodiscard]] static bool in_callback() noexcept;

 private:
  bool start_thread() noexcept;
  static void* run_thread(void* serial) noexcept;
  void leave() noexcept;
  void run(std::uint64_t serial) noexcept;
  void take_turn(std::unique_lock<std::mutex>& lock, std::uint64_t serial) noexcept;
  void call_now(std::unique_lock<std::mutex>& lock, std::uint64_t serial, callback_round& round,
                callback_call& call) noexcept;
  void end_call(std::unique_lock<std::mutex>& lock, callback_round& round) noexcept;
  void tell(std::unique_lock<std::mutex>& lock, round_waiter& waiter) noexcept;
  void forget_running(reader_entry const& entry) noexcept;

  std::condition_variable wake_;  // the thread waits for a round
  vector<std::shared_ptr<callback_round>, memory_part::readings> queue_;  // the first has its turn
  std::array<std::shared_ptr<callback_round>, 4> spare_;  // more gathers at once are rare
  reader_entry* running_ = nullptr;                       // those that are in a call
  std::size_t telling_ = 0;                               // waiters that are being told
  std::uint64_t serial_ = 0;  // of the thread in office; another one ends when it sees this
  bool has_thread_ = false;
  callback_round* current_ = nullptr;   // whose call the thread in office is in
  deadline_clock::time_point began_{};  // when that call did
};

}  // namespace stele::core
