// context.hpp: what the sessions of an endpoint share.
//
//   auto const context = std::make_shared<session_context>(io, tables, options, extras);
//   context->post([…] { … });       // from any thread, onto the strand
//
// Threads: the endpoint's strand, but for what stands below the mutex and post().

#pragma once

#include <boost/asio/associated_allocator.hpp>
#include <boost/asio/bind_allocator.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>

#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <new>
#include <optional>
#include <set>
#include <span>
#include <utility>
#include <vector>

#include "serve/asio.hpp"
#include "serve/extras.hpp"
#include "serve/pages.hpp"
#include "serve/scrape.hpp"
#include "serve/shared_gather.hpp"
#include "serve/views.hpp"
#include "stele/serve.hpp"

namespace stele::serving {

/// The way onto an endpoint's strand, for what may outlive the endpoint: at its end it forgets the
/// strand, whose io_context may be gone then. Threads: any.
class mailbox {
 public:
  explicit mailbox(executor to) : to_(std::move(to)) {}

  /// In memory of the function's allocator, on any thread: a strand takes some of its own where it
  /// is to run, which on a thread of the io_context is kept there. Throws std::bad_alloc; where
  /// there is no memory later on, the function does not run.
  template <class Function>
  void post(Function function) {
    std::lock_guard const lock(mutex_);
    if (!to_) return;
    auto const memory = net::get_associated_allocator(function);
    net::post(
        to_->get_inner_executor(),
        net::bind_allocator(memory, [to = *to_, function = std::move(function)]() mutable noexcept {
          try {
            net::dispatch(to, std::move(function));
          } catch (std::bad_alloc const&) {
          }
        }));
  }
  void end() noexcept {
    std::lock_guard const lock(mutex_);
    to_.reset();
  }

 private:
  std::mutex mutex_;
  std::optional<executor> to_;
};

struct session_context {
  session_context(net::io_context& io, std::span<core::table_link* const> served,
                  serve_options const& with, serve_extras also);

  /// Whether there is room for one more connection. Where there is none, one is closed that keeps
  /// others out by doing nothing: the one that is idle for the longest, or else the one whose
  /// client has been waited for the longest, for a request or for what it is sent to be taken.
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
  /// From here on nothing is posted.
  void end_posting() noexcept { posts->end(); }

  executor strand;
  std::vector<core::table_link*> tables;
  serve_options options;  // without what refers to the caller's memory
  serve_extras extras;
  view_set views;
  std::unique_ptr<serving::pages> pages;  // may be null
  gathers values{*this};
  scrape_pool scrapes;
  std::size_t scrapes_in_flight = 0;
  bool draining = false;
  timer drain{strand};  // ends with the last session, or cuts those that are left

  std::mutex mutex;                 // guards `open`, and that a session in it has its socket
  std::condition_variable changed;  // `open` has become smaller
  std::set<session*> open;

  std::shared_ptr<mailbox> const posts = std::make_shared<mailbox>(strand);
};

}  // namespace stele::serving
