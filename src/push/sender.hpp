// sender.hpp: one try to push the values of tables, or to delete their group, and what came of it.
//
//   auto made = sender::make(tables, options);
//   if (!made) return made.error();
//   outcome const said = (*made)->send(sending_what::values, until);
//   if (!said.took && said.again) …
//
// Threads: one, but for end_by() and wake(). See http_client.hpp for forks.

#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "core/callback_runner.hpp"
#include "core/diagnostics.hpp"
#include "push/http_client.hpp"
#include "push/target.hpp"
#include "stele/push.hpp"

namespace stele::sending {

enum class sending_what : std::uint8_t { values, last_values, removal };

struct outcome {
  bool took = false;
  push_answer answer{};  // where it was taken
  error failure{};       // where it was not
  bool again = false;    // another try may help
  std::int64_t retry_after_ms = 0;
  bool given_up = false;  // nothing was sent, since the end has come
};

class sender final : private core::round_waiter {
 public:
  /// Checks the options. Throws std::bad_alloc.
  static result<std::unique_ptr<sender>> make(std::span<core::table_link* const> tables,
                                              push_options const& options);

  /// Waits for callbacks, then for the answer, until `until` or what end_by() says. Throws
  /// std::bad_alloc.
  outcome send(sending_what what, std::int64_t until);

  /// Returns at `until`, or when it is woken.
  void sleep(std::int64_t until) { client_.wait(until); }
  void wake() noexcept { client_.wake(); }

  /// From now on values are pushed for the last time, and no send() goes on past this time. Wakes.
  void end_by(std::int64_t until) noexcept;
  [[nodiscard]] std::int64_t ends_by() const noexcept { return ends_by_; }
  [[nodiscard]] bool ends() const noexcept { return ends_by_ != forever; }

  /// Reports a failure, with what follows it, or what was refused of a push that was taken.
  void report(outcome const& seen, std::string_view next);

 private:
  sender(std::span<core::table_link* const> tables, push_options const& options, target to);

  void on_round_end() noexcept override { wake(); }
  std::optional<http_request> request(sending_what what, std::int64_t until, outcome& failed);
  bool render(sending_what what, std::int64_t until, std::string& to);
  outcome judge(http_answer answer) const;

  std::span<core::table_link* const> tables_;
  push_options options_;  // without its strings
  target to_;
  std::string token_;
  std::string token_file_;
  std::string user_;
  std::string ca_file_;
  std::atomic<std::int64_t> ends_by_{forever};
  core::report_limit reports_;
  http_client client_;
  std::uint64_t tag_ = 0;  // of the last request
};

}  // namespace stele::sending
