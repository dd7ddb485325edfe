#include "secure/file_follower.hpp"

#include <atomic>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <new>
#include <stop_token>
#include <utility>

#include "core/diagnostics.hpp"
#include "core/reloads.hpp"
#include "secure/threads.hpp"

namespace stele::securing {

void say(diagnostic::kind kind, std::string_view what) noexcept {
  core::report_limit once;  // each is said
  core::report(once, kind, "", what);
}

followed::~followed() = default;

/// Shared with the thread: what it reports may lead a program to drop the follower, there.
struct file_follower::state {
  state(std::shared_ptr<followed> with, file_set seen)
      : what(std::move(with)), files(std::move(seen)) {}

  std::shared_ptr<followed> const what;
  std::atomic<std::uint64_t> taken{0};
  std::atomic<std::uint64_t> refused{0};

  // The thread's alone.
  file_set files;      // as they were at the last look
  bool waits = false;  // the last look saw a change, which the next one may confirm
  std::string fault;   // of that change

  std::mutex sleep_mutex;
  std::condition_variable_any sleep;
  own_thread thread;

  void run(std::stop_token const& stop, std::chrono::milliseconds interval) {
    for (;;) {
      std::unique_lock lock(sleep_mutex);
      sleep.wait_for(lock, stop, interval, [] { return false; });
      lock.unlock();
      if (stop.stop_requested()) return;
      try {
        look();
      } catch (std::bad_alloc const&) {
        // The next look sees the same change.
      } catch (std::exception const& failure) {
        waits = false;
        say(diagnostic::kind::reload,
            std::string(
                "the files cannot be read again now, and the settings stay as they were: ") +
                failure.what());
      }
    }
  }

  /// A file may be written in place: what one look sees may be a part of it, which can be right by
  /// itself. So a change counts when the next look sees the same.
  void look() {
    if (files.changed()) {
      auto seen = what->read();
      files = std::move(seen.files);
      fault = std::move(seen.fault);
      waits = true;
    } else if (waits) {
      fault.empty() ? use() : refuse();
    }
  }

  void use() {
    what->use();
    waits = false;
    taken.fetch_add(1, std::memory_order_relaxed);
    core::reloads::count(core::reloads::outcome::used);
    say(diagnostic::kind::reload, "a changed file is used: " + what->name() +
                                      " and the files that belong to it were read again");
  }

  void refuse() {
    waits = false;
    refused.fetch_add(1, std::memory_order_relaxed);
    core::reloads::count(core::reloads::outcome::refused);
    say(diagnostic::kind::reload,
        "a changed file is not used, and the settings stay as they were, because of: " + fault);
  }
};

file_follower::file_follower(std::shared_ptr<followed> what, file_set seen,
                             std::chrono::milliseconds interval)
    : state_(std::make_shared<state>(std::move(what), std::move(seen))) {
  if (interval.count() > 0)
    state_->thread.start(
        [shared = state_, interval](std::stop_token const& stop) { shared->run(stop, interval); });
}

file_follower::~file_follower() { state_->thread.end(); }

std::uint64_t file_follower::taken() const noexcept { return state_->taken.load(); }
std::uint64_t file_follower::refused() const noexcept { return state_->refused.load(); }

}  // namespace stele::securing
