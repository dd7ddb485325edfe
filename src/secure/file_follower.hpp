// file_follower.hpp: has something follow the files that it was read from.
//
//   struct users final : followed {
//     change read() override { … }             // all files anew
//     void use() override { … }                // what the last read() read
//     std::string name() const override { return path; }
//   };
//   file_follower follows(std::make_shared<users>(…), files, std::chrono::seconds(1));
//
// A thread looks at the files in an interval, by their content. A change counts when two looks in a
// row have seen the same, since one may see a half-written file, or a certificate without its key.
// What is right takes effect then; what is not leaves everything as it is, is counted, and is
// reported once, through stele::on_diagnostic.
//
// Threads: what is followed is called on the follower's thread; the counts from any thread.

#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "secure/files.hpp"
#include "stele/api.hpp"
#include "stele/diagnostics.hpp"

namespace stele::securing {

/// Reports to on_diagnostic(); each call is said.
STELE_API void say(diagnostic::kind kind, std::string_view what) noexcept;

class STELE_API followed {
 public:
  virtual ~followed();

  struct change {
    file_set files;     // all that were read
    std::string fault;  // all that is wrong, a line each; empty: it may be used
  };
  /// Reads all files anew. What was read is kept until the next call of read() or use(). Throws
  /// std::bad_alloc.
  virtual change read() = 0;
  /// What the last read() read is in effect from here on. Throws std::bad_alloc before it is.
  virtual void use() = 0;
  /// The file, for messages.
  [[nodiscard]] virtual std::string name() const = 0;
};

class STELE_API file_follower {
 public:
  /// `seen`: the files as they were when `what` was made. An interval of 0 follows nothing. Throws
  /// std::bad_alloc, and std::system_error where no thread can be had.
  file_follower(std::shared_ptr<followed> what, file_set seen, std::chrono::milliseconds interval);
  /// Waits for a look that is being taken, unless it is on the follower's own thread.
  ~file_follower();
  file_follower(file_follower const&) = delete;
  file_follower& operator=(file_follower const&) = delete;

  /// Changes that took effect, and that did not.
  [[nodiscard]] std::uint64_t taken() const noexcept;
  [[nodiscard]] std::uint64_t refused() const noexcept;

 private:
  struct [[gnu::visibility("hidden")]] state;
  std::shared_ptr<state> state_;
};

}  // namespace stele::securing
