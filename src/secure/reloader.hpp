// reloader.hpp: has the settings follow their files.
//
//   reloader follows(sources, load_settings(sources), std::chrono::seconds(1));
//   follows.current()->users;
//
// A thread looks at the files in an interval, by their content. A change counts when two looks in a
// row have seen the same, since one may see a half-written file, or a certificate without its key.
// What is right takes effect then; what is not leaves the settings as they are, is counted, and is
// reported once, through stele::on_diagnostic.
//
// Threads: current() and the counts from any thread.

#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include "secure/settings.hpp"

namespace stele::securing {

class reloader {
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
  [[nodiscard]] std::uint64_t taken() const noexcept;
  [[nodiscard]] std::uint64_t refused() const noexcept;

 private:
  struct state;
  std::shared_ptr<state> state_;
};

}  // namespace stele::securing
