#include "agents/identities.hpp"

#include <openssl/crypto.h>

#include <algorithm>
#include <bit>
#include <mutex>
#include <optional>
#include <utility>

#include "secure/tokens.hpp"
#include "secure/yaml_tree.hpp"

namespace stele::pushing {

using namespace securing;

namespace {

std::uint32_t first_bits(digest const& of) noexcept {
  return static_cast<std::uint32_t>(of[0]) << 24 | static_cast<std::uint32_t>(of[1]) << 16 |
         static_cast<std::uint32_t>(of[2]) << 8 | of[3];
}

constexpr std::string_view blanks = " \t\r";

/// The next word of a line, which it is taken from. Empty at the end.
std::string_view next_word(std::string_view& rest) noexcept {
  std::size_t const begin = rest.find_first_not_of(blanks);
  if (begin == std::string_view::npos) return rest = {};
  rest.remove_prefix(begin);
  std::string_view const word = rest.substr(0, rest.find_first_of(blanks));
  rest.remove_prefix(word.size());
  return word;
}

std::string name_fault(std::string_view name, std::string_view what) {
  bool const printable = std::all_of(name.begin(), name.end(), [](char c) {
    return static_cast<unsigned char>(c) >= 0x20 && c != 0x7F;
  });
  std::string expected = "expected ";
  expected.append(what);
  if (name.empty())
    return expected.append(", saw the end of the line; write TOKEN USER_ID WORKSPACE_ID");
  if (name.size() > identity_bytes_max)
    return expected + " of at most " + std::to_string(identity_bytes_max) + " bytes, saw " +
           std::to_string(name.size());
  if (first_invalid_utf8(name) || !printable)
    return expected.append(" in UTF-8 without control characters, saw other bytes");
  return {};
}

}  // namespace

// ---- The table ----------------------------------------------------------------------------------

void identity_table::sort() {
  std::sort(all_.begin(), all_.end(),
            [](entry const& a, entry const& b) { return a.token < b.token; });
  auto const bits =
      std::min<int>(static_cast<int>(std::bit_width(all_.size())), 24);  // one or two a bucket
  shift_ = 32 - bits;
  starts_.assign((std::size_t{1} << bits) + 1, 0);
  for (entry const& each : all_) ++starts_[bucket_of(each.token) + 1];
  for (std::size_t i = 1; i < starts_.size(); ++i) starts_[i] += starts_[i - 1];
}

std::size_t identity_table::bucket_of(digest const& of) const noexcept {
  return shift_ >= 32 ? 0 : first_bits(of) >> shift_;
}

bool identity_table::find(digest const& of_token, agent_identity& to) const {
  if (all_.empty()) return false;
  std::size_t const bucket = bucket_of(of_token);
  entry const* found = nullptr;
  for (std::uint32_t i = starts_[bucket]; i < starts_[bucket + 1]; ++i)
    if (CRYPTO_memcmp(all_[i].token.data(), of_token.data(), of_token.size()) == 0)
      found = &all_[i];
  if (found == nullptr) return false;
  to.user_id.assign(text_, found->text, found->user_bytes);
  to.workspace_id.assign(text_, found->text + found->user_bytes, found->workspace_bytes);
  return true;
}

// ---- The file's text ----------------------------------------------------------------------------

class identity_reader {
 public:
  identity_reader(std::string_view file, problems& seen) : file_(file), seen_(seen) {}

  void read(std::string_view text) {
    for (std::size_t number = 1; !text.empty(); ++number) {
      std::size_t const end = std::min(text.find('\n'), text.size());
      read_line(number, text.substr(0, end));
      text.remove_prefix(std::min(end + 1, text.size()));
    }
  }

  identity_table made(bool any_fault) {
    if (made_.all_.empty() && !any_fault)
      seen_.add(file_, {},
                "expected at least one line TOKEN USER_ID WORKSPACE_ID, saw none; make a token "
                "with `openssl rand -hex 32`");
    refuse_twice();
    made_.sort();
    return std::move(made_);
  }

