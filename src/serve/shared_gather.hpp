// shared_gather.hpp: one gather for scrapes that overlap. They share its values, never its bytes:
// each renders for itself, at its reader's pace.
//
//   auto const values = gathers.join_or_begin(steady_clock::now() + 5s, nullptr);
//   if (!values->ended()) values->wait(*this);              // its on_values() is called
//   render(values->values());
//
// A scrape joins a gather whose callbacks still run, or one that was begun shared_gather_age_max
// ago at most and whose values no client has in full. The latter matters: who has read an answer to
// its end, and asks again, sees what was counted in between. One that may not wait for as long as
// the callbacks of the other may take leaves in time to gather for itself: what is there is then
// answered, without the families whose callbacks still run.
//
// Threads: the endpoint's strand.

#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "core/pending_gather.hpp"
#include "serve/asio.hpp"
#include "serve/handler_memory.hpp"
#include "stele/snapshot.hpp"

namespace stele::serving {

class mailbox;
struct session_context;

/// Who waits for values.
class values_waiter {
 public:
  virtual void on_values() noexcept = 0;

 protected:
  ~values_waiter() = default;
};

class shared_gather : public std::enable_shared_from_this<shared_gather>,
                      public core::round_waiter {
 public:
  explicit shared_gather(session_context& context);
  ~shared_gather() override;

  /// Who joins leaves. When the last one does, the values go back to the pool.
  void join() noexcept { ++users_; }
  void leave() noexcept;
  [[nodiscard]] bool is_used() const noexcept { return users_ != 0; }

  /// Of a part of the rows, or of all where it is null; its callbacks have until then. REQUIRES:
  /// one has joined. Throws std::bad_alloc.
  void begin(steady_clock::time_point until, core::row_filter const* part, bool may_share);
  /// When it ends at the latest.
  [[nodiscard]] steady_clock::time_point until() const noexcept { return until_; }
  /// Whether there are values, or there was no memory for them.
  [[nodiscard]] bool ended() const noexcept { return ended_; }
  /// Null where there was no memory.
  [[nodiscard]] snapshot const* values() const noexcept { return values_ ? &*values_ : nullptr; }
  /// Calls on_values() of whoever is still there when it has ended. Throws std::bad_alloc.
  void wait(std::weak_ptr<values_waiter> waiter) { waiters_.push_back(std::move(waiter)); }

  /// Whether a scrape whose callbacks would have until then may join now.
  [[nodiscard]] bool may_be_joined(steady_clock::time_point until, steady_clock::time_point now,
                                   std::chrono::nanoseconds age_max) const noexcept;
  /// A client is about to have an answer in full.
  void close() noexcept { open_ = false; }

 private:
  void check() noexcept;
  void end() noexcept;
  void on_round_end() noexcept override;

  session_context& context_;
  std::shared_ptr<mailbox> const posts_;
  // A post from the callbacks' thread stands in it, and may be there for longer than this.
  std::shared_ptr<handler_memory> const memory_ = std::make_shared<handler_memory>();
  timer check_;
  steady_clock::time_point began_{};
  steady_clock::time_point until_{};
  std::optional<core::pending_gather> gather_;
  std::optional<snapshot> values_;
  std::vector<std::weak_ptr<values_waiter>> waiters_;
  std::vector<std::weak_ptr<values_waiter>> told_;  // those that are being told
  std::size_t users_ = 0;
  std::uint64_t serial_ = 0;  // of the gather; handlers of an earlier one do nothing
  bool ended_ = false;
  bool in_time_ = false;  // it has ended, and not for its time was over
  bool open_ = false;
};

/// The gathers of an endpoint.
class gathers {
 public:
  explicit gathers(session_context& context) noexcept : context_(context) {}

  /// One that the caller has joined; of a part, it is his own. Throws std::bad_alloc.
  std::shared_ptr<shared_gather> join_or_begin(steady_clock::time_point until,
                                               core::row_filter const* part);
  /// One of the caller's own, which nobody joins. Throws std::bad_alloc.
  std::shared_ptr<shared_gather> begin_alone(steady_clock::time_point until,
                                             core::row_filter const* part) {
    return begin(until, part, false);
  }
  void leave(std::shared_ptr<shared_gather> gather) noexcept;

 private:
  std::shared_ptr<shared_gather> begin(steady_clock::time_point until, core::row_filter const* part,
                                       bool may_share);

  session_context& context_;
  std::vector<std::shared_ptr<shared_gather>> all_;  // those in use, and spare ones
};

}  // namespace stele::serving
