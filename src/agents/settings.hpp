// settings.hpp: the settings of the agents' library: the options of the public header, and the YAML
// file that may say otherwise.
//
//   securing::problems seen;
//   auto made = settings_of(options, seen);
//   if (!options.config_file.empty()) read_settings(file, text, made, seen);
//   if (!seen.empty()) return error{…, seen.text()};
//
// Threads: a value, and pure functions.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "agents/cardinality.hpp"
#include "agents/push_limits.hpp"
#include "secure/problems.hpp"
#include "stele/agent_options.hpp"

namespace stele::pushing {

struct queue_limits {
  std::size_t bundles_max = 4'096;
  std::size_t bytes_max = std::size_t{64} << 20;
};

struct peer_settings {
  std::vector<std::string> urls;  // http:// or https://, without a slash at the end
  std::string token_file;         // as path_beside() gives it; empty: none
  std::string ca_file;            // the same; empty: whom the system trusts
};

struct agents_settings {
  std::string prefix;
  std::int64_t ttl_ms = 120'000;
  push_limits limits;
  queue_limits queue;
  std::size_t receiving_bytes_max = std::size_t{256} << 20;
  cardinality rules;
  peer_settings peers;
};

/// Of the fields of the options; `seen` gets what is wrong in them, without a file.
agents_settings settings_of(agents_options const& options, securing::problems& seen);

/// Has a file's text change the settings; `seen` gets all that is wrong in it.
void read_settings(std::string_view file, std::string_view text, agents_settings& to,
                   securing::problems& seen);

/// What is wrong only together, once both have been read.
void check_settings(std::string_view file, agents_settings const& all, securing::problems& seen);

}  // namespace stele::pushing
