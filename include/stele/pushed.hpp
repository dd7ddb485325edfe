// pushed.hpp: metrics of an agent, made in code: for a service whose agents send their numbers over
// a protocol of its own.
//
//   stele::pushed numbers;
//   numbers.family("jobs_done_total", stele::pushed_type::counter, "Jobs that are done.")
//       .value({{"queue", "mail"}}, 17);
//   numbers.family("wait_seconds", stele::pushed_type::histogram)
//       .buckets({}, bounds, counts, sum);
//   auto const done = agents->push({.user_id = "u1", .workspace_id = "w1"}, numbers);
//
// It holds them as text 0.0.4, which is checked as any agent's is. An agent that has the same
// series again and again is best served by one object that is cleared and filled anew, in the same
// order. Threads: one object, one thread.

#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

#include "api.hpp"

namespace stele {

struct pushed_label {
  std::string_view name;
  std::string_view value;
};

/// Valid in the call that it is given to.
class pushed_labels {
 public:
  pushed_labels(std::initializer_list<pushed_label> all) noexcept
      : begin_(std::data(all)), size_(all.size()) {}
  pushed_labels(std::span<pushed_label const> all) noexcept
      : begin_(all.data()), size_(all.size()) {}

  [[nodiscard]] std::span<pushed_label const> all() const noexcept { return {begin_, size_}; }

 private:
  pushed_label const* begin_;
  std::size_t size_;
};

/// What agents push.
enum class pushed_type : std::uint8_t { counter, gauge, histogram, summary, untyped };

class STELE_API pushed {
 public:
  /// Begins a family: what is added from here on is of it. Each method throws std::bad_alloc.
  pushed& family(std::string_view name, pushed_type type, std::string_view help = {});

  /// A series of a counter, a gauge or an untyped family. REQUIRES: a family has begun.
  pushed& value(pushed_labels labels, double value);
  pushed& value(double value) { return this->value({}, value); }

  /// A series of a histogram: as many counts as bounds, and one more, of what is above the last
  /// bound; not cumulative. Where there are fewer, those that lack are 0.
  pushed& buckets(pushed_labels labels, std::span<double const> bounds,
                  std::span<std::uint64_t const> counts, double sum);
  /// The same from counts each of which has those below it, too, as Prometheus shows them.
  pushed& cumulative_buckets(pushed_labels labels, std::span<double const> bounds,
                             std::span<std::uint64_t const> counts, double sum);
  /// A series of a summary: a value a quantile.
  pushed& quantiles(pushed_labels labels, std::span<double const> quantiles,
                    std::span<double const> values, double sum, std::uint64_t count);

  void clear() noexcept { text_.clear(); }
  [[nodiscard]] std::string_view text() const noexcept { return text_; }

 private:
  void line(std::string_view suffix, pushed_labels labels, std::string_view name, double of);
  void end_line(double value);
  void end_line(std::uint64_t value);

  std::string name_;  // of the family at hand
  std::string text_;
};

}  // namespace stele
