#include "core/fork.hpp"

#include <pthread.h>

#include <array>
#include <atomic>
#include <mutex>

#include "core/callback_runner.hpp"
#include "core/diagnostics.hpp"
#include "core/fork_copies.hpp"
#include "core/tables.hpp"
#include "core/thread.hpp"
#include "stele/fork.hpp"

namespace stele::core {

namespace {

constinit std::mutex forks;
constinit fork_part const* endpoints = nullptr;  // guarded by `forks`

std::mutex& forks_mutex() noexcept { return forks; }
std::mutex& readings_mutex() noexcept { return callback_runner::instance().mutex; }

void repair_nothing() noexcept {}

/// A part that has one mutex.
template <std::mutex& (*Mutex)() noexcept>
constexpr fork_part guarded_by(void (*repair)() noexcept) noexcept {
  return {[]() noexcept { Mutex().lock(); }, []() noexcept { Mutex().unlock(); }, repair};
}

constexpr fork_part endpoints_part{
    []() noexcept {
      if (endpoints != nullptr) endpoints->lock();
    },
    []() noexcept {
      if (endpoints != nullptr) endpoints->unlock();
    },
    []() noexcept {
      if (endpoints != nullptr) endpoints->repair();
    },
};

constexpr fork_part tables_part{
    []() noexcept {
      all_tables().mutex.lock();
      for (table_state* state : all_tables().all) state->mutex.lock();
    },
    []() noexcept {
      for (table_state* state : all_tables().all) state->mutex.unlock();
      all_tables().mutex.unlock();
    },
    []() noexcept {
      for (table_state* state : all_tables().all) {
        state->keep_only(attachment_of_this_thread(*state));
        state->repair_exemplars();
        // Its locks, and gathers that read it, are of threads that are not here.
        state->source = nullptr;
      }
    },
};

/// In the order in which they are locked.
constexpr std::array parts{
    guarded_by<forks_mutex>(repair_nothing),
    endpoints_part,
    guarded_by<readings_mutex>([]() noexcept { callback_runner::instance().forget_threads(); }),
    tables_part,
    guarded_by<reports_mutex>(forget_reporters),
};

void before_fork() {
  for (fork_part const& part : parts) part.lock();
  begin_fork_copies();
}

void unlock_all() {
  for (auto part = parts.rbegin(); part != parts.rend(); ++part) part->unlock();
}

void after_fork() {
  end_fork_copies();
  unlock_all();
}

void after_fork_in_child() {
  for (fork_part const& part : parts) part.repair();
  unlock_all();
}

}  // namespace

void survive_forks() noexcept {
  // No static local: the child could find that in the making.
  static constinit std::atomic<bool> registered{false};
  if (registered.exchange(true)) return;
  if (pthread_atfork(before_fork, after_fork, after_fork_in_child) != 0) registered = false;
}

namespace {

/// What is made once is there before the first fork: a child cannot make what another thread was
/// making, and a fork cannot fail for want of memory. As early as may be: the handlers that others
/// register later run before these at a fork, and so may update.
[[gnu::constructor(101)]] void get_ready_at_loading() {
  static_cast<void>(callback_runner::instance());
  static_cast<void>(reports_mutex());
  survive_forks();
}

}  // namespace

void set_endpoint_part(fork_part const& part) noexcept {
  pin_object_at(&part);
  std::lock_guard const alone(forks);
  endpoints = &part;
}

void start_from_zero(table_link& link) noexcept { state_of(link).start_from_zero(); }

}  // namespace stele::core
