// counted_scrape.hpp: a scrape as one that is in flight, in its endpoint and for the promhttp_*
// rows.
//
//   std::optional<counted_scrape> counted(std::in_place, context.scrapes_in_flight);
//   counted->answered(200);
//   counted.reset();                 // it is answered
//
// Threads: the endpoint's strand.

#pragma once

#include <cstddef>

#include "serve/handler_counts.hpp"

namespace stele::serving {

/// Counts a scrape as in flight while it lives, in its endpoint and for the promhttp_* rows, and as
/// answered with a code at its end.
class counted_scrape {
 public:
  explicit counted_scrape(std::size_t& in_flight) noexcept : in_flight_(in_flight) {
    handler_counts::instance().begin();
    ++in_flight_;
  }
  ~counted_scrape() {
    --in_flight_;
    handler_counts::instance().end(code_);
  }
  counted_scrape(counted_scrape const&) = delete;
  counted_scrape& operator=(counted_scrape const&) = delete;

  void answered(int code) noexcept { code_ = code; }

 private:
  std::size_t& in_flight_;
  int code_ = 500;
};

}  // namespace stele::serving
