// gauge.hpp: a value that goes up and down.
//
// Threads: every method may be called from any thread at any time. A gauge is one shared atomic a
// series: inc() and dec() are never lost, and of several set() the last one stays.
//
//   metric<"queue_length">.set(queue.size());
//   auto busy = metric<"requests_in_flight">.track();     // +1, and -1 at the scope's end

#pragma once

#include <cstdint>
#include <limits>
#include <type_traits>
#include <utility>

#include "quantity.hpp"
#include "series.hpp"
#include "series_instrument.hpp"

namespace stele {

/// Holds a gauge one higher for as long as it lives. Movable; may end on another thread. Where the
/// series ends before it, the gauge that starts anew is left as it is.
template <class Gauge>
class [[nodiscard]] tracked {
 public:
  explicit tracked(Gauge gauge) noexcept : gauge_(std::move(gauge)) { gauge_.inc(); }
  tracked(tracked&& other) noexcept
      : gauge_(std::move(other.gauge_)), active_(std::exchange(other.active_, false)) {}
  tracked& operator=(tracked&&) = delete;
  ~tracked() {
    if (active_) gauge_.release();
  }

 private:
  Gauge gauge_;
  bool active_ = true;
};

template <class Row, class Series = unlabelled<Row>>
class gauge : public series_instrument<Row, Series> {
  using base = series_instrument<Row, Series>;

 public:
  using base::base;
  using number_type = std::conditional_t<Row::about.integral(), std::int64_t, double>;

  /// Replaces the value. On a row that counts, a value above 2^63-1 is stored as 2^63-1.
  template <class Value>
  void set(Value value) const noexcept {
    use_row<Row>();
    series_.update([number = stored(to_cell_number<Row>(value))](std::byte* cell) {
      cell_at(cell).set(number);
    });
  }

  /// Sets a row in unix seconds to the present.
  void set_to_current_time() const noexcept {
    static_assert(Row::about.unit == unit::unix_seconds || call_on<Row>::exists,
                  "set_to_current_time() requires a row whose unit is unix (seconds since 1970); "
                  "this row has another unit: use set() with a number in that unit");
    if constexpr (instruments_enabled && Row::about.unit == unit::unix_seconds)
      set(core::unix_now());
  }

  /// Adds one, or `amount` (which may be negative).
  void inc() const noexcept { add_to_cell(1); }
  template <class Amount>
  void inc(Amount amount) const noexcept {
    add_to_cell(stored(to_cell_number<Row>(amount)));
  }

  /// Takes away one, or `amount`.
  void dec() const noexcept { add_to_cell(-1); }
  template <class Amount>
  void dec(Amount amount) const noexcept {
    auto const number = stored(to_cell_number<Row>(amount));
    if constexpr (std::is_integral_v<number_type>)  // as an atomic does: modulo 2^64
      add_to_cell(static_cast<number_type>(-static_cast<std::uint64_t>(number)));
    else
      add_to_cell(-number);
  }

  /// Adds one for as long as the returned object lives.
  [[nodiscard]] tracked<gauge> track() const noexcept {
    return tracked<gauge>(gauge(series_.own()));
  }

 private:
  using base::series_;
  friend class tracked<gauge>;

  /// Takes away what track() added.
  void release() const noexcept {
    series_.update_same([](std::byte* cell) { cell_at(cell).add(-1); });
  }

  static gauge_cell<number_type>& cell_at(std::byte* cell) noexcept {
    return *reinterpret_cast<gauge_cell<number_type>*>(cell);
  }

  template <class Number>
  static constexpr number_type stored(Number value) noexcept {
    if constexpr (std::is_unsigned_v<Number> && std::is_integral_v<number_type>) {
      constexpr auto highest = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
      if (value > highest) return std::numeric_limits<std::int64_t>::max();
    }
    return static_cast<number_type>(value);
  }

  void add_to_cell(number_type amount) const noexcept {
    use_row<Row>();
    series_.update([amount](std::byte* cell) { cell_at(cell).add(amount); });
  }
};

}  // namespace stele
