// yaml_section.hpp: the keys of one section of a YAML file, each read once; those that nobody asked
// for are unknown.
//
//   yaml_section in("web.yml", "http_server_config", place, &node, seen);
//   bool const http2 = in.boolean("http2").value_or(true);
//   in.end();
//
// What is wrong is told to `seen`, with the place of the value, and reads as if it were absent.
//
// Threads: a value type.

#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "secure/problems.hpp"
#include "secure/web_config.hpp"
#include "secure/yaml_tree.hpp"

namespace stele::securing {

class STELE_API yaml_section {
 public:
  /// `name` is empty for the file as a whole. A null node is a section without keys.
  yaml_section(std::string_view file, std::string_view name, yaml_node const& node, problems& seen);

  /// The key's member, where it is there and not null.
  yaml_member const* find(std::string_view key);

  /// An empty one is as good as none.
  std::optional<placed> text(std::string_view key);
  /// Also an empty one; and where `of_null`, the empty one that a null is in Go's maps.
  std::optional<placed> given_text(std::string_view key, bool of_null = false);
  std::optional<bool> boolean(std::string_view key);
  /// The texts of a list; nothing where the key is absent.
  std::optional<std::vector<placed>> texts(std::string_view key);

  /// `section.key: what`, at a place.
  void fail(std::string_view key, place where, std::string_view what);
  /// Reports the keys that were not asked for.
  void end();

  [[nodiscard]] place where() const noexcept { return node_.where; }

 private:
  yaml_member const* member(std::string_view key);
  std::optional<placed> text_of(std::string_view key, yaml_node const& value);

  std::string_view file_;
  std::string_view name_;
  yaml_node const& node_;
  problems& seen_;
  std::vector<std::string_view> known_;
};

}  // namespace stele::securing
