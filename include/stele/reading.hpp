// reading.hpp: a callback that feeds a series at scrape time.
//
//   auto reading = metric<"queue_length">.read_from([&] { return queue.size(); });
//
// Threads: callbacks run on the thread that gathers, with no lock of Stele's held. The end of the
// returned object waits for a running call, except from inside it; after it no call is made, and
// what the callback captured is gone. While several readings of one series live, the newest is
// asked. A callback that throws, and a counter's that gives what no counter may have, leaves its
// series out of that scrape, and is counted as refused.

#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <type_traits>
#include <utility>

#include "quantity.hpp"
#include "slab.hpp"

namespace stele {

/// One number as it is exposed: integers exactly, doubles in their shortest form.
struct number {
  enum class kind : std::uint8_t { unsigned_integer, signed_integer, floating };
  kind is = kind::unsigned_integer;
  std::uint64_t bits = 0;  // of the std::uint64_t, std::int64_t or double

  template <class Value>
  static constexpr number of(Value value) noexcept {
    if constexpr (std::is_floating_point_v<Value>)
      return {kind::floating, std::bit_cast<std::uint64_t>(static_cast<double>(value))};
    else if constexpr (std::is_signed_v<Value>)
      return {kind::signed_integer, static_cast<std::uint64_t>(static_cast<std::int64_t>(value))};
    else
      return {kind::unsigned_integer, static_cast<std::uint64_t>(value)};
  }

  /// Whether a counter may have it: a finite number, not negative.
  [[nodiscard]] constexpr bool counts() const noexcept {
    if (is == kind::unsigned_integer) return true;
    if (is == kind::signed_integer) return static_cast<std::int64_t>(bits) >= 0;
    double const value = std::bit_cast<double>(bits);
    return value >= 0 && value <= std::numeric_limits<double>::max();
  }
};

namespace core {

/// A source of one series' value. Owned by the table's state once it has been added.
class STELE_API reader {
 public:
  reader() = default;
  virtual ~reader();
  reader(reader const&) = delete;
  reader& operator=(reader const&) = delete;

  /// Stores the value and returns true, or returns false where there is none at this moment: the
  /// series is then left out. May throw: left out too, and counted.
  virtual bool read(number& value) = 0;
};

/// Takes `source`; returns its key for remove_reader, 0 (never a key) where the series is refused.
STELE_API std::uint64_t add_reader(table_link& link, std::size_t row, std::size_t series,
                                   reader* source);
STELE_API void remove_reader(table_link& link, std::uint64_t key) noexcept;

template <class Row, class Callback>
class callback_reader final : public reader {
 public:
  explicit callback_reader(Callback callback) : callback_(std::move(callback)) {}
  bool read(number& value) override {
    value = number::of(to_cell_number<Row>(callback_()));
    return true;
  }

 private:
  Callback callback_;
};

}  // namespace core

/// Keeps a callback registered. Movable; an empty one (moved from) does nothing.
class [[nodiscard]] reading {
 public:
  reading(core::table_link& link, std::uint64_t key) noexcept : link_(&link), key_(key) {}
  reading(reading&& other) noexcept
      : link_(std::exchange(other.link_, nullptr)), key_(other.key_) {}
  reading& operator=(reading&& other) noexcept {
    if (this != &other) {
      stop();
      link_ = std::exchange(other.link_, nullptr);
      key_ = other.key_;
    }
    return *this;
  }
  ~reading() { stop(); }

  /// Unregisters now.
  void stop() noexcept {
    if (auto* link = std::exchange(link_, nullptr)) core::remove_reader(*link, key_);
  }

 private:
  core::table_link* link_;
  std::uint64_t key_;
};

namespace detail {

template <class Row, class Series>
std::size_t reader_index(Series const& series) noexcept {
  if constexpr (requires { series.index; })
    return series.index;
  else
    return 0;
}

template <class Row, class Series, class Callback>
reading add_reading(Series const& series, Callback callback) {
  static_assert(Row::about.closed(),
                "read_from() requires a row without open labels, whose series are known");
  auto& link = link_of<typename Row::table>;
  if constexpr (!instruments_enabled) return {link, 0};
  auto* source = new core::callback_reader<Row, Callback>(std::move(callback));
  return {link, core::add_reader(link, Row::index, reader_index<Row>(series), source)};
}

}  // namespace detail

}  // namespace stele
