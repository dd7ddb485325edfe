// yaml_tree.hpp: a YAML file as a tree whose nodes know their places, within bounds that no real
// configuration comes near.
//
//   problems seen;
//   auto const root = read_yaml("web.yml", text, seen);
//   if (root) for (auto const& each : root->members) …
//
// Refused are: more than 1 MiB, 16 levels or 10,000 nodes; bytes that are not UTF-8, and control
// characters; aliases, with
// which a small file could stand for a large one; explicit types but !!str; a second document;
// a key twice; a key that is no plain text.
//
// Threads: pure functions.

#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "secure/problems.hpp"

namespace stele::securing {

inline constexpr std::size_t configuration_bytes_max = 1024 * 1024;

struct yaml_member;

struct yaml_node {
  enum class form { null, scalar, list, map };
  form is = form::null;
  place where;
  std::string text;     // of a scalar
  bool quoted = false;  // then `true` is a text, no boolean
  std::vector<yaml_node> items;
  std::vector<yaml_member> members;
};

struct yaml_member {
  std::string key;
  place where;
  yaml_node value;
};

/// The file's only document; a null node for an empty file. Nothing where it is refused, and then
/// `seen` has the reasons.
STELE_API std::optional<yaml_node> read_yaml(std::string_view file, std::string_view text,
                                             problems& seen);

/// Whether all of it is valid UTF-8; else how many bytes at its beginning are.
STELE_API std::optional<std::size_t> first_invalid_utf8(std::string_view text) noexcept;

}  // namespace stele::securing
