// setting_checks.cpp: the rules of the settings' values, and of the options that have them as
// fields.

#include "agents/setting_checks.hpp"

#include <algorithm>
#include <charconv>
#include <iterator>

#include "agents/settings.hpp"
#include "secure/files.hpp"

namespace stele::pushing {

using namespace securing;

namespace {

constexpr std::size_t size_max = std::size_t{1} << 40;
constexpr std::int64_t ttl_ms_min = 1'000;
constexpr std::int64_t ttl_ms_max = std::int64_t{7} * 24 * 3600 * 1000;

bool is_letter(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

/// `host`, `host:2113`, `[::1]:2113`.
bool is_host_and_port(std::string_view authority) noexcept {
  std::size_t const colon = authority.rfind(':');
  if (colon == authority.npos || authority.ends_with(']')) return true;
  if (colon == 0) return false;
  unsigned port = 0;
  char const* const end = authority.data() + authority.size();
  auto const [stop, failed] = std::from_chars(authority.data() + colon + 1, end, port);
  return failed == std::errc() && stop == end && port >= 1 && port <= 65'535;
}

template <class Choices>
void take_list(std::span<std::string_view const> from, std::string_view name, Choices fault_of,
               std::vector<std::string>& to, problems& seen) {
  for (std::string_view const each : from) {
    std::string const fault = fault_of(each);
    if (!fault.empty()) seen.add("serve_agents", {}, std::string(".").append(name) + ": " + fault);
    to.emplace_back(each);
  }
}

void check_sizes(agents_options const& options, problems& seen) {
  struct size {
    std::string_view name;
    std::size_t is;
  };
  push_limits const& at = options.limits;
  for (size const& each : {
           size{"limits.body_bytes_max", at.body_bytes_max},
           size{"limits.series_per_push_max", at.series_per_push_max},
           size{"limits.families_per_push_max", at.families_per_push_max},
           size{"limits.labels_per_series_max", at.labels_per_series_max},
           size{"limits.label_name_bytes_max", at.label_name_bytes_max},
           size{"limits.label_value_bytes_max", at.label_value_bytes_max},
           size{"limits.help_bytes_max", at.help_bytes_max},
           size{"limits.buckets_per_histogram_max", at.buckets_per_histogram_max},
           size{"limits.groups_per_workspace_max", at.groups_per_workspace_max},
           size{"limits.series_per_workspace_max", at.series_per_workspace_max},
           size{"limits.series_max", at.series_max},
           size{"limits.workspaces_max", at.workspaces_max},
           size{"queue_bundles_max", options.queue_bundles_max},
           size{"queue_bytes_max", options.queue_bytes_max},
           size{"receiving_bytes_max", options.receiving_bytes_max},
       })
    if (auto const fault = size_fault(each.is); !fault.empty())
      seen.add("serve_agents", {}, std::string(".").append(each.name) + ": " + fault);
}

void take_aggregation(aggregation const& from, cardinality& to, problems& seen) {
  switch (from.by) {
    case aggregate_by::all: to.keep.is = kept_labels::which::all; break;
    case aggregate_by::none: to.keep.is = kept_labels::which::none; break;
    case aggregate_by::these: to.keep.is = kept_labels::which::these; break;
    default:
      seen.add("serve_agents", {}, ".aggregate.by: expected all, none or these, saw another");
  }
  bool const these = from.by == aggregate_by::these;
  if (these == from.labels.empty())
    seen.add("serve_agents", {},
             these ? ".aggregate.labels: expected at least one label beside aggregate_by::these, "
                     "saw none; use none for one series a metric, or all for no aggregation"
                   : ".aggregate.labels: expected aggregate_by::these beside labels, saw another");
  take_list(from.labels, "aggregate.labels", &label_fault, to.keep.names, seen);
  for (join_rule const& each : from.functions) {
    if (auto const fault = glob_fault(each.metric); !fault.empty())
      seen.add("serve_agents", {}, ".aggregate.functions: " + fault);
    to.functions.push_back({std::string(each.metric), each.is});
  }
}

}  // namespace

std::string size_words() { return "expected a whole number from 1 to " + std::to_string(size_max); }

std::string size_fault(std::size_t value) {
  if (value >= 1 && value <= size_max) return {};
  return size_words() + ", saw " + std::to_string(value) + "; leave it out for the default";
}

std::string ttl_fault(std::int64_t milliseconds) {
  if (milliseconds >= ttl_ms_min && milliseconds <= ttl_ms_max) return {};
  return "expected 1s to 168h, saw " + std::to_string(milliseconds) +
         " ms; a time of two or more of the agents' intervals is right";
}

std::string prefix_fault(std::string_view prefix) {
  bool const right = !prefix.empty() && !is_digit(prefix.front()) &&
                     std::all_of(prefix.begin(), prefix.end(),
                                 [](char c) { return is_letter(c) || is_digit(c) || c == ':'; });
  if (right) return {};
  return "expected the beginning of a metric's name, as in coderd_workspace_, saw " + shown(prefix);
}

std::string label_fault(std::string_view name) {
  bool const right =
      !name.empty() && !is_digit(name.front()) &&
      std::all_of(name.begin(), name.end(), [](char c) { return is_letter(c) || is_digit(c); });
  if (right && name != "le" && name != "quantile") return {};
  return right ? "expected a label that series may have, saw " + shown(name) +
                     ", which tells the parts of one series"
               : "expected a label's name of letters, digits and _, saw " + shown(name);
}

std::string glob_fault(std::string_view pattern) {
  bool const right = !pattern.empty() && !is_digit(pattern.front()) &&
                     std::all_of(pattern.begin(), pattern.end(), [](char c) {
                       return is_letter(c) || is_digit(c) || c == ':' || c == '*';
                     });
  if (right) return {};
  return "expected a metric's name as agents push it, in which * stands for any characters, saw " +
         shown(pattern);
}

std::string url_fault(std::string_view url) {
  std::string_view rest = url;
  bool const scheme = rest.starts_with("http://") || rest.starts_with("https://");
  if (scheme) rest.remove_prefix(rest.find("//") + 2);
  bool const right =
      scheme && !rest.empty() && rest.find_first_of("/?#@ ") == rest.npos && is_host_and_port(rest);
  if (right) return {};
  return "expected http:// or https://, a host and a port, as in https://coderd-2:2113, saw " +
         shown(url);
}

agents_settings settings_of(agents_options const& options, problems& seen) {
  agents_settings made;
  made.prefix = options.prefix;
  if (auto const fault = prefix_fault(options.prefix); !fault.empty())
    seen.add("serve_agents", {}, ".prefix: " + fault);
  made.ttl_ms = options.ttl.count();
  if (auto const fault = ttl_fault(made.ttl_ms); !fault.empty())
    seen.add("serve_agents", {}, ".ttl: " + fault);
  if (options.reload_check_time.count() < 0)
    seen.add("serve_agents", {}, ".reload_check_time: expected 0, for never, or more, saw less");
  check_sizes(options, seen);
  made.limits = options.limits;
  made.queue = {options.queue_bundles_max, options.queue_bytes_max};
  made.receiving_bytes_max = options.receiving_bytes_max;
  take_list(options.drop_metrics, "drop_metrics", &glob_fault, made.rules.drop_metrics, seen);
  take_list(options.drop_labels, "drop_labels", &label_fault, made.rules.drop_labels, seen);
  take_aggregation(options.aggregate, made.rules, seen);
  take_list(options.peer_urls, "peer_urls", &url_fault, made.peers.urls, seen);
  made.peers.token_file = options.peer_token_file;
  made.peers.ca_file = options.peer_ca_file;
  return made;
}

void check_settings(std::string_view file, agents_settings const& all, problems& seen) {
  // By the names that whoever wrote it knows.
  auto const add = [&](std::string_view key, std::string_view field, std::string const& fault) {
    bool const is_file = !file.empty();
    seen.add(is_file ? file : "serve_agents", {}, std::string(is_file ? key : field) + fault);
  };
  if (!all.peers.urls.empty() && all.peers.token_file.empty())
    add("peers.token_file", ".peer_token_file",
        ": expected a file beside the URLs, saw none; name a file with a token that all instances "
        "have");
  for (std::string const& kept : all.rules.keep.names)
    if (std::ranges::find(all.rules.drop_labels, kept) != all.rules.drop_labels.end())
      add("aggregate.by", ".aggregate.labels",
          ": expected labels that are not dropped, saw " + shown(kept) +
              ", which is among those that are, too; remove it from one of them");
  if (all.limits.body_bytes_max > all.receiving_bytes_max)
    add("limits.receiving_bytes_max", ".receiving_bytes_max",
        ": expected at least body_bytes_max, " + std::to_string(all.limits.body_bytes_max) +
            ", saw " + std::to_string(all.receiving_bytes_max) +
            ", with which a large body would never be taken");
}

}  // namespace stele::pushing
