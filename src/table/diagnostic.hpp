// diagnostic.hpp: what the table compiler has to say about a page.
//
// Every stage adds to one collection, and nothing stops at the first error. The collection is
// sorted by place and printed at the end.
//
//   found.error(cell.begin, "expected a type, saw 'guage'", "type", "write gauge");
//   → docs/m.md:7:12: error: expected a type, saw 'guage' [type]
//         fix: write gauge
//
// Threads: one compilation, one thread.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace stele::tables {

class source_text;

enum class severity : std::uint8_t { note, warning, error };

struct diagnostic {
  severity level = severity::error;
  std::size_t offset = 0;  // bytes from the beginning of the page's text
  std::string message;
  std::string_view rule;  // a literal: what a reader searches the documentation for
  std::string fix;        // may be empty
  std::size_t sequence = 0;
};

class diagnostics {
 public:
  void note(std::size_t offset, std::string message, std::string_view rule) {
    add(severity::note, offset, std::move(message), rule, {});
  }
  void warning(std::size_t offset, std::string message, std::string_view rule,
               std::string fix = {}) {
    add(severity::warning, offset, std::move(message), rule, std::move(fix));
  }
  void error(std::size_t offset, std::string message, std::string_view rule, std::string fix = {}) {
    add(severity::error, offset, std::move(message), rule, std::move(fix));
    ++errors_;
  }

  [[nodiscard]] std::size_t errors() const noexcept { return errors_; }
  [[nodiscard]] std::vector<diagnostic> const& list() const noexcept { return list_; }

  /// Takes over what another collection of the same page has.
  void add_all(diagnostics const& others) {
    for (auto const& each : others.list_)
      add(each.level, each.offset, each.message, each.rule, each.fix);
    errors_ += others.errors_;
  }

  /// By place; what was found first comes first where the place is the same.
  void sort();

 private:
  void add(severity level, std::size_t offset, std::string message, std::string_view rule,
           std::string fix) {
    list_.push_back({level, offset, std::move(message), rule, std::move(fix), list_.size()});
  }

  std::vector<diagnostic> list_;
  std::size_t errors_ = 0;
};

/// All of them as lines `file:line:col: error: … [rule]`, a fix on a line of its own below.
std::string to_text(diagnostics const& found, source_text const& page, std::string_view file);

}  // namespace stele::tables
