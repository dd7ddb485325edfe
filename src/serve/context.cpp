#include "serve/context.hpp"

#include <new>

#include "serve/session.hpp"

namespace stele::serving {

namespace {

/// Of those that match and wait for their client since then or longer, the first.
template <class Match>
session* longest_waiting(std::set<session*> const& among, steady_clock::time_point since,
                         Match match) {
  session* found = nullptr;
  for (session* each : among) {
    auto const began = each->waits_for_client_since();
    if (!began || *began > since || !match(*each)) continue;
    found = each;
    since = *began;
  }
  return found;
}

/// How long a client may keep others out by doing nothing.
constexpr std::chrono::seconds patience{1};

}  // namespace

body::~body() = default;

session_factory::~session_factory() = default;

incoming::~incoming() = default;

receiver::~receiver() = default;

session_context::session_context(net::io_context& io, std::span<core::table_link* const> served,
                                 serve_options const& with, serve_extras also)
    : strand(net::make_strand(io)),
      tables(served.begin(), served.end()),
      options(with),
      extras(std::move(also)),
      pages(extras.receiver ? nullptr : make_pages(served, with.views)) {}

session_context::~session_context() { posts->end(); }

void session_context::end_if_drained() noexcept {
  if (!draining || !open.empty()) return;
  drain.cancel();
  posts->end();
}

bool session_context::make_room() {
  if (open.size() < options.connections_max) return true;
  auto const now = steady_clock::now();
  session* found = longest_waiting(open, now, [](session const& each) { return each.is_idle(); });
  if (found == nullptr)
    found = longest_waiting(open, now - patience, [](session const&) { return true; });
  if (found == nullptr) return false;
  found->close();
  return true;
}

bool session_context::may_scrape() {
  if (scrapes_in_flight < options.scrapes_in_flight_max) return true;
  session* const found = longest_waiting(open, steady_clock::now() - patience,
                                         [](session const& each) { return each.is_scrape(); });
  if (found == nullptr) return false;
  found->close();
  return true;
}

}  // namespace stele::serving
