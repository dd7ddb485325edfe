#include "serve/shared_gather.hpp"

#include <boost/asio/bind_allocator.hpp>

#include <algorithm>
#include <exception>
#include <new>
#include <utility>

#include "serve/context.hpp"

namespace stele::serving {

shared_gather::shared_gather(session_context& context)
    : context_(context), posts_(context.posts), check_(context.strand) {}

shared_gather::~shared_gather() = default;

void shared_gather::begin(steady_clock::time_point until, core::row_filter const* part,
                          bool may_share) {
  ++serial_;
  began_ = steady_clock::now();
  until_ = until;
  ended_ = false;
  auto const time_max = std::max(until - began_, steady_clock::duration::zero());
  gather_.emplace(context_.tables, core::deadline_clock::now() + time_max, this, part);
  open_ = may_share && part == nullptr;
  if (gather_->ended())
    end();
  else
    check();
}

void shared_gather::leave() noexcept {
  if (--users_ != 0) return;
  open_ = false;
  gather_.reset();  // from here on its end is not told
  check_.cancel();
  values_.reset();
  waiters_.clear();
}

bool shared_gather::may_be_joined(steady_clock::time_point until, steady_clock::time_point now,
                                  std::chrono::nanoseconds age_max) const noexcept {
  if (!open_ || age_max.count() == 0) return false;
  // One whose callbacks have less time leaves more of them out. Of two scrapers that have the same
  // time, one took some of it to get here.
  auto const wanted = until - now;
  bool const has_time = until_ - began_ >= wanted - wanted / 8;
  if (!ended_) return has_time;
  return values_ && now - began_ <= age_max && (has_time || in_time_);
}

/// Looks again when the round ends, or else later.
void shared_gather::check() noexcept try {
  check_.expires_at(gather_->next_check());
  check_.async_wait(
      net::bind_allocator(handler_allocator<void>(*memory_),
                          [self = shared_from_this(), serial = serial_](beast::error_code) {
                            if (!self->gather_ || self->serial_ != serial)
                              return;  // released meanwhile
                            if (self->gather_->ended())
                              self->end();
                            else
                              self->check();
                          }));
} catch (std::exception const&) {
  gather_.reset();
  end();
}

void shared_gather::end() noexcept {
  try {
    if (gather_) values_.emplace(gather_->take());
  } catch (std::bad_alloc const&) {
    // Those who wait see that there are no values.
  }
  gather_.reset();
  ended_ = true;
  in_time_ = steady_clock::now() < until_;
  open_ = open_ && values_;
  std::swap(told_, waiters_);
  for (auto const& each : told_)
    if (auto const waiter = each.lock()) waiter->on_values();
  told_.clear();
}

/// On the thread of the callbacks. The timer's handler, which holds this, is run at once. The post
/// holds its memory alone: as the last one to hold this it would wait for itself, in gather_'s end.
void shared_gather::on_round_end() noexcept try {
  posts_->post(net::bind_allocator(handler_allocator<void>(*memory_),
                                   [memory = memory_, gather = weak_from_this()] {
                                     if (auto const self = gather.lock()) self->check_.cancel();
                                   }));
} catch (std::exception const&) {
  // The timer ends by itself, at the deadline.
}

std::shared_ptr<shared_gather> gathers::join_or_begin(steady_clock::time_point until,
                                                      core::row_filter const* part) {
  auto const now = steady_clock::now();
  auto const age_max = to_chrono(context_.options.shared_gather_age_max);
  for (auto const& each : all_)
    if (part == nullptr && each->may_be_joined(until, now, age_max)) {
      each->join();
      return each;
    }
  return begin(until, part, true);
}

std::shared_ptr<shared_gather> gathers::begin(steady_clock::time_point until,
                                              core::row_filter const* part, bool may_share) {
  std::shared_ptr<shared_gather> spare;
  for (auto const& each : all_)
    if (!each->is_used()) spare = each;
  if (!spare) all_.push_back(spare = std::make_shared<shared_gather>(context_));
  spare->join();
  try {
    spare->begin(until, part, may_share);
  } catch (std::bad_alloc const&) {
    spare->leave();
    throw;
  }
  return spare;
}

void gathers::leave(std::shared_ptr<shared_gather> gather) noexcept {
  gather->leave();
  constexpr std::size_t kept_max = 4;
  if (all_.size() > kept_max && !gather->is_used()) std::erase(all_, gather);
}

}  // namespace stele::serving
