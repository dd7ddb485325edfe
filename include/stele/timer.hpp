// timer.hpp: measures a scope and observes how long it took.
//
//   auto timer = metric<"request_latency_ms">.with({.path = route}).time();
//
// Threads: a timer may be moved to, and end on, another thread.

#pragma once

#include <chrono>
#include <utility>

#include "exemplar.hpp"

namespace stele {

/// Observes the time from its making to its end, on the steady clock, in the row's unit.
template <class Instrument>
class [[nodiscard]] timer {
 public:
  using clock = std::chrono::steady_clock;

  explicit timer(Instrument instrument) noexcept
      : instrument_(std::move(instrument)), start_(clock::now()) {}
  timer(timer&& other) noexcept
      : instrument_(std::move(other.instrument_)),
        start_(other.start_),
        active_(std::exchange(other.active_, false)) {}
  timer& operator=(timer&&) = delete;
  ~timer() { stop(); }

  /// Observes now instead of at the end of the scope; later calls do nothing.
  void stop() noexcept {
    if (std::exchange(active_, false)) instrument_.observe(clock::now() - start_);
  }
  /// The same with an exemplar, on a histogram.
  void stop(exemplar_labels exemplar) noexcept {
    if (std::exchange(active_, false)) instrument_.observe(clock::now() - start_, exemplar);
  }
  /// Ends without an observation.
  void discard() noexcept { active_ = false; }

 private:
  Instrument instrument_;
  clock::time_point start_;
  bool active_ = true;
};

}  // namespace stele
