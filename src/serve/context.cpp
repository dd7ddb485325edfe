#include "serve/context.hpp"

#include <new>

#include "serve/session.hpp"

namespace stele::serving {

namespace {

/// Of those that say since when, the first.
template <class Since>
session* longest(std::set<session*> const& among, Since since) {
  session* found = nullptr;
  for (session* each : among)
    if (auto const began = since(*each); began && (found == nullptr || *began < *since(*found)))
      found = each;
  return found;
}

/// How long a connection may keep others out by doing nothing.
constexpr std::chrono::seconds patience{1};

}  // namespace

body::~body() = default;

session_factory::~session_factory() = default;

session_context::session_context(net::io_context& io, std::span<core::table_link* const> served,
                                 serve_options const& with, serve_extras also)
    : strand(net::make_strand(io)),
      tables(served.begin(), served.end()),
      options(with),
      extras(std::move(also)),
      pages(make_pages(served, with.views)) {}

bool session_context::make_room() {
  if (open.size() < options.connections_max) return true;
  session* found = longest(open, [](session const& each) { return each.idle_since(); });
  if (found == nullptr) {
    found = longest(open, [](session const& each) { return each.incomplete_since(); });
    if (found != nullptr && steady_clock::now() - *found->incomplete_since() < patience)
      found = nullptr;
  }
  if (found == nullptr) return false;
  found->close();
  return true;
}

bool session_context::may_scrape() {
  if (scrapes_in_flight < options.scrapes_in_flight_max) return true;
  session* const found = longest(open, [](session const& each) { return each.unread_since(); });
  if (found == nullptr || steady_clock::now() - *found->unread_since() < patience) return false;
  found->close();
  return true;
}

}  // namespace stele::serving
