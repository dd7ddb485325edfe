// timer.hpp: measures a scope and observes how long it took.
//
//   auto timer = metric<"request_latency_ms">.with({.path = route}).time();
//
// Threads: a timer may be moved to, and end on, another thread.

#pragma once

#include <cstdint>
#include <utility>

#include "clock.hpp"
#include "exemplar.hpp"
#include "quantity.hpp"
#include "stele/version.hpp"
#include "wrong_call.hpp"

namespace stele {

/// Observes the time from its making to its end, on the steady clock, in the row's unit.
template <class Instrument>
class [[nodiscard]] timer {
 public:
  explicit timer(Instrument instrument) noexcept
      : instrument_(std::move(instrument)), start_(now()) {
    using row = typename Instrument::row;
    static_assert(is_time_unit<row::about.unit> || call_on<row>::exists,
                  "time() requires a row whose unit is a time; use observe() with a number");
  }
  timer(timer&& other) noexcept
      : instrument_(std::move(other.instrument_)),
        start_(other.start_),
        active_(std::exchange(other.active_, false)) {}
  timer& operator=(timer&&) = delete;
  ~timer() { stop(); }

  /// Observes now instead of at the end of the scope; later calls do nothing.
  void stop() noexcept {
    if (std::exchange(active_, false)) instrument_.observe(whole_nanoseconds(now() - start_));
  }
  /// The same with an exemplar, on a histogram.
  void stop(exemplar_labels exemplar) noexcept {
    if (std::exchange(active_, false))
      instrument_.observe(whole_nanoseconds(now() - start_), exemplar);
  }
  /// Ends without an observation.
  void discard() noexcept { active_ = false; }

 private:
  static std::int64_t now() noexcept {
    if constexpr (!instruments_enabled) return 0;
    return core::steady_now();
  }

  Instrument instrument_;
  std::int64_t start_;
  bool active_ = true;
};

}  // namespace stele
