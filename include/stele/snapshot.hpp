// snapshot.hpp: the values of one gather, taken at one moment and then left alone.
//
//   stele::snapshot now = stele::gather<coderd::table>();
//
// Threads: gather() may be called from any thread, several at once; a snapshot belongs to one
// thread at a time. Updates go on during a gather and are in it or in the next one; the sum and the
// buckets of one histogram always belong together. The callbacks of read_from() run on a thread of
// the library; where there are none, gather() starts no thread.

#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "exposed_tables.hpp"

namespace stele {

namespace core {
class snapshot_data;  // src/core/snapshot_data.hpp
}

class STELE_API snapshot {
 public:
  explicit snapshot(core::snapshot_data* data) noexcept : data_(data) {}
  snapshot(snapshot&& other) noexcept;
  snapshot& operator=(snapshot&& other) noexcept;
  ~snapshot();

  /// How many families and series it holds. A histogram or a summary is one series a label set; one
  /// that is left out of this gather is not counted.
  [[nodiscard]] std::size_t family_count() const noexcept;
  [[nodiscard]] std::size_t series_count() const noexcept;

  [[nodiscard]] core::snapshot_data const& data() const noexcept { return *data_; }

 private:
  core::snapshot_data* data_;
};

struct gather_options {
  /// How long callbacks may take, all together, in milliseconds from the call; 0 waits for none.
  /// What a callback that is still running then would give is left out, and counted as refused.
  std::uint32_t deadline_ms = 10'000;
};

namespace core {

/// Gathers the rows in use of several tables, families sorted by name. Throws std::bad_alloc.
STELE_API snapshot gather(std::span<table_link* const> tables, gather_options const& options = {});

}  // namespace core

/// Gathers the rows in use of one or more tables.
template <class... Tables>
snapshot gather(gather_options const& options = {}) {
  return core::gather(core::exposed_tables<Tables...>(), options);
}

}  // namespace stele
