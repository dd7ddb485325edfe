// native_index.hpp: which native bucket a value falls into.
//
// Bucket i of schema n holds the values in (2^(2^-n * (i - 1)), 2^(2^-n * i)], exactly: also where
// a border is no double. The buckets of a schema are pairs of the next one's, so an index is found
// at the finest schema and made coarser.
//
//   coarser_native_index(finest_native_index(1.5), 5)   // its index at schema 8 - 5 = 3
//
// Threads: pure functions.

#pragma once

#include <cstdint>

#include "stele/descriptor.hpp"

namespace stele::core {

/// Values up to and including this far from zero are in the zero bucket.
inline constexpr double native_zero_threshold = 0x1p-128;

/// The index at schema native_schema_max. Infinity has the index above the largest double's, as it
/// has at every schema. REQUIRES: magnitude > native_zero_threshold.
std::int64_t finest_native_index(double magnitude) noexcept;

/// The index of the bucket that holds this one where the schema is lower by `steps`.
constexpr std::int64_t coarser_native_index(std::int64_t index, int steps) noexcept {
  return ((index - 1) >> steps) + 1;
}

}  // namespace stele::core
