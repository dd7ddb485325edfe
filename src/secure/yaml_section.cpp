#include "secure/yaml_section.hpp"

#include <algorithm>

namespace stele::securing {

namespace {

using form = yaml_node::form;

std::string_view named(form is) {
  switch (is) {
    case form::null: return "nothing";
    case form::scalar: return "a single value";
    case form::list: return "a list";
    case form::map: return "keys with values";
  }
  return "";
}

}  // namespace

yaml_section::yaml_section(std::string_view file, std::string_view name, yaml_node const& node,
                           problems& seen)
    : file_(file), name_(name), node_(node), seen_(seen) {
  if (node.is == form::map || node.is == form::null) return;
  std::string what(name);
  what.append(name.empty() ? "" : ": ")
      .append("expected keys with values, as in `key: value`, saw ")
      .append(named(node.is));
  seen_.add(file_, node.where, what);
}

yaml_member const* yaml_section::member(std::string_view key) {
  if (std::find(known_.begin(), known_.end(), key) == known_.end()) known_.push_back(key);
  for (yaml_member const& each : node_.members)
    if (each.key == key) return &each;
  return nullptr;
}

yaml_member const* yaml_section::find(std::string_view key) {
  yaml_member const* const found = member(key);
  return found == nullptr || found->value.is == form::null ? nullptr : found;
}

std::optional<placed> yaml_section::text_of(std::string_view key, yaml_node const& value) {
  if (value.is == form::scalar) return placed{value.text, value.where};
  fail(key, value.where, std::string("expected a text, saw ").append(named(value.is)));
  return std::nullopt;
}

std::optional<placed> yaml_section::given_text(std::string_view key, bool of_null) {
  yaml_member const* const found = member(key);
  if (found == nullptr) return std::nullopt;
  if (found->value.is != form::null) return text_of(key, found->value);
  return of_null ? std::optional(placed{"", found->value.where}) : std::nullopt;
}

std::optional<placed> yaml_section::text(std::string_view key) {
  auto made = given_text(key);
  if (made && made->text.empty()) return std::nullopt;  // as exporters have it: not set
  return made;
}

/// The words are those of YAML 1.1, which Prometheus's parser takes.
std::optional<bool> yaml_section::boolean(std::string_view key) {
  yaml_member const* const found = find(key);
  if (found == nullptr) return std::nullopt;
  std::string word = found->value.text;
  bool const one_case =
      std::all_of(word.begin(), word.end(), [](char c) { return c >= 'A' && c <= 'Z'; }) ||
      std::none_of(word.begin() + (word.empty() ? 0 : 1), word.end(),
                   [](char c) { return c >= 'A' && c <= 'Z'; });
  for (char& c : word)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  if (found->value.is == form::scalar && !found->value.quoted && one_case) {
    for (std::string_view const yes : {"true", "yes", "on", "y"})
      if (word == yes) return true;
    for (std::string_view const no : {"false", "no", "off", "n"})
      if (word == no) return false;
  }
  fail(key, found->value.where,
       found->value.is != form::scalar
           ? std::string("expected true or false, saw ").append(named(found->value.is))
           : "expected true or false, saw " + shown(found->value.text) +
                 (found->value.quoted ? "; remove the quotes" : ""));
  return std::nullopt;
}

std::optional<std::vector<placed>> yaml_section::texts(std::string_view key) {
  yaml_member const* const found = find(key);
  if (found == nullptr) return std::nullopt;
  if (found->value.is != form::list) {
    fail(key, found->value.where,
         std::string("expected a list, as in [a, b], saw ").append(named(found->value.is)));
    return std::nullopt;
  }
  std::vector<placed> all;
  for (yaml_node const& each : found->value.items)
    if (auto one = text_of(key, each)) all.push_back(*std::move(one));
  return all;
}

void yaml_section::fail(std::string_view key, place where, std::string_view what) {
  std::string text(name_);
  text.append(name_.empty() || key.empty() ? "" : ".").append(key).append(": ").append(what);
  seen_.add(file_, where, text);
}

void yaml_section::end() {
  for (yaml_member const& each : node_.members) {
    if (std::find(known_.begin(), known_.end(), each.key) != known_.end()) continue;
    std::string what = "expected ";
    what.append(one_of(known_)).append(may_be_secret(each.key) ? ", saw " : ", saw the key ");
    what.append(shown(each.key));
    what.append(suggestion(known_, each.key));
    if (!name_.empty()) what = std::string(name_) + ": " + what;
    seen_.add(file_, each.where, what);
  }
}

}  // namespace stele::securing
