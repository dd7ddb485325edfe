#include "agents/push_queue.hpp"

#include <utility>

namespace stele::pushing {

std::size_t queued_push::bytes() const noexcept {
  std::size_t sum = sizeof(queued_push) + what.bytes() + head.who.user_id.capacity() +
                    head.who.workspace_id.capacity() + head.key.text.capacity() +
                    head.key.rendered.capacity();
  for (auto const& [name, value] : head.key.labels)
    sum += sizeof(name) + sizeof(value) + name.capacity() + value.capacity();
  return sum;
}

bool push_queue::has_room(std::size_t bytes) const noexcept {
  if (waiting_.empty()) return true;
  return waiting_.size() < limits_.bundles_max && this->bytes() + bytes <= limits_.bytes_max;
}

void push_queue::add(queued_push what) {
  std::size_t const bytes = what.bytes();
  waiting_.push_back(std::move(what));
  size_.fetch_add(1, std::memory_order_relaxed);
  bytes_.fetch_add(bytes, std::memory_order_relaxed);
}

std::optional<queued_push> push_queue::take() noexcept {
  if (waiting_.empty()) return std::nullopt;
  bytes_.fetch_sub(waiting_.front().bytes(), std::memory_order_relaxed);
  size_.fetch_sub(1, std::memory_order_relaxed);
  std::optional<queued_push> taken(std::move(waiting_.front()));
  waiting_.pop_front();
  return taken;
}

}  // namespace stele::pushing