 private:
  void read_line(std::size_t number, std::string_view line) {
    std::string_view rest = line;
    auto const place_of = [&](std::string_view word) {
      return place{number, word.data() == nullptr
                               ? line.size() + 1
                               : static_cast<std::size_t>(word.data() - line.data()) + 1};
    };
    std::string_view const token = next_word(rest);
    if (token.empty() || token.front() == '#') return;
    std::size_t const before = seen_.size();
    std::string fault;
    auto const hash = read_token(token, fault);
    if (!hash) seen_.add(file_, place_of(token), fault);
    std::string_view const user = next_word(rest);
    if (fault = name_fault(user, "a user's id"); !fault.empty())
      return seen_.add(file_, place_of(user), fault);
    std::string_view const workspace = next_word(rest);
    if (fault = name_fault(workspace, "a workspace's id"); !fault.empty())
      return seen_.add(file_, place_of(workspace), fault);
    std::string_view const more = next_word(rest);
    if (!more.empty())
      return seen_.add(file_, place_of(more),
                       "expected the end of the line after the workspace's id, saw more; an id "
                       "has no blanks, a comment is on a line of its own");
    if (seen_.size() != before) return;
    made_.all_.push_back({*hash, static_cast<std::uint32_t>(made_.text_.size()),
                          static_cast<std::uint16_t>(user.size()),
                          static_cast<std::uint16_t>(workspace.size())});
    made_.text_.append(user).append(workspace);
    places_.push_back(place_of(token));
  }

  /// Of two lines that have the same token, the second is wrong.
  void refuse_twice() {
    std::vector<std::uint32_t> order(made_.all_.size());
    for (std::uint32_t i = 0; i < order.size(); ++i) order[i] = i;
    std::sort(order.begin(), order.end(), [this](std::uint32_t a, std::uint32_t b) {
      auto const& first = made_.all_[a].token;
      auto const& second = made_.all_[b].token;
      return first != second ? first < second : a < b;
    });
    for (std::size_t i = 1; i < order.size(); ++i)
      if (made_.all_[order[i]].token == made_.all_[order[i - 1]].token)
        seen_.add(file_, places_[order[i]],
                  "expected each token once, saw that of line " +
                      std::to_string(places_[order[i - 1]].line) +
                      " again; remove a line, or make another token");
  }

  std::string_view file_;
  problems& seen_;
  identity_table made_;
  std::vector<place> places_;  // of each token
};

identity_table read_identities(std::string_view file, std::string_view text, problems& seen) {
  std::size_t const before = seen.size();
  identity_reader reader(file, seen);
  reader.read(text);
  return reader.made(seen.size() != before);
}

// ---- The file -----------------------------------------------------------------------------------

struct identity_file::state final : followed {
  state(std::string of, loaded first)
      : file(std::move(of)), first_files(std::move(first.files)), shown(std::move(first.made)) {}

  std::string const file;
  file_set first_files;
  std::shared_ptr<identity_table const> next;
  mutable std::mutex mutex;  // guards `shown`
  std::shared_ptr<identity_table const> shown;

  change read() override {
    auto seen = load(file);
    next = std::move(seen.made);
    return {std::move(seen.files), std::move(seen.fault)};
  }
  void use() override {
    std::unique_lock lock(mutex);
    auto const before = std::exchange(shown, std::move(next));
    lock.unlock();  // the old table's end takes time
  }
  [[nodiscard]] std::shared_ptr<identity_table const> current() const {
    std::lock_guard const lock(mutex);
    return shown;
  }
  [[nodiscard]] std::string name() const override { return file; }
};

identity_file::loaded identity_file::load(std::string const& file) {
  loaded into;
  problems seen;
  auto const text = into.files.read(file, tokens_bytes_max);
  if (!text) {
    seen.add(file, {}, "expected a file of agents' tokens, saw that it " + text.error().message);
  } else {
    auto table = read_identities(file, *text, seen);
    if (seen.empty()) into.made = std::make_shared<identity_table const>(std::move(table));
  }
  into.fault = seen.text();
  return into;
}

identity_file::identity_file(std::string file, loaded first, std::chrono::milliseconds interval)
    : state_(std::make_shared<state>(std::move(file), std::move(first))),
      follows_(state_, std::move(state_->first_files), interval) {}

identity_file::~identity_file() = default;

bool identity_file::find(std::string_view token, agent_identity& to) {
  return state_->current()->find(sha256(token), to);
}

}  // namespace stele::pushing
