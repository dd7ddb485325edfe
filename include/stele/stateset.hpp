// stateset.hpp: which of a fixed set of states are on.
//
// Threads: every method may be called from any thread at any time. The states of one series are
// the bits of one shared atomic word: of several switch_to() the last one stays, enable() and
// disable() of different states never undo each other, and a scrape sees all states of one moment,
// so never two of a switch that has one at a time.
//
//   metric<"checkout_state">.switch_to(shop::checkout_state::open);       // this one, and no other
//   metric<"feature">.with({.region = "eu"}).enable(shop::feature::search);

#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>

#include "label.hpp"
#include "series.hpp"
#include "series_instrument.hpp"

namespace stele {

/// The states of one series, a bit each in the table's order, alone on a cache line as a gauge is.
class alignas(cache_line_bytes) state_cell {
 public:
  void switch_to(std::uint64_t state) noexcept { states_.store(state, std::memory_order_relaxed); }
  void enable(std::uint64_t state) noexcept { states_.fetch_or(state, std::memory_order_relaxed); }
  void disable(std::uint64_t state) noexcept {
    states_.fetch_and(~state, std::memory_order_relaxed);
  }
  [[nodiscard]] std::uint64_t read() const noexcept {
    return states_.load(std::memory_order_relaxed);
  }

 private:
  std::atomic<std::uint64_t> states_{0};
};
static_assert(sizeof(state_cell) == sizeof(gauge_cell<std::int64_t>));  // as cell_bytes has it

/// Carries the row, and what was passed for a state, into the compiler's message.
template <class Row, class State>
struct state_of {
  static constexpr bool in_table = false;
};

template <class Row, class Series = unlabelled<Row>>
class stateset : public series_instrument<Row, Series> {
  using base = series_instrument<Row, Series>;

 public:
  using base::base;
  using state_type = typename Row::state;

  /// Turns this state on and all others off, at once.
  template <class State>
  void switch_to(State const& state) const noexcept {
    change(state, [](state_cell& cell, std::uint64_t bit) { cell.switch_to(bit); });
  }

  /// Turns this state on, or off; the others stay as they are.
  template <class State>
  void enable(State const& state) const noexcept {
    change(state, [](state_cell& cell, std::uint64_t bit) { cell.enable(bit); });
  }
  template <class State>
  void disable(State const& state) const noexcept {
    change(state, [](state_cell& cell, std::uint64_t bit) { cell.disable(bit); });
  }
  template <class State, class On>
  void set(State const& state, On on) const noexcept {
    static_assert(std::is_same_v<On, bool>,
                  "set(state, on) requires a bool that says whether the state is on; to turn one "
                  "on and the others off use switch_to(state)");
    if constexpr (std::is_same_v<On, bool>) on ? enable(state) : disable(state);
  }

  template <class Value>
  int set(Value const&) const {
    static_assert(call_on<Row>::exists,
                  "set(value) requires a gauge; on a stateset use switch_to(state), or set(state, "
                  "true or false)");
    return 0;
  }

 private:
  using base::series_;

  /// A state is taken as a closed label's value is: by its enumerator, or as text. Text that is not
  /// in the set is `other` where the set has that state; else the call is refused and counted.
  using state_value = label<"state", state_type>;

  template <class State, class Change>
  void change(State const& state, Change apply) const noexcept {
    use_row<Row>();
    constexpr bool known = std::is_convertible_v<State const&, state_value>;
    static_assert(known || state_of<Row, State>::in_table,
                  "switch_to(), enable(), disable() and set() require a state of the row: an "
                  "enumerator of the enum that the generated header names after the metric, or "
                  "text; the row and what was passed stand beside this message");
    if constexpr (known && instruments_enabled) {
      state_value const value(state);
      if (value.index == state_value::refused) [[unlikely]] {
        base::refuse();
        return;
      }
      series_.update([apply, bit = std::uint64_t{1} << value.index](std::byte* cell) {
        apply(*reinterpret_cast<state_cell*>(cell), bit);
      });
    }
  }
};

}  // namespace stele
