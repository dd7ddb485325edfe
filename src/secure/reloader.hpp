// reloader.hpp: has the settings follow their files, as file_follower.hpp does it.
//
//   reloader follows(sources, load_settings(sources), std::chrono::seconds(1));
//   follows.current()->users;
//
// Threads: current() and the counts from any thread.

#pragma once

#include <chrono>
#include <cstdint>
#include <memory>

#include "secure/file_follower.hpp"
#include "secure/settings.hpp"
#include "stele/api.hpp"

namespace stele::securing {

class STELE_API reloader {
 public:
  /// REQUIRES: `first` has settings. An interval of 0 follows nothing. Throws std::bad_alloc, and
  /// std::system_error where no thread can be had.
  reloader(sources from, loaded_settings first, std::chrono::milliseconds interval);
  /// Waits for a look that is being taken.
  ~reloader();
  reloader(reloader const&) = delete;
  reloader& operator=(reloader const&) = delete;

  [[nodiscard]] std::shared_ptr<settings const> current() const;

  /// Changes that took effect, and that did not.
  [[nodiscard]] std::uint64_t taken() const noexcept { return follows_.taken(); }
  [[nodiscard]] std::uint64_t refused() const noexcept { return follows_.refused(); }

 private:
  struct [[gnu::visibility("hidden")]] state;

  std::shared_ptr<state> state_;
  file_follower follows_;
};

}  // namespace stele::securing
