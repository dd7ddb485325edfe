// join_values.hpp: how the numbers of two series become those of one.
//
//   join_number(join_function::max, newest, first, bits, to);
//   add_counts(metric_type::histogram, values, from, to);
//
// Threads: pure functions.

#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "agents/cardinality.hpp"
#include "agents/pushed_memory.hpp"
#include "core/native_counts.hpp"
#include "core/snapshot_data.hpp"

namespace stele::pushing {

/// The bits of a value that another thread may be writing.
std::uint64_t load_value(std::uint64_t const* value) noexcept;
void store_value(std::uint64_t* value, std::uint64_t bits) noexcept;

bool is_nan(std::uint64_t bits) noexcept;

/// Adds doubles. What is no finite number says nothing: a sum would never come back from it.
void add_double(std::uint64_t& to, std::uint64_t bits) noexcept;

/// Joins one more value. `first`: there was none before; `newest`: none of them was pushed later. A
/// NaN has no say where another value is there.
void join_number(join_function by, bool newest, bool first, std::uint64_t bits,
                 std::uint64_t& to) noexcept;

/// Adds what counts in the values of a series, before its native buckets: a counter's value, a
/// histogram's buckets and sum, a summary's sum and count. False where there would be more than
/// 2^62 observations, which no service makes: nothing is added then, so that buckets never wrap.
bool add_counts(metric_type type, std::size_t values, std::uint64_t const* from,
                std::uint64_t* to) noexcept;

/// Whether a counter or histogram with these old and new values started anew in between.
bool restarted(metric_type type, std::size_t plain_values, std::uint64_t const* old,
               std::span<std::uint64_t const> values) noexcept;

/// Adds native buckets, at the lower of the two resolutions.
void join_native(core::native_values const& from, core::native_counts& to,
                 double& zero_threshold) noexcept;

/// As core::append_native(), with another threshold.
void append_native(core::native_counts const& from, double zero_threshold,
                   core::snapshot_vector<std::uint64_t>& to);

/// Adds all values of a histogram with native buckets to others of the same layout, or to none;
/// nothing where add_counts() would not. Throws std::bad_alloc.
void add_native_series(descriptor const& about, std::uint64_t const* from, list<std::uint64_t>& to);

/// Calls visit(first, end) for each stretch of places for which is(place) is true.
template <class Is, class Visit>
void for_each_stretch(std::uint32_t size, Is is, Visit visit) {
  for (std::uint32_t at = 0; at < size;) {
    while (at < size && !is(at)) ++at;
    std::uint32_t const first = at;
    while (at < size && is(at)) ++at;
    if (first != at) visit(first, at);
  }
}

}  // namespace stele::pushing
