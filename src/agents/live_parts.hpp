// live_parts.hpp: which parts of groups are shown in one pass over the pushed series: one look at
// the clock and at each record.
//
//   live.look(records, now - ttl);
//   if (live.has(page.parts()[at])) show(at);
//
// Threads: one.

#pragma once

#include <cstddef>
#include <cstdint>

#include "agents/part_records.hpp"
#include "agents/series_page.hpp"

namespace stele::pushing {

class live_parts {
 public:
  /// Throws std::bad_alloc.
  void look(part_records const& records, std::int64_t since) {
    records_ = &records;
    since_ = since;
    seen_.resize(records.size());
    for (std::uint32_t i = 0; i < seen_.size(); ++i) seen_[i] = records.is_live(i, since);
  }

  /// A part that began since the look is shown too: its series may have been another part's, which
  /// has ended since.
  [[nodiscard]] bool has(std::uint32_t part) const noexcept {
    if (part < seen_.size() && seen_[part] != 0) [[likely]]
      return true;
    return part != series_page::hole && records_->is_live(part, since_);
  }
  [[nodiscard]] std::int64_t last_update(std::uint32_t part) const noexcept {
    return (*records_)[part].last_update.load(std::memory_order_relaxed);
  }

 private:
  part_records const* records_ = nullptr;
  std::int64_t since_ = 0;
  list<std::uint8_t> seen_;
};

}  // namespace stele::pushing
