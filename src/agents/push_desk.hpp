// push_desk.hpp: what becomes of a push, from its body to its answer: read, queued, applied.
//
//   push_desk desk(settings, reserved, wake);
//   desk.take(head, body, about, [](answer said) { … });      // queued, or answered at once
//   while (desk.drain()) {}                                   // in the task that `wake` asked for
//
// Threads: one, the agents' own; but for what the store and the queue let any thread do.

#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "agents/body_reader.hpp"
#include "agents/claim_sender.hpp"
#include "agents/push_queue.hpp"
#include "agents/settings.hpp"
#include "agents/store.hpp"

namespace stele::pushing {

class push_desk {
 public:
  /// `wake` is called when the queue is about to be no longer empty: drain() is to be called, soon,
  /// until it says that there is no more. Where `wake` throws, nothing is queued.
  push_desk(agents_settings const& with, std::vector<descriptor const*> reserved,
            std::function<void()> wake);
  push_desk(push_desk const&) = delete;
  push_desk& operator=(push_desk const&) = delete;

  /// Who is told of workspaces that are taken over; none at first.
  void tell(claim_sender* peers) noexcept { peers_ = peers; }

  /// Reads a body, and queues it or answers. The reply is called once, now or in drain(). Throws
  /// std::bad_alloc before it is called.
  void take(push_head head, std::string_view body, std::string_view content_type, bool gzip,
            answer_function reply);
  /// The same of a removal.
  void remove(push_head head, answer_function reply);
  /// Applies and answers some of what waits; whether there is more.
  bool drain() noexcept;
  /// Takes back memory of what has ended, in a bounded step; whether there is more.
  bool reclaim() noexcept;

  [[nodiscard]] push_queue const& queue() const noexcept { return queue_; }
  [[nodiscard]] store& held() noexcept { return store_; }

 private:
  static constexpr std::size_t drained_at_once = 64;
  static constexpr std::size_t reclaimed_at_once = 256;

  void enter(queued_push what);
  answer applied(queued_push& what) noexcept;
  static answer answer_of(outcome const& done);

  agents_settings const settings_;
  std::function<void()> wake_;
  body_reader reader_;
  store store_;
  push_queue queue_;
  claim_sender* peers_ = nullptr;
};

/// Answers that are given in more than one place.
answer too_large(std::size_t bytes_max);
answer service_unavailable(std::string_view why);

}  // namespace stele::pushing
