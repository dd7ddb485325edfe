// Whose token it is: the file of agents' tokens, and how it is followed.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stele/diagnostics.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <limits>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "agents/identities.hpp"
#include "agents/peer_tokens.hpp"
#include "core/reloads.hpp"
#include "heard.hpp"
#include "sanitized.hpp"
#include "secure_case.hpp"
#include "soon.hpp"

namespace {

using namespace stele::pushing;
using namespace std::chrono_literals;
using stele::agent_identity;
using stele::securing::problems;
using stele::securing::sha256;
using stele::test::heard;
using stele::test::soon;
using stele::test::temporary_folder;
using testing::HasSubstr;

std::string hex(std::string_view token) {
  std::string text;
  for (unsigned char const byte : sha256(token)) {
    char pair[3];
    (void)std::snprintf(pair, sizeof pair, "%02x", byte);
    text += pair;
  }
  return text;
}

struct read_text {
  explicit read_text(std::string_view text) {
    problems seen;
    table = read_identities("tokens", text, seen);
    fault = seen.text();
  }
  [[nodiscard]] std::string find(std::string_view token) const {
    agent_identity who;
    return table.find(sha256(token), who) ? who.user_id + " " + who.workspace_id : "none";
  }
  identity_table table;
  std::string fault;
};

/// Of the processor, for this thread.
std::int64_t own_nanoseconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return now.tv_sec * 1'000'000'000 + now.tv_nsec;
}

// "a line each `sha256:<hex of the token> <user_id> <workspace_id>`, or the plain token; comments"
TEST(AgentsIdentities, ALineIsATokenAndWhoseItIs) {
  read_text const file(
      "# agents\n\n  token-of-the-first-agent alice w-1\r\nsha256:" + hex("token-of-the-second") +
      "\tbob  w-2  \n" + "another-token-of-alice alice w-1");
  ASSERT_EQ(file.fault, "");
  EXPECT_EQ(file.table.size(), 3U);
  EXPECT_EQ(file.find("token-of-the-first-agent"), "alice w-1");
  EXPECT_EQ(file.find("token-of-the-second"), "bob w-2");
  EXPECT_EQ(file.find("another-token-of-alice"), "alice w-1");
  EXPECT_EQ(file.find("token-of-the-first-agen"), "none");
  EXPECT_EQ(file.find("sha256:" + hex("token-of-the-second")), "none");
  EXPECT_EQ(file.find(""), "none");
  EXPECT_EQ(read_text("").find("x"), "none");
}

// "errors with line and column, duplicates"
TEST(AgentsIdentities, AllErrorsAreSaidAtOnce) {
  read_text const file(
      "token-of-the-first-agent alice w-1\n"
      "short bob w-2\n"
      "  token/of~another alice\n"
      "token-of-the-third\n"
      "sha256:12 bob w-2\n"
      "token-of-the-fourth bob w-2 w-3\n"
      "sha256:" +
      hex("token-of-the-first-agent") +
      " carol w-9\n"
      "token-of-the-fifth b\xFF w-2\n");
  std::vector<std::string_view> const lines{
      "tokens:2:1: error: expected a token of at least 16 characters, saw 5",
      "tokens:3:25: error: expected a workspace's id, saw the end of the line; write TOKEN",
      "tokens:4:19: error: expected a user's id, saw the end of the line",
      "tokens:5:1: error: expected 64 hexadecimal digits after sha256:",
      "tokens:6:29: error: expected the end of the line after the workspace's id, saw more",
      "tokens:7:1: error: expected each token once, saw that of line 1 again",
      "tokens:8:20: error: expected a user's id in UTF-8 without control characters",
  };
  for (auto const line : lines) EXPECT_THAT(file.fault, HasSubstr(line));
  EXPECT_EQ(static_cast<std::size_t>(std::count(file.fault.begin(), file.fault.end(), '\n')) + 1,
            lines.size());
  EXPECT_THAT(file.fault, testing::Not(HasSubstr("token-of-the-first-agent")));  // no token
  EXPECT_THAT(read_text("# none\n").fault, HasSubstr("tokens: error: expected at least one line"));
}

