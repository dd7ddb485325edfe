// agent_options.hpp: how the pushes of workspace agents are taken.
//
//   stele::agents_options options{.port = 2113, .tokens_file = "tokens"};
//   options.limits.series_per_workspace_max = 1'000;
//   options.aggregate = {.by = stele::aggregate_by::none, .functions = rules};
//
// Threads: values; what they refer to is copied by serve_agents(), but for the directory.

#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "api.hpp"
#include "clock.hpp"

namespace stele {

/// The bounds on what agents push. Past one of a push it is refused as a whole (413, 429); past one
/// of a workspace, or of all, what it has stays as it was.
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

/// How series are joined that differ in nothing but a label that is taken away.
enum class join_function : std::uint8_t { sum, max, min, last };

struct join_rule {
  std::string_view metric;  // as pushed, without the prefix; `*` stands for any characters
  join_function is;
};

/// Which labels a pushed series keeps. `all` is no aggregation at all, `none` is one series a
/// metric: they are opposites.
enum class aggregate_by : std::uint8_t { all, none, these };

struct aggregation {
  aggregate_by by = aggregate_by::all;
  std::span<std::string_view const> labels{};  // of `these`, at least one; user_id is one as others
  /// The first that fits counts. Counters and histograms are added up where none is stated; a
  /// family of another type is refused then.
  std::span<join_rule const> functions{};
};

/// Whose agent it is.
struct agent_identity {
  std::string user_id;
  std::string workspace_id;
};

/// Who knows the tokens, instead of a file.
class STELE_API agent_directory {
 public:
  virtual ~agent_directory();

  /// Whether the token is known, and whose it is. Called on the agents' thread, for each push, so
  /// it should be quick: a look into memory. An exception is a token that is not known.
  virtual bool find(std::string_view token, agent_identity& to) = 0;
};

/// Sizes are bytes, times and sizes upper bounds; what makes no sense is an error of
/// serve_agents(). File names are relative to the working directory at the time of the call.
struct agents_options {
  std::string_view address = "127.0.0.1";  // as serve_options::address
  std::uint16_t port = 2113;               // 0: a free one, see agents::port()

  // Exactly one of the two.
  std::string_view
      tokens_file{};  // a line each: token or `sha256:` and its hash, user_id, workspace_id
  agent_directory* directory = nullptr;  // outlives the agents

  /// YAML. What it says counts more than what the fields below say.
  std::string_view config_file{};
  /// The web configuration file of Prometheus and its exporters, of which tls_server_config counts:
  /// users are an error, and what else has no effect is told to on_diagnostic().
  std::string_view web_config_file{};
  whole_milliseconds reload_check_time{1'000};  // between two looks at the files; 0: never

  std::string_view prefix = "coderd_workspace_";  // of what is exposed
  whole_milliseconds ttl{120'000};                // what is not pushed for longer is gone
  push_limits limits{};

  /// Past one of these a push is answered with 503 and Retry-After, and nothing of it is taken.
  std::size_t queue_bundles_max = 4'096;                // accepted, and not yet applied
  std::size_t queue_bytes_max = std::size_t{64} << 20;  // of these
  std::size_t receiving_bytes_max = std::size_t{256}
                                    << 20;  // of bodies that come in, of all connections

  std::span<std::string_view const> drop_metrics{};  // as pushed; `*` stands for any characters
  std::span<std::string_view const> drop_labels{};   // names
  aggregation aggregate{};

  /// Other instances, told of each workspace that this one takes over: `https://coderd-2:2113`.
  std::span<std::string_view const> peer_urls{};
  /// A token a line: the first one is sent to peers, each is taken from them.
  std::string_view peer_token_file{};
  std::string_view
      peer_ca_file{};  // PEM: who signs peers' certificates; empty: whom the system trusts

  // As those of serve_options.
  std::size_t connections_max = 4'096;
  std::size_t header_bytes_max = 16 * 1024;
  whole_milliseconds header_time_max{5'000};
  whole_milliseconds body_time_max{30'000};
  whole_milliseconds request_time_max{10'000};
  whole_milliseconds idle_time_max{90'000};
  whole_milliseconds write_time_max{10'000};
  whole_milliseconds drain_time_max{5'000};
  std::uint32_t socket_mode = 0660;
};

}  // namespace stele
