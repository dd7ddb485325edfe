#include "secure/reloader.hpp"

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <new>
#include <stop_token>
#include <string_view>
#include <utility>

#include "core/diagnostics.hpp"
#include "core/reloads.hpp"
#include "secure/threads.hpp"

namespace stele::securing {

namespace {

void say(diagnostic::kind kind, std::string_view what) noexcept {
  core::report_limit once;  // each is said
  core::report(once, kind, "", what);
}

}  // namespace

/// Shared with the thread: what it reports may lead a program to drop the endpoint, there.
struct reloader::state {
  state(sources with, loaded_settings first)
      : from(std::move(with)),
        files(std::move(first.files)),
        notes(std::move(first.notes)),
        shown(std::move(first.made)) {}

  sources const from;
  std::atomic<std::uint64_t> taken{0};
  std::atomic<std::uint64_t> refused{0};

  // The thread's alone.
  file_set files;        // as they were at the last look
  loaded_settings next;  // of a change that the last look saw; neither settings nor a fault: none
  std::vector<std::string> notes;  // of what is shown

  mutable std::mutex mutex;  // guards `shown`
  std::shared_ptr<settings const> shown;
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
        next = {};
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
      next = load_settings(from);
      files = std::move(next.files);
    } else if (next.made) {
      use();
    } else if (!next.fault.empty()) {
      refuse();
    }
  }

  void use() {
    std::shared_ptr<settings const> before;
    {
      std::lock_guard const lock(mutex);
      before = std::exchange(shown, std::move(next.made));
    }
    taken.fetch_add(1, std::memory_order_relaxed);
    core::reloads::count(core::reloads::outcome::used);
    say(diagnostic::kind::reload,
        "a changed file is used: " + (from.web_config.empty() ? from.tokens : from.web_config) +
            " and the files that belong to it were read again");
    warn_of_less(*before, *shown);
    for (std::string const& note : next.notes)
      if (std::ranges::find(notes, note) == notes.end()) say(diagnostic::kind::configuration, note);
    notes = std::exchange(next, {}).notes;
  }

  /// An empty file is right. It may also be a mistake that nobody sees.
  void warn_of_less(settings const& before, settings const& now) const {
    std::string const& file = from.web_config.empty() ? from.tokens : from.web_config;
    if (before.tls != nullptr && now.tls == nullptr)
      say(diagnostic::kind::configuration,
          file + ": note: it has no tls_server_config any more: connections are plain HTTP now");
    if (before.authenticates() && !now.authenticates())
      say(diagnostic::kind::configuration,
          file +
              ": note: it has no basic_auth_users any more, and there are no tokens: everyone "
              "may ask now");
  }

  void refuse() {
    refused.fetch_add(1, std::memory_order_relaxed);
    core::reloads::count(core::reloads::outcome::refused);
    say(diagnostic::kind::reload,
        "a changed file is not used, and the settings stay as they were, because of: " +
            std::exchange(next, {}).fault);
  }
};

reloader::reloader(sources from, loaded_settings first, std::chrono::milliseconds interval) {
  for (std::string const& note : first.notes) say(diagnostic::kind::configuration, note);
  state_ = std::make_shared<state>(std::move(from), std::move(first));
  if (interval.count() > 0)
    state_->thread.start(
        [shared = state_, interval](std::stop_token const& stop) { shared->run(stop, interval); });
}

reloader::~reloader() { state_->thread.end(); }

std::shared_ptr<settings const> reloader::current() const {
  std::lock_guard const lock(state_->mutex);
  return state_->shown;
}

std::uint64_t reloader::taken() const noexcept { return state_->taken.load(); }
std::uint64_t reloader::refused() const noexcept { return state_->refused.load(); }

}  // namespace stele::securing
