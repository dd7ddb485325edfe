// context.hpp: what the sessions of an endpoint share.
//
//   auto const context = std::make_shared<session_context>(io, tables, options, extras);
//   context->post([…] { … });       // from any thread, onto the strand
//
// Threads: the endpoint's strand, but for what stands below the mutex and post().

#pragma once

#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <set>
#include <span>
#include <utility>
#include <vector>

#include "serve/asio.hpp"
#include "serve/extras.hpp"
#include "serve/http_date.hpp"
#include "serve/mailbox.hpp"
#include "serve/pages.hpp"
#include "serve/scrape.hpp"
#include "serve/shared_gather.hpp"
#include "serve/views.hpp"
#include "stele/serve.hpp"

namespace stele::serving {

struct session_context {
  session_context(net::io_context& io, std::span<core::table_link* const> served,
                  serve_options const& with, serve_extras also);
  /// From here on nothing is posted.
  ~session_context();
  session_context(session_context const&) = delete;
  session_context& operator=(session_context const&) = delete;

  /// Whether there is room for one more connection. Where there is none, one is closed that keeps
  /// others out by doing nothing: the one that is idle for the longest, or else the one whose
  /// client has been waited for the longest, for a request or for what it is sent to be taken, or
  /// else one whose client has gone while it is to be answered.
  bool make_room();
  /// Whether one more scrape may be answered at once. Past the bound, the one whose reader has been
  /// waited for the longest is cut.
  bool may_scrape();

  /// Has something run on the strand, unless the endpoint has ended. Any thread. Throws
  /// std::bad_alloc.
  template <class Function>
  void post(Function function) {
    posts->post(std::move(function));
  }
  /// Calls a function with each session, which may close in it.
  template <class Function>
  void for_each_open(Function function) {
    for (auto at = open.begin(); at != open.end();) function(**at++);
  }
  /// Ends what waits for the last session, once it is gone. Until then a verdict, or the end of the
  /// callbacks, may still be posted for one that drains.
  void end_if_drained() noexcept;

  executor strand;
  std::vector<core::table_link*> tables;
  serve_options options;  // without what refers to the caller's memory
  serve_extras extras;
  view_set views;
  std::unique_ptr<serving::pages> pages;  // may be null
  gathers values{*this};
  scrape_pool scrapes;
  http_date date;
  std::size_t scrapes_in_flight = 0;
  bool draining = false;
  timer drain{strand};  // ends with the last session, or cuts those that are left

  std::mutex mutex;                 // guards `open`, and that a session in it has its socket
  std::condition_variable changed;  // `open` has become smaller
  std::set<session*> open;

  std::shared_ptr<mailbox> const posts = std::make_shared<mailbox>(strand);
};

}  // namespace stele::serving
