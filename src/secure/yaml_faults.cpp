#include "secure/yaml_faults.hpp"

#include <optional>

namespace stele::securing {

namespace {

struct known_fault {
  std::string_view begins;  // yaml-cpp's words
  std::string_view what;
};

constexpr std::string_view open_quote =
    "expected the quote that ends a text, saw the end of the file; add it";
constexpr std::string_view bad_escape =
    "expected an escape that YAML has, saw another one after \\; write \\\\ for the character "
    "itself, or use single quotes";
constexpr std::string_view bare_sign =
    "expected a name after & or *, saw none; put a text that begins so in quotes";

known_fault const known_faults[]{
    {YAML::ErrorMsg::MAP_VALUE,
     "expected one `key: value` a line, saw ': ' where no key can end; indent the line as the "
     "others of its section, and put a text that has ': ' in it in quotes"},
    {YAML::ErrorMsg::END_OF_MAP_FLOW, "expected ',' or '}', saw neither; end what { began"},
    {YAML::ErrorMsg::END_OF_SEQ_FLOW, "expected ',' or ']', saw neither; end what [ began"},
    {YAML::ErrorMsg::END_OF_MAP,
     "expected the next key of the section, saw something else; indent the line as the others "
     "above it, and write nothing after the quote that ends a text"},
    {YAML::ErrorMsg::END_OF_SEQ,
     "expected the next `- ` of the list, saw something else; indent the line as the others above "
     "it"},
    {YAML::ErrorMsg::FLOW_END,
     "expected a value, saw a '}' or ']' that ends nothing; remove it, or put the text in quotes"},
    {YAML::ErrorMsg::BLOCK_ENTRY,
     "expected a value, saw a `- ` where no list can begin; begin the list in a line of its own"},
    {YAML::ErrorMsg::UNKNOWN_TOKEN,
     "expected a value, saw a character that begins none, as @, ` and % do; put the text in "
     "quotes"},
    {YAML::ErrorMsg::CHAR_IN_BLOCK,
     "expected the end of the line after | or >, saw more; begin the text in the next line"},
    {YAML::ErrorMsg::DOC_IN_SCALAR, open_quote},
    {YAML::ErrorMsg::EOF_IN_SCALAR, open_quote},
    {YAML::ErrorMsg::INVALID_ESCAPE, bad_escape},
    {YAML::ErrorMsg::INVALID_HEX, bad_escape},
    {YAML::ErrorMsg::ANCHOR_NOT_FOUND, bare_sign},
    {YAML::ErrorMsg::ALIAS_NOT_FOUND, bare_sign},
};

/// Where the indentation of a line has a tab. Lines count from 1.
std::optional<place> tab_before(std::string_view text, std::size_t line) {
  for (std::size_t i = 1; i < line; ++i) {
    std::size_t const end = text.find('\n');
    if (end == std::string_view::npos) return std::nullopt;
    text.remove_prefix(end + 1);
  }
  std::string_view const indent = text.substr(0, text.find_first_not_of(" \t"));
  std::size_t const tab = indent.find('\t');
  if (tab == std::string_view::npos) return std::nullopt;
  return place{line, tab + 1};
}

}  // namespace

placed_fault yaml_fault(std::string_view text, YAML::Exception const& failed) {
  place const where{static_cast<std::size_t>(failed.mark.line) + 1,
                    static_cast<std::size_t>(failed.mark.column) + 1};
  if (auto const tab = tab_before(text, where.line))
    return {*tab,
            "expected spaces before the first character of a line, saw a tab; YAML indents with "
            "spaces alone, replace it"};
  for (known_fault const& each : known_faults)
    if (failed.msg.starts_with(each.begins)) return {where, std::string(each.what)};
  return {where, "expected YAML, saw a fault in it: " + failed.msg};
}

}  // namespace stele::securing
