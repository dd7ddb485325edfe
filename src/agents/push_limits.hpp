// push_limits.hpp: the bounds on what agents push.
//
//   push_limits const limits{.series_per_workspace_max = 1'000};
//
// Threads: a value.

#pragma once

#include <cstddef>

namespace stele::pushing {

struct push_limits {
  std::size_t body_bytes_max = std::size_t{16} << 20;  // as sent, and again unpacked
  std::size_t series_per_push_max = 20'000;
  std::size_t families_per_push_max = 2'000;
  std::size_t labels_per_series_max = 32;
  std::size_t label_name_bytes_max = 256;
  std::size_t label_value_bytes_max = 4'096;
  std::size_t help_bytes_max = 4'096;
  std::size_t buckets_per_histogram_max = 512;
  std::size_t groups_per_workspace_max = 64;
  std::size_t series_per_workspace_max = 20'000;
  std::size_t series_max = 2'000'000;  // of all workspaces
  std::size_t workspaces_max = 200'000;
};

}  // namespace stele::pushing
