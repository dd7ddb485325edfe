// diagnostics.hpp: what the library reports through on_diagnostic().
//
//   report(row.reports, diagnostic::kind::overflow, row_name, "the row has 10,000 series");
//
// Threads: any, with no lock held: the callback is the service's. Costs a load where none is set.

#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string_view>

#include "stele/diagnostics.hpp"

namespace stele::core {

/// Which reports of one row are made: of each kind the first, then at most one a second.
class report_limit {
 public:
  [[nodiscard]] bool admits(diagnostic::kind kind) noexcept;

 private:
  static constexpr std::size_t kinds = static_cast<std::size_t>(diagnostic::kind::push) + 1;
  std::array<std::atomic<std::int64_t>, kinds> next_{};  // nanoseconds of the steady clock
};

/// Reports `what`, a sentence without its full stop. `metric` is the row's name.
STELE_API void report(report_limit& limit, diagnostic::kind kind, std::string_view metric,
                      std::string_view what) noexcept;

/// The same, with `detail`, which may be empty, and how many of the row's updates have been refused
/// so far.
void report_refused(report_limit& limit, diagnostic::kind kind, std::string_view metric,
                    std::string_view what, std::string_view detail, std::uint64_t refused) noexcept;

/// Guards the callback. Not held while it runs.
std::mutex& reports_mutex() noexcept;
/// In the child of a fork, under the mutex: who waited, or was in a call, is not there.
void forget_reporters() noexcept;

}  // namespace stele::core
