// push_queue.hpp: pushes that were accepted and wait to be applied, bounded in number and bytes.
//
//   push_queue waiting(limits);
//   if (!waiting.has_room_for(push)) return service_unavailable();
//   waiting.add(std::move(push));
//   while (auto next = waiting.take()) apply(*std::move(next));
//
// A shape is counted once, however many of the pushes have it: agents of one version, which all
// push at once after a restart, cost one. It is counted whoever else has it, since the store may
// let it go while the push waits.
//
// Threads: the agents' own; size() and bytes() any.

#pragma once

#include <atomic>
#include <cstddef>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <unordered_map>

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

  /// What it takes without its shape, which other pushes may have, too.
  [[nodiscard]] std::size_t bytes() const noexcept;
};

class push_queue {
 public:
  explicit push_queue(queue_limits limits) noexcept : limits_(limits) {}

  /// A push alone is taken whatever its size: its body has a bound of its own.
  [[nodiscard]] bool has_room(std::size_t bytes) const noexcept;
  [[nodiscard]] bool has_room_for(queued_push const& what) const noexcept {
    return has_room(more_bytes(what));
  }
  /// REQUIRES: there is room. Throws std::bad_alloc.
  void add(queued_push what);
  std::optional<queued_push> take() noexcept;

  [[nodiscard]] std::size_t size() const noexcept { return size_.load(std::memory_order_relaxed); }
  [[nodiscard]] std::size_t bytes() const noexcept {
    return bytes_.load(std::memory_order_relaxed);
  }

 private:
  struct held_shape {
    std::size_t bytes = 0;
    std::size_t pushes = 0;  // that have it
  };

  [[nodiscard]] std::size_t more_bytes(queued_push const& with) const noexcept;

  queue_limits limits_;
  std::deque<queued_push> waiting_;
  std::unordered_map<shape const*, held_shape> shapes_;  // of those that wait
  std::atomic<std::size_t> size_{0};
  std::atomic<std::size_t> bytes_{0};
};

}  // namespace stele::pushing
