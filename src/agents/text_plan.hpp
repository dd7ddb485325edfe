// text_plan.hpp: how a text is read that differs from an earlier one in its numbers alone.
//
//   if (plan.read(body, names_of_group, scratch, values, created)) …   // no: read it as any text
//
// A plan is the text between the numbers, which is compared, and where each number goes. It gives
// what the parser and the rules of bundles give, or nothing: where a number does not fit its place,
// whoever reads slowly says why.
//
// Threads: never changed once it is made; any thread may read by it, each with its own scratch.

#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "agents/body_reader.hpp"

namespace stele::pushing {

/// Where a number goes.
enum class number_use : std::uint8_t {
  any,           // values[target]
  not_negative,  // the same, of a counter: neither negative nor NaN
  one,           // the same, of an info
  state,         // the same, 0 or 1
  count,         // values[target], as an integer: a bucket, a summary's count
  checked,       // counts[target]: a histogram's count, which its buckets have to agree with
  created,       // created[target], as milliseconds
  left_out       // of a family that is refused
};

struct number_step {
  std::uint32_t literal_bytes = 0;  // before the number
  std::uint32_t target = 0;
  number_use use = number_use::left_out;

  bool operator==(number_step const&) const = default;
};

/// A histogram, whose buckets are cumulative in the text and are not among the values.
struct histogram_step {
  static constexpr std::uint32_t no_count = std::numeric_limits<std::uint32_t>::max();

  std::uint32_t first_value = 0;
  std::uint32_t buckets = 0;             // with +Inf's
  std::uint32_t count = no_count;        // which of the checked counts is its own
  std::uint32_t missing_sum = no_count;  // the value that is NaN, because the text has no sum

  bool operator==(histogram_step const&) const = default;
};

/// From cumulative buckets to ones that are not. False where they fall.
bool make_not_cumulative(std::uint64_t* first, std::size_t count) noexcept;

class text_plan {
 public:
  struct parts {
    body_type type = body_type::text;
    std::string group_names;  // names_of() the group with which it was made
    std::string literals;     // one behind the other, the one behind the last number, too
    std::vector<number_step> steps;
    std::vector<histogram_step> histograms;
    std::uint32_t values = 0;
    std::uint32_t counts = 0;   // that are checked
    std::uint32_t created = 0;  // series that say when they began, or might; else 0

    bool operator==(parts const&) const = default;
  };
  explicit text_plan(parts made);

  /// Reads a body. False where it has another shape; `values` and `created` are then anything.
  /// `counts` is memory that is used again. Throws std::bad_alloc.
  bool read(std::string_view body, body_type type, std::string_view group_names,
            std::vector<std::uint64_t>& counts, std::vector<std::uint64_t>& values,
            std::vector<std::int64_t>& created) const;

  bool operator==(text_plan const& other) const { return all_ == other.all_; }
  [[nodiscard]] std::size_t hash() const noexcept { return hash_; }
  [[nodiscard]] std::size_t bytes() const noexcept {
    return sizeof(*this) + all_.group_names.capacity() + all_.literals.capacity() +
           all_.steps.capacity() * sizeof(number_step) +
           all_.histograms.capacity() * sizeof(histogram_step);
  }

 private:
  parts const all_;
  std::size_t hash_;
};

}  // namespace stele::pushing
