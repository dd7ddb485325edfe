#include "secure/reloader.hpp"

#include <algorithm>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace stele::securing {

struct reloader::state final : followed {
  state(sources with, loaded_settings first)
      : from(std::move(with)),
        first_files(std::move(first.files)),
        notes(std::move(first.notes)),
        shown(std::move(first.made)) {
    for (std::string const& note : notes) say(diagnostic::kind::configuration, note);
  }

  sources const from;
  file_set first_files;  // as they were at first

  // The thread's alone.
  loaded_settings next;            // of a change that was seen
  std::vector<std::string> notes;  // of what is shown

  mutable std::mutex mutex;  // guards `shown`
  std::shared_ptr<settings const> shown;

  change read() override {
    next = load_settings(from);
    return {std::move(next.files), next.fault};
  }

  void use() override {
    std::shared_ptr<settings const> const now = std::move(next.made);
    std::shared_ptr<settings const> before;
    {
      std::lock_guard const lock(mutex);
      before = std::exchange(shown, now);
    }
    warn_of_less(*before, *now);
    for (std::string const& note : next.notes)
      if (std::ranges::find(notes, note) == notes.end()) say(diagnostic::kind::configuration, note);
    notes = std::exchange(next, {}).notes;
  }

  /// An empty file is right. It may also be a mistake that nobody sees.
  void warn_of_less(settings const& before, settings const& now) const {
    if (before.tls != nullptr && now.tls == nullptr)
      say(diagnostic::kind::configuration,
          name() + ": note: it has no tls_server_config any more: connections are plain HTTP now");
    if (before.authenticates() && !now.authenticates())
      say(diagnostic::kind::configuration,
          name() +
              ": note: it has no basic_auth_users any more, and there are no tokens: everyone "
              "may ask now");
  }

  [[nodiscard]] std::string name() const override {
    return from.web_config.empty() ? from.tokens : from.web_config;
  }
};

reloader::reloader(sources from, loaded_settings first, std::chrono::milliseconds interval)
    : state_(std::make_shared<state>(std::move(from), std::move(first))),
      follows_(state_, std::move(state_->first_files), interval) {}

reloader::~reloader() = default;

std::shared_ptr<settings const> reloader::current() const {
  std::lock_guard const lock(state_->mutex);
  return state_->shown;
}

}  // namespace stele::securing
