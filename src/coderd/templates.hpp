// templates.hpp: the workspace templates, and their rendering.
//
// A template is a few files of text with {{variable}} in them. The catalogue is constant; all
// functions may be called from any thread.

#pragma once

#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>

namespace service {

using variable_map = std::map<std::string, std::string, std::less<>>;

struct template_file {
  std::string_view path;  // below the workspace's folder
  std::string_view text;
};

struct workspace_template {
  std::string_view name;
  std::span<template_file const> files;
  std::string_view module_text;  // a line of each source module, of which a build makes many
};

/// Throws a `failure` that names the template and those that exist.
[[nodiscard]] workspace_template const& find_template(std::string_view name);

/// `text` with every {{name}} replaced. Throws a `failure` that names place, line and variable
/// where one is not defined, or where a {{ is not closed.
[[nodiscard]] std::string render(std::string_view place, std::string_view text,
                                 variable_map const& variables);

}  // namespace service
