#include "agents/push_desk.hpp"

#include <iterator>
#include <new>
#include <string>
#include <utility>
#include <variant>

#include "agents/shape_cache.hpp"
#include "core/pushes.hpp"
#include "stele/self.hpp"

namespace stele::pushing {

using core::pushes::count;
using counted = core::pushes::result;
using serving::http::status;

namespace {

constexpr std::string_view again = "Retry-After: 1\r\n";

store_settings store_settings_of(agents_settings const& with,
                                 std::vector<descriptor const*> reserved) {
  store_settings made;
  made.prefix = with.prefix;
  made.ttl_ms = with.ttl_ms;
  made.limits = with.limits;
  made.rules = with.rules;
  made.reserved = std::move(reserved);
  return made;
}

constexpr bool same_reasons() noexcept {
  if (std::size(refusal_reason_names) != std::size(core::push_refusal_names)) return false;
  for (std::size_t i = 0; i < std::size(refusal_reason_names); ++i)
    if (refusal_reason_names[i] != core::push_refusal_names[i]) return false;
  return true;
}
static_assert(same_reasons(), "include/stele/self.hpp has the reasons of agents/shape.hpp");

answer fault_answer(body_fault const& fault) {
  switch (fault.is) {
    case body_fault::kind::syntax:
      count(counted::malformed);
      return {status::bad_request, {}, fault.text() + "\n"};
    case body_fault::kind::too_large:
      count(counted::too_large);
      return {status::payload_too_large, {}, fault.text() + "\n"};
    case body_fault::kind::too_many: break;
  }
  count(counted::limit);
  return {status::too_many_requests, {}, fault.text() + "\n"};
}

answer no_memory() noexcept {
  count(counted::no_memory);
  try {
    return service_unavailable("there is no memory for it now");
  } catch (std::bad_alloc const&) {
    return {status::service_unavailable, {}, {}};
  }
}

/// A line a family; a sender that looks at it sees what is missing and why.
std::string refusals_text(std::vector<family_refusal> const& refused) {
  std::string text;
  for (family_refusal const& each : refused)
    text.append(each.family)
        .append(": refused [")
        .append(refusal_reason_names[static_cast<std::size_t>(each.reason)])
        .append("]: ")
        .append(each.why)
        .append("\n");
  return text;
}

}  // namespace

answer too_large(std::size_t bytes_max) {
  return {status::payload_too_large,
          {},
          "expected a body of at most " + std::to_string(bytes_max) +
              " bytes, saw more; push less, or raise limits.body_bytes_max\n"};
}

answer service_unavailable(std::string_view why) {
  return {status::service_unavailable, std::string(again), std::string(why).append("\n")};
}

push_desk::push_desk(agents_settings const& with, std::vector<descriptor const*> reserved,
                     std::function<void()> wake)
    : settings_(with),
      wake_(std::move(wake)),
      reader_(with.limits, std::make_shared<shape_cache>()),
      store_(store_settings_of(with, std::move(reserved))),
      queue_(with.queue) {}

// ---- Into the queue -----------------------------------------------------------------------------

void push_desk::take(push_head head, std::string_view body, std::string_view content_type,
                     bool gzip, answer_function reply) {
  // A full queue is known before the body is read: what is refused costs the least.
  if (!queue_.has_room(sizeof(queued_push))) {
    count(counted::queue_full);
    return reply(service_unavailable("the queue of pushes is full; push again"));
  }
  auto read = reader_.read(
      body, {.type = body_type_of(content_type), .gzip = gzip, .group_labels = head.key.labels},
      store_.last_shape(head.who.workspace_id, head.key.text));
  if (auto const* fault = std::get_if<body_fault>(&read)) return reply(fault_answer(*fault));
  enter({std::move(head), std::get<bundle>(std::move(read)), std::move(reply)});
}

void push_desk::remove(push_head head, answer_function reply) {
  head.removes = true;
  enter({std::move(head), {}, std::move(reply)});
}

/// A removal waits in the same queue: it is applied after the pushes that came before it.
void push_desk::enter(queued_push what) {
  if (!queue_.has_room_for(what)) {
    count(counted::queue_full);
    return what.reply(service_unavailable("the queue of pushes is full; push again"));
  }
  // First, since it may throw: what waits in a queue that nobody is told of waits for ever, and a
  // drain() that finds nothing costs nothing.
  if (queue_.size() == 0) wake_();
  queue_.add(std::move(what));
}

// ---- Out of the queue ---------------------------------------------------------------------------

bool push_desk::drain() noexcept {
  for (std::size_t i = 0; i < drained_at_once; ++i) {
    auto next = queue_.take();
    if (!next) return false;
    answer said = applied(*next);
    try {
      next->reply(std::move(said));
    } catch (std::exception const&) {
      // Who waits for it is answered when its time is over.
    }
  }
  return queue_.size() != 0;
}

answer push_desk::applied(queued_push& what) noexcept try {
  push_head const& head = what.head;
  if (head.removes) {
    store_.remove_group(head.who.workspace_id, head.key.text);
    count(counted::deleted);
    return {status::accepted, {}, {}};
  }
  push const about{.user_id = head.who.user_id,
                   .workspace_id = head.who.workspace_id,
                   .group = head.key.text,
                   .labels = head.key.rendered,
                   .how = head.how,
                   .what = std::move(what.what),
                   .agents_epoch = head.agents_epoch,
                   .arrived = head.arrived};
  outcome const done = store_.apply(about, steady_milliseconds());
  if (done.claimed && peers_ != nullptr)
    peers_->claim(about.workspace_id, *done.claimed, about.agents_epoch.has_value());
  return answer_of(done);
} catch (std::bad_alloc const&) {
  return no_memory();
}

answer push_desk::answer_of(outcome const& done) {
  switch (done.is) {
    case outcome::kind::applied:
      count(counted::applied);
      for (family_refusal const& each : done.refused)
        core::pushes::count_refused(static_cast<std::size_t>(each.reason));
      return {status::ok, {}, refusals_text(done.refused)};
    case outcome::kind::stale:
      count(counted::stale);
      return {status::conflict, {}, done.why + "\n"};
    case outcome::kind::limit:
      count(counted::limit);
      return {status::too_many_requests, {}, done.why + "\n"};
    case outcome::kind::no_memory: break;
  }
  return no_memory();
}

bool push_desk::reclaim() noexcept {
  return store_.reclaim(steady_milliseconds(), reclaimed_at_once);
}

}  // namespace stele::pushing
