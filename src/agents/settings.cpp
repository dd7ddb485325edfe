#include "agents/settings.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <iterator>
#include <optional>
#include <utility>

#include "agents/setting_checks.hpp"
#include "secure/duration.hpp"
#include "secure/files.hpp"
#include "secure/yaml_section.hpp"
#include "secure/yaml_tree.hpp"

namespace stele::pushing {

using namespace securing;

namespace {

struct size_key {
  std::string_view name;
  std::size_t push_limits::* at;
};

constexpr size_key limit_keys[]{
    {"body_bytes_max", &push_limits::body_bytes_max},
    {"series_per_push_max", &push_limits::series_per_push_max},
    {"families_per_push_max", &push_limits::families_per_push_max},
    {"labels_per_series_max", &push_limits::labels_per_series_max},
    {"label_name_bytes_max", &push_limits::label_name_bytes_max},
    {"label_value_bytes_max", &push_limits::label_value_bytes_max},
    {"help_bytes_max", &push_limits::help_bytes_max},
    {"buckets_per_histogram_max", &push_limits::buckets_per_histogram_max},
    {"groups_per_workspace_max", &push_limits::groups_per_workspace_max},
    {"series_per_workspace_max", &push_limits::series_per_workspace_max},
    {"series_max", &push_limits::series_max},
    {"workspaces_max", &push_limits::workspaces_max},
};

/// Which faults are found are those of setting_checks.hpp; this says where.
void say(yaml_section& in, std::string_view key, place where, std::string const& fault) {
  if (!fault.empty()) in.fail(key, where, fault);
}

void read_size(yaml_section& in, std::string_view key, std::size_t& to) {
  auto const seen = in.given_text(key);
  if (!seen) return;
  std::size_t value = 0;
  auto const* const end = seen->text.data() + seen->text.size();
  auto const [stop, failed] = std::from_chars(seen->text.data(), end, value);
  std::string const fault = failed != std::errc() || stop != end
                                ? size_words() + ", saw " + shown(seen->text)
                                : size_fault(value);
  if (!fault.empty()) return in.fail(key, seen->where, fault);
  to = value;
}

void read_ttl(yaml_section& in, std::int64_t& to) {
  auto const seen = in.given_text("ttl");
  if (!seen) return;
  auto const parsed = parse_duration(seen->text);
  std::int64_t const ms =
      parsed ? std::chrono::duration_cast<std::chrono::milliseconds>(*parsed).count() : 0;
  if (!parsed)
    return in.fail("ttl", seen->where,
                   "expected a duration with a unit, as in 2m or 90s, saw " + shown(seen->text));
  if (auto const fault = ttl_fault(ms); !fault.empty()) return in.fail("ttl", seen->where, fault);
  to = ms;
}

/// A list whose members are each right, and none of them twice; an empty one is a fault.
std::optional<std::vector<std::string>> read_list(yaml_section& in, std::string_view key,
                                                  std::string (*fault_of)(std::string_view),
                                                  std::string_view instead) {
  auto const* const member = in.find(key);
  auto const all = in.texts(key);
  if (!all) return std::nullopt;
  std::vector<std::string> made;
  if (member->value.items.empty())
    in.fail(key, member->value.where,
            std::string("expected at least one, saw an empty list; ").append(instead));
  for (placed const& each : *all) {
    std::string const fault = std::find(made.begin(), made.end(), each.text) != made.end()
                                  ? "expected each once, saw " + shown(each.text) + " again"
                                  : fault_of(each.text);
    if (fault.empty())
      made.push_back(each.text);
    else
      in.fail(key, each.where, fault);
  }
  return made;
}

void read_limits(std::string_view file, yaml_node const& node, agents_settings& to,
                 problems& seen) {
  yaml_section in(file, "limits", node, seen);
  for (size_key const& each : limit_keys) read_size(in, each.name, to.limits.*each.at);
  read_size(in, "receiving_bytes_max", to.receiving_bytes_max);
  in.end();
}

void read_queue(std::string_view file, yaml_node const& node, agents_settings& to, problems& seen) {
  yaml_section in(file, "queue", node, seen);
  read_size(in, "bundles_max", to.queue.bundles_max);
  read_size(in, "bytes_max", to.queue.bytes_max);
  in.end();
}

void read_drop(std::string_view file, yaml_node const& node, agents_settings& to, problems& seen) {
  yaml_section in(file, "drop", node, seen);
  constexpr std::string_view remove = "remove the key to drop none";
  if (auto all = read_list(in, "metrics", &glob_fault, remove)) to.rules.drop_metrics = *all;
  if (auto all = read_list(in, "labels", &label_fault, remove)) to.rules.drop_labels = *all;
  in.end();
}

/// `all` and `none` are words, a list has labels: `all` keeps every label, `none` keeps none.
void read_by(yaml_section& in, agents_settings& to) {
  constexpr std::string_view words =
      "`all` for no aggregation, `none` for one series a metric, or the labels to keep";
  auto const* const member = in.find("by");
  if (member == nullptr) return;
  if (member->value.is == yaml_node::form::list) {
    auto all = read_list(in, "by", &label_fault, std::string("write ").append(words));
    if (all) to.rules.keep = {kept_labels::which::these, *std::move(all)};
    return;
  }
  auto const seen = in.given_text("by");
  if (!seen) return;
  if (seen->text == "all")
    to.rules.keep = {kept_labels::which::all, {}};
  else if (seen->text == "none")
    to.rules.keep = {kept_labels::which::none, {}};
  else
    in.fail("by", seen->where,
            std::string("expected ").append(words) + ", as in [user_id], saw " + shown(seen->text) +
                suggestion({"all", "none"}, seen->text));
}

void read_functions(std::string_view file, yaml_node const& node, agents_settings& to,
                    problems& seen) {
  yaml_section in(file, "aggregate.functions", node, seen);
  std::vector<std::string_view> const names(std::begin(join_function_names),
                                            std::end(join_function_names));
  std::vector<stated_function> made;
  for (yaml_member const& each : node.members) {
    say(in, "", each.where, glob_fault(each.key));
    auto const found = std::find(names.begin(), names.end(), each.value.text);
    if (each.value.is != yaml_node::form::scalar || found == names.end())
      in.fail(each.key, each.value.where,
              "expected " + one_of(names) + ", saw " +
                  (each.value.is == yaml_node::form::scalar
                       ? shown(each.value.text) + suggestion(names, each.value.text)
                       : "something else"));
    else
      made.push_back({each.key, static_cast<join_function>(found - names.begin())});
  }
  to.rules.functions = std::move(made);
}

void read_aggregate(std::string_view file, yaml_node const& node, agents_settings& to,
                    problems& seen) {
  yaml_section in(file, "aggregate", node, seen);
  read_by(in, to);
  if (auto const* functions = in.find("functions"))
    read_functions(file, functions->value, to, seen);
  in.end();
}

void read_peers(std::string_view file, yaml_node const& node, agents_settings& to, problems& seen) {
  yaml_section in(file, "peers", node, seen);
  if (auto all = read_list(in, "urls", &url_fault, "remove the key to have no peers"))
    to.peers.urls = *all;
  if (auto const name = in.text("token_file")) to.peers.token_file = path_beside(file, name->text);
  if (auto const name = in.text("ca_file")) to.peers.ca_file = path_beside(file, name->text);
  in.end();
}

}  // namespace

void read_settings(std::string_view file, std::string_view text, agents_settings& to,
                   problems& seen) {
  auto const root = read_yaml(file, text, seen);
  if (!root) return;
  yaml_section in(file, "", *root, seen);
  if (auto const name = in.given_text("prefix")) {
    say(in, "prefix", name->where, prefix_fault(name->text));
    to.prefix = name->text;
  }
  read_ttl(in, to.ttl_ms);
  struct section {
    std::string_view name;
    void (*read)(std::string_view, yaml_node const&, agents_settings&, problems&);
  };
  for (section const& each :
       {section{"limits", &read_limits}, section{"queue", &read_queue}, section{"drop", &read_drop},
        section{"aggregate", &read_aggregate}, section{"peers", &read_peers}})
    if (auto const* found = in.find(each.name)) each.read(file, found->value, to, seen);
  in.end();
}

}  // namespace stele::pushing
