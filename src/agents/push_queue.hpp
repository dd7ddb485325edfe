// push_queue.hpp: pushes that were accepted and wait to be applied, bounded in number and bytes.
//
//   push_queue waiting(limits);
//   if (!waiting.has_room(bytes)) return service_unavailable();
//   waiting.add({.who = …, .what = std::move(bundle), .reply = …});
//   while (auto next = waiting.take()) apply(*std::move(next));
//
// Threads: the agents' own; size() and bytes() any.

#pragma once

#include <atomic>
#include <cstddef>
#include <deque>
#include <functional>
#include <optional>
#include <string>

#include "agents/bundle.hpp"
#include "agents/grouping_key.hpp"
#include "agents/settings.hpp"
#include "agents/store.hpp"
#include "serve/later_reply.hpp"

namespace stele::pushing {

using answer = serving::text_reply;
using answer_function = std::function<void(answer)>;

/// Whose push it is, of what, and how it is meant: all that is known before its body is read.
struct push_head {
  agent_identity who;
  grouping_key key;
  bool removes = false;  // the group: it has no body
  replace how = replace::all;
  std::optional<epoch> agents_epoch;
  epoch arrived = 0;
};

struct queued_push {
  push_head head;
  bundle what;
  answer_function reply;

  [[nodiscard]] std::size_t bytes() const noexcept;
};

class push_queue {
 public:
  explicit push_queue(queue_limits limits) noexcept : limits_(limits) {}

  /// A push alone is taken whatever its size: its body has a bound of its own.
  [[nodiscard]] bool has_room(std::size_t bytes) const noexcept;
  /// REQUIRES: there is room. Throws std::bad_alloc.
  void add(queued_push what);
  std::optional<queued_push> take() noexcept;

  [[nodiscard]] std::size_t size() const noexcept { return size_.load(std::memory_order_relaxed); }
  [[nodiscard]] std::size_t bytes() const noexcept {
    return bytes_.load(std::memory_order_relaxed);
  }

 private:
  queue_limits limits_;
  std::deque<queued_push> waiting_;
  std::atomic<std::size_t> size_{0};
  std::atomic<std::size_t> bytes_{0};
};

}  // namespace stele::pushing