// "200,000 tokens must stay quick to look up: < 2 µs"
TEST(AgentsIdentities, ManyTokensAreQuickToLookUp) {
  constexpr std::size_t tokens = 200'000;
  std::string text;
  for (std::size_t i = 0; i < tokens; ++i) {
    std::string const number = std::to_string(i);
    text += "token-of-an-agent-" + number + " user-" + number + " workspace-" + number + "\n";
  }
  read_text const file(text);
  ASSERT_EQ(file.fault, "");
  agent_identity who;
  std::size_t wrong = 0;
  std::int64_t least = std::numeric_limits<std::int64_t>::max();
  for (int round = 0; round < 5; ++round) {  // the least: others use the caches, too
    std::int64_t const began = own_nanoseconds();
    for (std::size_t i = 0; i < tokens; i += 7) {
      std::string const number = std::to_string(i);
      bool const found = file.table.find(sha256("token-of-an-agent-" + number), who);
      wrong += found && who.workspace_id == "workspace-" + number ? 0 : 1;
    }
    least = std::min(least, own_nanoseconds() - began);
  }
  EXPECT_EQ(wrong, 0U);
  std::int64_t const each = least / static_cast<std::int64_t>(tokens / 7);
  if (!stele::test::sanitized) {
    EXPECT_LT(each, 2'000);
  }
  RecordProperty("nanoseconds", static_cast<int>(each));
}

class AgentsIdentityFile : public testing::Test {
 protected:
  std::vector<std::string> messages() { return said.of(stele::diagnostic::kind::reload); }

  temporary_folder folder;
  heard said;
};

// "the file is followed while the process runs (changed by content; broken file keeps the old one
// and is reported as diagnostic::kind::reload and counted in stele_reloads_total)"
TEST_F(AgentsIdentityFile, IsFollowed) {
  auto const path = folder.write("tokens", "token-of-the-first-agent alice w-1\n");
  auto loaded = identity_file::load(path);
  ASSERT_EQ(loaded.fault, "");
  identity_file file(path, std::move(loaded), 20ms);
  auto const knows = [&](std::string_view token) {
    agent_identity who;
    return file.find(token, who);
  };
  EXPECT_TRUE(knows("token-of-the-first-agent"));
  auto const refused = stele::core::reloads::counted(1);
  folder.write("tokens", "token-of-the-other-agent bob w-2\n");  // of the same size
  EXPECT_TRUE(soon([&] { return knows("token-of-the-other-agent"); }));
  EXPECT_FALSE(knows("token-of-the-first-agent"));
  folder.write("tokens", "short bob w-2\n");
  EXPECT_TRUE(soon([&] { return stele::core::reloads::counted(1) == refused + 1; }));
  EXPECT_TRUE(knows("token-of-the-other-agent"));
  EXPECT_TRUE(soon([&] { return messages().size() == 2; }));
  EXPECT_THAT(messages().at(0), HasSubstr("a changed file is used: " + path));
  EXPECT_THAT(messages().at(1), HasSubstr(path + ":1:1: error: expected a token of at least"));
}

// A large file is not read at each look; a change of it is seen all the same, however it is made.
TEST_F(AgentsIdentityFile, ALargeOneIsFollowedToo) {
  auto const text = [](char last) {
    std::string made;
    for (int i = 0; i < 10'000; ++i)
      made += "token-of-an-agent-" + std::to_string(i) + " alice w-" + std::to_string(i) + "\n";
    return made + "token-of-the-last-agent-" + last + " bob w\n";
  };
  auto const path = folder.write("tokens", text('a'));
  ASSERT_GT(text('a').size(), 256U * 1024);
  identity_file file(path, identity_file::load(path), 20ms);
  auto const knows = [&](char last) {
    agent_identity who;
    return file.find(std::string("token-of-the-last-agent-") + last, who);
  };
  EXPECT_TRUE(knows('a'));
  folder.write_in_place("tokens", text('b'));  // young, of the same size
  EXPECT_TRUE(soon([&] { return knows('b'); }));
  std::this_thread::sleep_for(3500ms);  // old by now
  folder.write_in_place("tokens", text('c'));
  EXPECT_TRUE(soon([&] { return knows('c'); }));
  std::this_thread::sleep_for(3500ms);
  folder.write("tokens", text('d'));  // by rename
  EXPECT_TRUE(soon([&] { return knows('d'); }));
}

TEST_F(AgentsIdentityFile, ThatIsNotThereIsAnError) {
  auto const loaded = identity_file::load(folder.path("none"));
  EXPECT_EQ(loaded.made, nullptr);
  EXPECT_THAT(loaded.fault, HasSubstr("expected a file of agents' tokens, saw that it cannot be"));
}

// The first token is sent to peers, each is taken from them.
TEST_F(AgentsIdentityFile, OfPeersHasTheirTokens) {
  auto const path =
      folder.write("peers", "# new\n new-token-of-the-fleet\nold-token-of-the-fleet\n");
  auto loaded = peer_tokens::load(path, true);
  ASSERT_EQ(loaded.fault, "");
  peer_tokens const tokens(path, true, std::move(loaded), 0ms);
  EXPECT_EQ(tokens.first(), "new-token-of-the-fleet");
  EXPECT_TRUE(tokens.has("new-token-of-the-fleet"));
  EXPECT_TRUE(tokens.has("old-token-of-the-fleet"));
  EXPECT_FALSE(tokens.has("any-token-of-the-fleet"));
  auto const hash = folder.write("hash", "sha256:" + hex("new-token-of-the-fleet") + "\n");
  EXPECT_THAT(peer_tokens::load(hash, true).fault,
              HasSubstr("hash:1:1: error: expected a token first, which is sent to the peers"));
  EXPECT_EQ(peer_tokens::load(hash, false).fault, "");
}

}  // namespace
