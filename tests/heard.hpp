// heard.hpp: what on_diagnostic() is told while a test lives.
//
//   heard said;
//   EXPECT_THAT(said.of(stele::diagnostic::kind::reload), ElementsAre(HasSubstr("is used")));
//
// Threads: any. There is one callback, so one of these at a time.

#pragma once

#include <stele/diagnostics.hpp>

#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace stele::test {

class heard {
 public:
  heard() {
    stele::on_diagnostic([this](stele::diagnostic const& seen) {
      std::lock_guard const lock(mutex_);
      said_.emplace_back(seen.is, seen.message);
    });
  }
  ~heard() { stele::on_diagnostic(nullptr); }
  heard(heard const&) = delete;
  heard& operator=(heard const&) = delete;

  /// The messages of a kind.
  std::vector<std::string> of(stele::diagnostic::kind kind) {
    std::lock_guard const lock(mutex_);
    std::vector<std::string> messages;
    for (auto const& [is, message] : said_)
      if (is == kind) messages.push_back(message);
    return messages;
  }
  /// All messages, a line each.
  std::string text() {
    std::lock_guard const lock(mutex_);
    std::string lines;
    for (auto const& [is, message] : said_) lines.append(message).append("\n");
    return lines;
  }

 private:
  std::mutex mutex_;
  std::vector<std::pair<stele::diagnostic::kind, std::string>> said_;
};

}  // namespace stele::test
