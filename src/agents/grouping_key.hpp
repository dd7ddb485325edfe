// grouping_key.hpp: the path of a push, `/metrics/job/<JOB>{/<LABEL>/<VALUE>}`, as the Pushgateway
// has it.
//
//   auto const key = read_grouping_key("/metrics/job/agent/user_id/u1/workspace_id/w1");
//   if (!key) return bad_request(key.error().message);
//
// Threads: pure functions.

#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agents/push_limits.hpp"
#include "stele/result.hpp"

namespace stele::pushing {

inline constexpr std::string_view push_path = "/metrics/job";

struct grouping_key {
  std::vector<std::pair<std::string, std::string>> labels;  // sorted by name; `job` among them
  std::string text;      // of all labels, canonical: equal where the labels are
  std::string rendered;  // those that are exposed: without job, instance, user_id, workspace_id;
                         // sorted, as a scrape has them; empty where there are none

  /// Empty where there is none of the name.
  [[nodiscard]] std::string_view value(std::string_view name) const noexcept;
};

/// Of a target's path, still percent-encoded, without its query. Its labels have the bounds that
/// those of a body have: those that are exposed are in every series. An error is a sentence for the
/// client; past a bound its code is std::errc::value_too_large or, of their number,
/// std::errc::argument_list_too_long. Throws std::bad_alloc.
result<grouping_key> read_grouping_key(std::string_view path, push_limits const& limits);

/// What such an error is answered with, as it is where a body passes a bound: 413, 429, else 400.
unsigned status_of_key(error const& why) noexcept;

/// Whether a path is meant as a push: it begins as one does.
bool is_push_path(std::string_view path) noexcept;

}  // namespace stele::pushing
