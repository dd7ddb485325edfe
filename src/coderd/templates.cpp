// templates.cpp: the catalogue of templates and the renderer.

#include "templates.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "failure.hpp"

namespace service {

namespace {

constexpr template_file docker_files[]{
    {"Dockerfile",
     "FROM debian:12\n"
     "LABEL owner=\"{{owner}}\" workspace=\"{{workspace}}\"\n"
     "RUN useradd --create-home {{owner}}\n"
     "USER {{owner}}\n"},
    {"compose.yaml",
     "services:\n"
     "  {{workspace}}:\n"
     "    build: .\n"
     "    hostname: {{workspace}}\n"},
};

// Needs a variable that only the workspace's creator knows: without it the build fails.
constexpr template_file kubernetes_files[]{
    {"deployment.yaml",
     "kind: Deployment\n"
     "metadata:\n"
     "  name: {{workspace}}\n"
     "  namespace: {{namespace}}\n"
     "  labels: {owner: {{owner}}}\n"},
    {"service.yaml",
     "kind: Service\n"
     "metadata: {name: {{workspace}}, namespace: {{namespace}}}\n"},
};

constexpr std::array catalogue{
    workspace_template{"docker", docker_files,
                       "{{workspace}}/{{module}}:{{line}}: built for {{owner}}\n"},
    workspace_template{"kubernetes", kubernetes_files,
                       "{{namespace}}/{{workspace}}/{{module}}:{{line}}: built for {{owner}}\n"},
};

constexpr std::string_view opening = "{{";
constexpr std::string_view closing = "}}";

[[noreturn]] void refuse(std::string_view place, std::string_view text, std::size_t at,
                         std::string_view what) {
  auto const line =
      1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n');
  throw failure{reason::bad_input, fmt::format("{}:{}: {}", place, line, what)};
}

}  // namespace

workspace_template const& find_template(std::string_view name) {
  auto const* const found = std::find_if(catalogue.begin(), catalogue.end(),
                                         [&](auto const& one) { return one.name == name; });
  if (found != catalogue.end()) return *found;
  std::string known;
  for (auto const& one : catalogue)
    known += fmt::format("{}'{}'", known.empty() ? "" : ", ", one.name);
  throw failure{reason::bad_input,
                fmt::format("template: expected one of {}, saw '{}'", known, name)};
}

std::string render(std::string_view place, std::string_view text, variable_map const& variables) {
  std::string out;
  std::size_t done = 0;
  for (auto open = text.find(opening); open != std::string_view::npos;
       open = text.find(opening, done)) {
    out.append(text, done, open - done);
    auto const begin = open + opening.size();
    auto const close = text.find(closing, begin);
    if (close == std::string_view::npos) refuse(place, text, open, "'{{' has no closing '}}'");
    auto const name = text.substr(begin, close - begin);
    auto const variable = variables.find(name);
    if (variable == variables.end())
      refuse(place, text, open,
             fmt::format("the variable '{}' is not defined; give it in the workspace's "
                         "\"variables\"",
                         name));
    out += variable->second;
    done = close + closing.size();
  }
  return out.append(text, done);
}

}  // namespace service
