// scrape.hpp: one scrape that is being answered: its values, rendered as they are sent.
//
//   scrape part(gather.take(), format::text);
//   for (auto chunk = part.next(); !chunk.empty(); chunk = part.next()) send(chunk);
//
// Threads: the endpoint's.

#pragma once

#include <string_view>
#include <utility>

#include "expose/renderer.hpp"
#include "serve/handler_counts.hpp"
#include "stele/snapshot.hpp"

namespace stele::serving {

class scrape {
 public:
  /// REQUIRES: the filter, if there is one, outlives this. Throws std::bad_alloc.
  scrape(snapshot values, format which, exposition::series_filter const* filter = nullptr)
      : values_(std::move(values)) {
    render_.start(values_.data(), {.which = which, .filter = filter});
  }

  /// The next part of the body, of at most 64 KiB, valid until the next call; empty at the end. One
  /// that is shorter than 64 KiB is the last.
  [[nodiscard]] std::string_view next() { return current_ = render_.next(); }
  /// What next() returned last.
  [[nodiscard]] std::string_view current() const noexcept { return current_; }

 private:
  snapshot values_;
  exposition::renderer render_;
  std::string_view current_;
};

/// Counts a scrape as in flight while it lives, and as answered with a code at its end.
class counted_scrape {
 public:
  counted_scrape() noexcept { handler_counts::instance().begin(); }
  ~counted_scrape() { handler_counts::instance().end(code_); }
  counted_scrape(counted_scrape const&) = delete;
  counted_scrape& operator=(counted_scrape const&) = delete;

  void answered(int code) noexcept { code_ = code; }

 private:
  int code_ = 500;
};

}  // namespace stele::serving
