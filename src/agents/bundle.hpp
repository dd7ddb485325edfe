// bundle.hpp: what one push says: a shape and its numbers, read and checked, not yet applied.
//
//   auto read = read_body(body, {.type = body_type::text});
//   if (!read) return bad_request(read.error());
//   store.apply(group, *std::move(read), …);
//
// Threads: a value type.

#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "agents/shape.hpp"

namespace stele::pushing {

struct bundle {
  std::shared_ptr<shape const> of;
  /// The numbers of all series in the shape's order, each as snapshot_data.hpp has those of its
  /// type: scalars are one double (its bits), histograms buckets that are not cumulative, sum, and
  /// what native_values says; summaries quantiles, sum, count.
  std::vector<std::uint64_t> values;
  /// When each series began, in milliseconds since 1970-01-01T00:00:00Z, 0 where that is not known;
  /// or nothing at all where no series says.
  std::vector<std::int64_t> created;

  /// What its numbers take; the shape may be shared.
  [[nodiscard]] std::size_t bytes() const noexcept {
    return sizeof(bundle) + values.capacity() * sizeof(std::uint64_t) +
           created.capacity() * sizeof(std::int64_t);
  }
};

/// Why a whole body is refused.
struct body_fault {
  enum class kind : std::uint8_t { syntax, too_large, too_many };
  kind is = kind::syntax;
  std::size_t line = 0;    // from 1; 0: the body is no text
  std::size_t column = 0;  // from 1, in bytes
  std::string what;        // a sentence: expected X, saw Y; the fix

  /// `line:column: what`, or `what`.
  [[nodiscard]] std::string text() const;
};

}  // namespace stele::pushing
