// counter.hpp: a total that only goes up.
//
// Threads: every method may be called from any thread at any time, also before main() and in
// destructors after it. An increment is an add to the calling thread's own cell. Values: a row that
// counts is exact, and goes on from 0 after 2^64-1; on any other an increment of 1 is lost from
// 2^53 on.
//
//   metric<"jobs_done_total">.inc();
//   metric<"bytes_sent_total">.with({.peer = name}).inc(size);
//   auto failed = metric<"jobs_failed_total">.count_exceptions();   // of the scope that this is in

#pragma once

#include <atomic>
#include <cstdint>
#include <exception>
#include <limits>
#include <type_traits>
#include <utility>

#include "quantity.hpp"
#include "series.hpp"
#include "series_instrument.hpp"

namespace stele {

namespace detail {

/// Not a lambda, whose type would be the row's: what is not inlined is compiled once for all rows.
template <class Number>
struct add_to_counter {
  Number amount;

  [[gnu::always_inline]] void operator()(std::byte* cell) const noexcept {
    reinterpret_cast<counter_cell<Number>*>(cell)->add(amount);
  }
  [[nodiscard]] core::exemplar_point point() const noexcept {
    return {0, static_cast<double>(amount)};
  }
};

}  // namespace detail

/// Increments a counter when the scope that it stands in is left by an exception. Movable; ends on
/// the thread on which it was made. In code without exceptions it counts nothing.
template <class Counter>
class [[nodiscard]] exception_count {
 public:
  explicit exception_count(Counter counter) noexcept
      : counter_(std::move(counter)), before_(escaping()) {}
  exception_count(exception_count&& other) noexcept
      : counter_(std::move(other.counter_)),
        before_(other.before_),
        active_(std::exchange(other.active_, false)) {}
  exception_count& operator=(exception_count&&) = delete;
  ~exception_count() {
    if (active_ && escaping() > before_) counter_.inc();
  }

 private:
  static int escaping() noexcept {
    if constexpr (!instruments_enabled) return 0;
    return std::uncaught_exceptions();
  }

  Counter counter_;
  int before_;  // more than 0 in a destructor that an exception runs
  bool active_ = true;
};

/// What inc_from_signal() adds to: there before any constructor runs, and never attached.
template <class Row>
inline constinit counter_cell<std::conditional_t<Row::about.integral(), std::uint64_t, double>>
    signal_cells[closed_series_count(Row::about)]{};

template <class Row>
inline constinit core::signal_part signal_part_of{signal_cells<Row>};

/// Its address is taken by inc_from_signal(), as registrar's is by every method.
template <class Row>
struct signal_registrar {
  static inline bool const added =
      core::add_signal_part(link_of<typename Row::table>, Row::index, signal_part_of<Row>);
};

template <class Row, class Series = unlabelled<Row>>
class counter : public series_instrument<Row, Series> {
  using base = series_instrument<Row, Series>;

 public:
  using base::base;
  using number_type = std::conditional_t<Row::about.integral(), std::uint64_t, double>;

  /// Adds one.
  [[gnu::always_inline]] void inc() const noexcept { add_to_cell(1); }

  /// Adds `amount` (>= 0, finite) in the row's unit. Any other amount is refused and counted.
  template <class Amount>
  [[gnu::always_inline]] void inc(Amount amount) const noexcept {
    auto const number = to_cell_number<Row>(amount);
    if (accepts(number)) [[likely]]
      return add_to_cell(static_cast<number_type>(number));
    use_row<Row>();
    base::refuse();
  }

  /// The same, with an exemplar of what was counted; see exemplar.hpp.
  template <class Amount>
  void inc(Amount amount, exemplar_labels exemplar) const noexcept {
    inc(amount);
    auto const number = to_cell_number<Row>(amount);
    if (accepts(number)) series_.put_exemplar({0, static_cast<double>(number)}, exemplar);
  }

  /// Adds `amount`, as inc() does, from a signal handler, of which no increment is lost, nor of
  /// what it interrupts: inc() of the interrupted thread may be between its load and its store.
  /// Costs an atomic addition. What is refused is counted, but not reported. Async-signal-safe.
  template <class Amount = number_type>
  void inc_from_signal(Amount amount = 1) const noexcept {
    use_row<Row>();
    static_assert(Row::about.closed() || call_on<Row>::exists,
                  "inc_from_signal() requires a row without open labels, whose cells are there "
                  "before the signal; close the labels in the table, or count in a flag that the "
                  "program reads");
    if constexpr (instruments_enabled && Row::about.closed()) {
      static_cast<void>(&signal_registrar<Row>::added);
      std::size_t const index = detail::reader_index<Row>(series_);
      auto const number = to_cell_number<Row>(amount);
      if (index < closed_series_count(Row::about) && accepts(number))
        signal_cells<Row>[index].add_shared(static_cast<number_type>(number));
      else
        signal_part_of<Row>.refused.fetch_add(1, std::memory_order_relaxed);
    }
  }

  /// Adds one if the scope of the returned object is left by an exception.
  [[nodiscard]] exception_count<counter> count_exceptions() const noexcept {
    return exception_count<counter>(*this);
  }

 private:
  using base::series_;

  template <class Number>
  static constexpr Number highest = std::numeric_limits<Number>::max();

  template <class Number>
  static constexpr bool accepts(Number number) noexcept {
    if constexpr (!instruments_enabled || std::is_unsigned_v<Number>)
      return true;
    else if constexpr (std::is_floating_point_v<Number>)
      return number >= 0 && static_cast<double>(number) <= highest<double>;
    else
      return number >= 0;
  }

  [[gnu::always_inline]] void add_to_cell(number_type amount) const noexcept {
    use_row<Row>();
    series_.update(detail::add_to_counter<number_type>{amount});
  }
};

}  // namespace stele
