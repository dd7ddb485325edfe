// counted_scrape.hpp: an answer made of values as one that is in flight, in its endpoint and, if it
// is a scrape, for the promhttp_* rows.
//
//   std::optional<counted_scrape> counted(std::in_place, in_flight, true);
//   counted->answered(200);
//   counted.reset();                 // it is answered
//
// Threads: the endpoint's strand.

#pragma once

#include <cstddef>

#include "serve/handler_counts.hpp"

namespace stele::serving {

/// Counts an answer made of values as in flight while it lives, in its endpoint; and a scrape for
/// the promhttp_* rows too, as answered with a code at its end.
class counted_scrape {
 public:
  counted_scrape(std::size_t& in_flight, bool is_scrape) noexcept
      : in_flight_(in_flight), is_scrape_(is_scrape) {
    if (is_scrape_) handler_counts::instance().begin();
    ++in_flight_;
  }
  ~counted_scrape() {
    --in_flight_;
    if (is_scrape_) handler_counts::instance().end(code_);
  }
  counted_scrape(counted_scrape const&) = delete;
  counted_scrape& operator=(counted_scrape const&) = delete;

  void answered(int code) noexcept { code_ = code; }

 private:
  std::size_t& in_flight_;
  bool is_scrape_;
  int code_ = 500;
};

}  // namespace stele::serving
