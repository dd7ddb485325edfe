#include "agents/push_queue.hpp"

#include <new>
#include <utility>
#include <vector>

#include "agents/text_plan.hpp"

namespace stele::pushing {

namespace {

template <class Element>
std::size_t bytes_of(std::vector<Element> const& of) noexcept {
  return of.capacity() * sizeof(Element);
}

std::size_t bytes_of(shape const& of) noexcept {
  std::size_t sum = sizeof(shape) + bytes_of(of.families) + bytes_of(of.series) +
                    bytes_of(of.layouts) + bytes_of(of.refused) + of.label_text.capacity();
  for (shape_family const& each : of.families)
    sum += each.name.capacity() + each.help.capacity() + each.unit.capacity();
  for (layout const& each : of.layouts) sum += bytes_of(each.bounds) + bytes_of(each.quantiles);
  for (family_refusal const& each : of.refused) sum += each.family.capacity() + each.why.capacity();
  if (of.plan) sum += of.plan->bytes();
  return sum;
}

}  // namespace

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

std::size_t push_queue::more_bytes(queued_push const& with) const noexcept {
  shape const* const of = with.what.of.get();
  return with.bytes() + (of == nullptr || shapes_.contains(of) ? 0 : bytes_of(*of));
}

void push_queue::add(queued_push what) {
  std::size_t const bytes = more_bytes(what);
  shape const* const of = what.what.of.get();
  waiting_.push_back(std::move(what));
  if (of != nullptr) try {
      held_shape& held = shapes_[of];
      if (held.pushes++ == 0) held.bytes = bytes_of(*of);
    } catch (std::bad_alloc const&) {
      waiting_.pop_back();
      throw;
    }
  size_.fetch_add(1, std::memory_order_relaxed);
  bytes_.fetch_add(bytes, std::memory_order_relaxed);
}

std::optional<queued_push> push_queue::take() noexcept {
  if (waiting_.empty()) return std::nullopt;
  std::optional<queued_push> taken(std::move(waiting_.front()));
  waiting_.pop_front();
  std::size_t bytes = taken->bytes();
  if (auto const held = shapes_.find(taken->what.of.get()); held != shapes_.end())
    if (--held->second.pushes == 0) {
      bytes += held->second.bytes;
      shapes_.erase(held);
    }
  size_.fetch_sub(1, std::memory_order_relaxed);
  bytes_.fetch_sub(bytes, std::memory_order_relaxed);
  return taken;
}

}  // namespace stele::pushing
