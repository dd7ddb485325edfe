#include "secure/yaml_tree.hpp"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <cstdint>
#include <sstream>
#include <utility>

#include "secure/yaml_faults.hpp"

namespace stele::securing {

namespace {

constexpr std::size_t depth_max = 16;
constexpr std::size_t nodes_max = 10'000;

/// Ends the parsing; its text is the problem.
struct refusal {
  place where;
  std::string what;
};

place place_of(YAML::Mark const& mark) {
  return {static_cast<std::size_t>(mark.line) + 1, static_cast<std::size_t>(mark.column) + 1};
}

yaml_node node_of(yaml_node::form is, YAML::Mark const& mark) {
  yaml_node made;
  made.is = is;
  made.where = place_of(mark);
  return made;
}

/// Builds the tree as the parser goes, so that nothing is expanded before the bounds are checked.
class builder final : public YAML::EventHandler {
 public:
  explicit builder(std::string_view file, problems& seen) : file_(file), seen_(seen) {}

  yaml_node root;

  void OnDocumentStart(YAML::Mark const&) override {}
  void OnDocumentEnd() override {}
  void OnNull(YAML::Mark const& mark, YAML::anchor_t) override {
    take(node_of(yaml_node::form::null, mark));
  }
  void OnAlias(YAML::Mark const& mark, YAML::anchor_t) override {
    throw refusal{place_of(mark), "expected a value, saw an alias; write the value itself"};
  }
  void OnScalar(YAML::Mark const& mark, std::string const& tag, YAML::anchor_t,
                std::string const& value) override {
    bool const is_text = tag == "!" || tag == "tag:yaml.org,2002:str";
    if (!is_text) refuse_tag(mark, tag);
    bool const is_null = !is_text && (value == "null" || value == "Null" || value == "NULL" ||
                                      value == "~" || value.empty());
    yaml_node made = node_of(is_null ? yaml_node::form::null : yaml_node::form::scalar, mark);
    if (!is_null) made.text = value;
    made.quoted = is_text;
    take(std::move(made));
  }
  void OnSequenceStart(YAML::Mark const& mark, std::string const& tag, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {
    refuse_tag(mark, tag);
    open(node_of(yaml_node::form::list, mark));
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(YAML::Mark const& mark, std::string const& tag, YAML::anchor_t,
                  YAML::EmitterStyle::value) override {
    refuse_tag(mark, tag);
    open(node_of(yaml_node::form::map, mark));
  }
  void OnMapEnd() override { close(); }

 private:
  struct level {
    yaml_node node;
    std::optional<yaml_node> key;  // of a map: the key whose value comes next
  };

  static void refuse_tag(YAML::Mark const& mark, std::string const& tag) {
    if (tag.empty() || tag == "?" || tag == "!") return;
    throw refusal{place_of(mark),
                  "expected a value without an explicit type, saw " + shown(tag) + "; remove it"};
  }

  void open(yaml_node node) {
    if (open_.size() == depth_max)
      throw refusal{node.where, "expected at most " + std::to_string(depth_max) +
                                    " levels, saw more; the file is none of this kind"};
    count(node.where);
    open_.push_back({std::move(node), std::nullopt});
  }

  void close() {
    yaml_node ended = std::move(open_.back().node);
    open_.pop_back();
    put(std::move(ended));
  }

  void take(yaml_node node) {
    count(node.where);
    put(std::move(node));
  }

  void count(place where) {
    if (++nodes_ > nodes_max)
      throw refusal{where, "expected at most " + std::to_string(nodes_max) +
                               " values, saw more; the file is none of this kind"};
  }

  void put(yaml_node node) {
    if (open_.empty()) {
      root = std::move(node);
      return;
    }
    level& in = open_.back();
    if (in.node.is == yaml_node::form::list) {
      in.node.items.push_back(std::move(node));
    } else if (!in.key) {
      if (node.is != yaml_node::form::scalar)
        throw refusal{node.where, "expected a key, saw no plain text; write `key: value`"};
      in.key = std::move(node);
    } else {
      add_member(in.node, *std::exchange(in.key, std::nullopt), std::move(node));
    }
  }

  void add_member(yaml_node& map, yaml_node key, yaml_node value) {
    auto const first = std::find_if(map.members.begin(), map.members.end(),
                                    [&](yaml_member const& each) { return each.key == key.text; });
    if (first == map.members.end()) {
      map.members.push_back({std::move(key.text), key.where, std::move(value)});
      return;
    }
    seen_.add(file_, key.where,
              "expected each key once, saw " + shown(key.text) + " again; it is in line " +
                  std::to_string(first->where.line) + " already, remove one of them");
  }

  std::string_view file_;
  problems& seen_;
  std::vector<level> open_;
  std::size_t nodes_ = 0;
};

place place_in(std::string_view text, std::size_t offset) {
  std::string_view const before = text.substr(0, offset);
  std::size_t const line_start = before.rfind('\n') + 1;  // 0 where there is none
  return {static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n')) + 1,
          offset - line_start + 1};
}

bool check_bytes(std::string_view file, std::string_view text, problems& seen) {
  if (text.size() > configuration_bytes_max) {
    seen.add(file, {}, "expected at most 1 MiB, saw a larger file; is it the right one?");
    return false;
  }
  std::size_t const bad = first_invalid_utf8(text).value_or(text.size());
  auto const control = std::find_if(text.begin(), text.end(), [](char c) {
    return (c >= 0 && c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7F;
  });
  auto const at = std::min(bad, static_cast<std::size_t>(control - text.begin()));
  if (at >= text.size()) return true;
  seen.add(file, place_in(text, at),
           at == bad ? "expected UTF-8 text, saw a byte that is none; save the file as UTF-8"
                     : "expected text, saw a control character; remove it");
  return false;
}

}  // namespace

std::optional<yaml_node> read_yaml(std::string_view file, std::string_view text, problems& seen) {
  if (!check_bytes(file, text, seen)) return std::nullopt;
  std::size_t const before = seen.size();
  builder built(file, seen);
  try {
    // The end of the document is said: yaml-cpp passes over a quote that is open at a file's end.
    std::istringstream stream{std::string(text).append(text.ends_with('\n') ? "...\n" : "\n...\n")};
    YAML::Parser parser(stream);
    parser.HandleNextDocument(built);
    builder second(file, seen);
    if (parser.HandleNextDocument(second))
      seen.add(file, second.root.where, "expected one document, saw a second; remove it");
  } catch (refusal const& refused) {
    seen.add(file, refused.where, refused.what);
  } catch (YAML::Exception const& failed) {
    auto const fault = yaml_fault(text, failed);
    seen.add(file, fault.where, fault.what);
  }
  if (seen.size() != before) return std::nullopt;
  return std::move(built.root);
}

std::optional<std::size_t> first_invalid_utf8(std::string_view text) noexcept {
  std::size_t at = 0;
  while (at < text.size()) {
    auto const byte = [&](std::size_t i) {
      return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0U;
    };
    unsigned const first = byte(0);
    std::size_t const more = first < 0x80                     ? 0
                             : first >= 0xC2 && first <= 0xDF ? 1
                             : first >= 0xE0 && first <= 0xEF ? 2
                             : first >= 0xF0 && first <= 0xF4 ? 3
                                                              : 4;
    if (more == 4) return at;
    for (std::size_t i = 1; i <= more; ++i)
      if ((byte(i) & 0xC0) != 0x80) return at;
    // Longer than needed, surrogates, and what is above U+10FFFF.
    if ((first == 0xE0 && byte(1) < 0xA0) || (first == 0xED && byte(1) > 0x9F) ||
        (first == 0xF0 && byte(1) < 0x90) || (first == 0xF4 && byte(1) > 0x8F))
      return at;
    at += more + 1;
  }
  return std::nullopt;
}

}  // namespace stele::securing
