// compare_exposition.cpp: an exposition against the one that a service's test expects.

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "stele/testing.hpp"

namespace stele::testing::detail {

namespace {

using lines = std::vector<std::string_view>;

constexpr std::size_t shown_max = 10;  // differences in a message
constexpr std::string_view no_line = "(no such line)";

bool is_metadata(std::string_view line) noexcept { return line.starts_with('#'); }

/// Lines without indentation; the empty ones and `# EOF` are left out.
lines lines_of(std::string_view text) {
  lines result;
  while (!text.empty()) {
    std::size_t const end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
    if (!line.empty() && line != "# EOF") result.push_back(line);
  }
  return result;
}

/// The family of `# HELP family …`.
std::string_view family_of(std::string_view metadata) noexcept {
  std::size_t const first = metadata.find(' ', 2) + 1;
  return metadata.substr(first, metadata.find(' ', first) - first);
}

/// The lines of some families. Each family's begin with its metadata.
lines of_families(lines const& all, std::vector<std::string_view> const& families) {
  lines result;
  bool wanted = families.empty();
  for (std::string_view const line : all) {
    if (is_metadata(line) && !families.empty())
      wanted = std::find(families.begin(), families.end(), family_of(line)) != families.end();
    if (wanted) result.push_back(line);
  }
  return result;
}

/// Takes away, from both, the lines that both have.
void remove_common(lines& expected, lines& seen) {
  std::erase_if(expected, [&](std::string_view line) {
    auto const same = std::find(seen.begin(), seen.end(), line);
    if (same == seen.end()) return false;
    seen.erase(same);
    return true;
  });
}

/// What two lines of one series, or of one family's metadata, have in common.
std::string_view key_of(std::string_view line) noexcept {
  if (is_metadata(line)) return line.substr(0, line.find(' ', line.find(' ', 2) + 1));
  bool quoted = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (quoted && line[i] == '\\') {
      ++i;
      continue;
    }
    if (line[i] == '"') quoted = !quoted;
    if (line[i] == ' ' && !quoted) return line.substr(0, i);
  }
  return line;
}

class report {
 public:
  void add(std::string_view expected, std::string_view seen) {
    if (++size_ > shown_max) return;
    text_.append("\n  expected: ").append(expected).append("\n  saw:      ").append(seen);
  }
  [[nodiscard]] std::string text() const {
    std::string result = "the exposition differs from what is expected:" + text_;
    if (size_ > shown_max)
      result += "\n  and " + std::to_string(size_ - shown_max) + " more differences";
    return result;
  }

 private:
  std::size_t size_ = 0;
  std::string text_;
};

}  // namespace

comparison compare_exposition(std::string_view seen, std::string_view expected,
                              std::vector<std::string_view> const& families) {
  lines missing = lines_of(expected);
  lines unexpected = of_families(lines_of(seen), families);
  if (std::none_of(missing.begin(), missing.end(), is_metadata))
    std::erase_if(unexpected, is_metadata);
  remove_common(missing, unexpected);
  if (missing.empty() && unexpected.empty()) return {};

  report differences;
  for (std::string_view const line : missing) {
    auto const other =
        std::find_if(unexpected.begin(), unexpected.end(),
                     [&](std::string_view each) { return key_of(each) == key_of(line); });
    differences.add(line, other == unexpected.end() ? no_line : *other);
    if (other != unexpected.end()) unexpected.erase(other);
  }
  for (std::string_view const line : unexpected) differences.add(no_line, line);
  return comparison(differences.text());
}

comparison no_such_row(std::string_view name) {
  return comparison("exposes() requires names of rows of the table, saw '" + std::string(name) +
                    "', which is none; correct the name, or name the table that has it");
}

}  // namespace stele::testing::detail
