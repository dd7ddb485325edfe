#include "agents/peer_tokens.hpp"

#include <mutex>
#include <sstream>
#include <utility>

#include "secure/yaml_tree.hpp"

namespace stele::pushing {

using namespace securing;

namespace {

/// The first line that is neither empty nor a comment, and its number.
std::pair<std::string, std::size_t> first_line(std::string const& text) {
  std::istringstream lines(text);
  std::string line;
  for (std::size_t number = 1; std::getline(lines, line); ++number) {
    std::size_t const begin = line.find_first_not_of(" \t\r");
    if (begin == std::string::npos || line[begin] == '#') continue;
    return {line.substr(begin, line.find_last_not_of(" \t\r") + 1 - begin), number};
  }
  return {};
}

}  // namespace

struct peer_tokens::state final : followed {
  state(std::string of, bool tells, loaded first)
      : file(std::move(of)),
        sends(tells),
        first_files(std::move(first.files)),
        shown(std::move(first.made)) {}

  std::string const file;
  bool const sends;
  file_set first_files;
  std::shared_ptr<table const> next;
  mutable std::mutex mutex;  // guards `shown`
  std::shared_ptr<table const> shown;

  change read() override {
    auto seen = load(file, sends);
    next = std::move(seen.made);
    return {std::move(seen.files), std::move(seen.fault)};
  }
  void use() override {
    std::lock_guard const lock(mutex);
    shown = std::move(next);
  }
  [[nodiscard]] std::string name() const override { return file; }
  [[nodiscard]] std::shared_ptr<table const> current() const {
    std::lock_guard const lock(mutex);
    return shown;
  }
};

peer_tokens::loaded peer_tokens::load(std::string const& file, bool sends) {
  loaded into;
  problems seen;
  auto const text = into.files.read(file, configuration_bytes_max);
  if (!text) {
    seen.add(file, {}, "expected a file of peers' tokens, saw that it " + text.error().message);
  } else {
    table made{read_tokens(file, *text, seen), {}};
    auto [line, number] = first_line(*text);
    if (!line.starts_with(token_hash_prefix)) made.first = std::move(line);
    if (sends && seen.empty() && made.first.empty())
      seen.add(file, {number, 1},
               "expected a token first, which is sent to the peers, saw a hash; write the token "
               "itself");
    if (seen.empty()) into.made = std::make_shared<table const>(std::move(made));
  }
  into.fault = seen.text();
  return into;
}

peer_tokens::peer_tokens(std::string file, bool sends, loaded first,
                         std::chrono::milliseconds interval)
    : state_(std::make_shared<state>(std::move(file), sends, std::move(first))),
      follows_(state_, std::move(state_->first_files), interval) {}

peer_tokens::~peer_tokens() = default;

bool peer_tokens::has(std::string_view token) const { return state_->current()->all.has(token); }

std::string peer_tokens::first() const { return state_->current()->first; }

}  // namespace stele::pushing
