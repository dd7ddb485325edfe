// Settings that follow their files.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stele/diagnostics.hpp>

#include <array>
#include <chrono>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "core/reloads.hpp"
#include "heard.hpp"
#include "secure/reloader.hpp"
#include "secure_case.hpp"
#include "soon.hpp"

namespace {

using namespace stele::securing;
using namespace stele::test;
using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

constexpr std::string_view hash = "$2y$10$mDwo.lAisC94iLAyP81MCesa29IzH37oigHC/42V2pdJlUprsJPze";

std::string users(std::string const& names) {
  std::string text = "basic_auth_users:\n";
  for (char const c : names) text.append("  ").append(1, c).append(": ").append(hash).append("\n");
  return text;
}

class SecureReload : public testing::Test {
 protected:
  reloader follow(sources const& from) { return reloader(from, load_settings(from), 20ms); }

  std::vector<std::string> messages() { return said.of(stele::diagnostic::kind::reload); }
  std::vector<std::string> notes() { return said.of(stele::diagnostic::kind::configuration); }

  temporary_folder folder;
  heard said;
};

// "A changed file takes effect without a restart"
TEST_F(SecureReload, AChangedFileIsUsed) {
  folder.write("web.yml", users("a"));
  auto const follows = follow({folder.path("web.yml"), ""});
  EXPECT_THAT(follows.current()->users, SizeIs(1));
  folder.write_in_place("web.yml", users("ab"));
  EXPECT_TRUE(soon([&] { return follows.current()->users.size() == 2; }));
  folder.write("web.yml", users("abc"));  // by rename
  EXPECT_TRUE(soon([&] { return follows.current()->users.size() == 3; }));
  folder.write_in_place("web.yml", users("abd"));  // of the same size
  EXPECT_TRUE(soon([&] {
    auto const now = follows.current();
    return now->users.size() == 3 && now->users[2].first == "d";
  }));
  EXPECT_TRUE(soon([&] { return messages().size() >= 3; }));
  EXPECT_THAT(messages().at(0), HasSubstr("a changed file is used: " + folder.path("web.yml")));
  EXPECT_GE(follows.taken(), 3U);  // more where the file was seen while it was empty, twice
  EXPECT_EQ(follows.refused(), 0U);
}

// A file that is written in place is empty for a moment, and empty is right: plain HTTP for
// everyone.
// (It is not known when the files are looked at: some of these moments are seen.)
TEST_F(SecureReload, AHalfWrittenFileIsNotUsed) {
  folder.write("web.yml", users("a"));
  sources const from{folder.path("web.yml"), ""};
  reloader const follows(from, load_settings(from), 200ms);
  for (int i = 0; i < 10; ++i) {
    folder.write_in_place("web.yml", "");
    std::this_thread::sleep_for(40ms);
    folder.write_in_place("web.yml", users("a"));
    for (int j = 0; j < 40; ++j) {
      std::this_thread::sleep_for(10ms);
      ASSERT_THAT(follows.current()->users, SizeIs(1));
    }
  }
}

// A volume of Kubernetes: web.yml -> ..data/web.yml, ..data -> ..1, and the second link is swapped.
TEST_F(SecureReload, ASwappedLinkIsAChange) {
  namespace fs = std::filesystem;
  fs::create_directory(folder.path("..1"));
  fs::create_directory(folder.path("..2"));
  folder.write("..1/web.yml", users("a"));
  folder.write("..2/web.yml", users("b"));
  fs::create_directory_symlink("..1", folder.path("..data"));
  fs::create_symlink("..data/web.yml", folder.path("web.yml"));
  auto const follows = follow({folder.path("web.yml"), ""});
  EXPECT_EQ(follows.current()->users.at(0).first, "a");
  fs::create_directory_symlink("..2", folder.path("..data_tmp"));
  fs::rename(folder.path("..data_tmp"), folder.path("..data"));
  EXPECT_TRUE(soon([&] { return follows.current()->users.at(0).first == "b"; }));
}

// "a broken change keeps the old one and is counted and logged"
TEST_F(SecureReload, ABrokenChangeKeepsTheOldSettingsAndIsSaidOnce) {
  folder.write("web.yml", users("a"));
  auto const follows = follow({folder.path("web.yml"), ""});
  auto const before = follows.current();
  using stele::core::reloads::counted;  // of the process: 0 is used, 1 is refused
  std::array const so_far{counted(0), counted(1)};
  folder.write("web.yml", users("ab") + "oops: 1\n");
  EXPECT_TRUE(soon([&] { return follows.refused() == 1; }));
  std::this_thread::sleep_for(200ms);
  EXPECT_EQ(follows.refused(), 1U);
  EXPECT_EQ(follows.current(), before);
  EXPECT_THAT(messages(), ElementsAre(HasSubstr("web.yml:4:1: error: expected tls_server_config")));
  folder.write("web.yml", users("ab"));
  EXPECT_TRUE(soon([&] { return follows.current()->users.size() == 2; }));
  std::filesystem::remove(folder.path("web.yml"));
  EXPECT_TRUE(soon([&] { return follows.refused() == 2; }));
  EXPECT_THAT(follows.current()->users, SizeIs(2));
  EXPECT_TRUE(soon([&] { return counted(1) == so_far[1] + 2; }));
  EXPECT_EQ(counted(0), so_far[0] + 1);
}

// What is reported goes to logs.
TEST_F(SecureReload, AKeyInTheNamesPlaceIsNotReported) {
  folder.write("web.yml", users("a"));
  auto const follows = follow({folder.path("web.yml"), ""});
  folder.write("web.yml",
               "tls_server_config:\n  cert_file: a.crt\n  key_file: |\n"
               "    -----BEGIN PRIVATE KEY-----\n    hidden\n");
  EXPECT_TRUE(soon([&] { return messages().size() == 1; }));
  EXPECT_THAT(messages(), ElementsAre(testing::AllOf(HasSubstr("for the text itself write key"),
                                                     Not(HasSubstr("hidden")))));
}

// A certificate and its key are two writes; what is between them is no fault.
TEST_F(SecureReload, APairThatIsReplacedOneByOneIsNoFault) {
  identity const first = make_identity({.name = "first"});
  identity const second = make_identity({.name = "second"});
  folder.write("a.crt", first.certificate_pem());
  folder.write("a.key", first.key_pem());
  folder.write("web.yml", "tls_server_config: {cert_file: a.crt, key_file: a.key}\n");
  sources const from{folder.path("web.yml"), ""};
  reloader const follows(from, load_settings(from), 400ms);
  auto const before = follows.current();
  std::this_thread::sleep_for(100ms);
  folder.write("a.crt", second.certificate_pem());
  std::this_thread::sleep_for(400ms);  // one look in between
  folder.write("a.key", second.key_pem());
  EXPECT_TRUE(soon([&] { return follows.current() != before; }));
  EXPECT_EQ(follows.refused(), 0U);
  EXPECT_TRUE(soon([&] { return messages().size() == 1; }));
  EXPECT_THAT(messages(), ElementsAre(HasSubstr("a changed file is used")));
}

TEST_F(SecureReload, EachFileIsFollowed) {
  identity const first = make_identity();
  identity const second = make_identity();
  folder.write("a.crt", first.certificate_pem());
  folder.write("a.key", first.key_pem());
  folder.write("ca.crt", first.certificate_pem());
  folder.write("tokens", "0123456789abcdef\n");
  folder.write("web.yml",
               "tls_server_config: {cert_file: a.crt, key_file: a.key, client_ca_file: ca.crt, "
               "client_auth_type: RequireAndVerifyClientCert}\n");
  auto const follows = follow({folder.path("web.yml"), folder.path("tokens")});
  auto const changed = [&](auto change) {
    auto const before = follows.current();
    change();
    return soon([&] { return follows.current() != before; });
  };
  EXPECT_TRUE(changed([&] { folder.write("ca.crt", second.certificate_pem()); }));
  EXPECT_TRUE(changed([&] { folder.write("tokens", "fedcba9876543210\n"); }));
  EXPECT_TRUE(follows.current()->tokens.has("fedcba9876543210"));
  EXPECT_FALSE(follows.current()->tokens.has("0123456789abcdef"));
  EXPECT_TRUE(changed([&] {
    folder.write("a.crt", second.certificate_pem());
    folder.write("a.key", second.key_pem());
  }));
}

TEST_F(SecureReload, NothingIsReadAgainWhereNothingChanged) {
  folder.write("web.yml", users("a"));
  auto const follows = follow({folder.path("web.yml"), ""});
  auto const before = follows.current();
  folder.write("web.yml", users("a"));  // another file with the same content
  std::this_thread::sleep_for(200ms);
  EXPECT_EQ(follows.current(), before);
  EXPECT_THAT(messages(), SizeIs(0));
}

TEST_F(SecureReload, NotesAreMadeAtTheStart) {
  identity const expired = make_identity({.ends_after_s = -60});
  folder.write("a.crt", expired.certificate_pem());
  folder.write("a.key", expired.key_pem());
  folder.write("web.yml",
               "tls_server_config: {cert_file: a.crt, key_file: a.key}\n"
               "http_server_config: {http2: true}\n");
  auto const follows = follow({folder.path("web.yml"), ""});
  EXPECT_THAT(notes(), ElementsAre(HasSubstr("has expired"), HasSubstr("http2")));
}

TEST_F(SecureReload, ANoteIsMadeOnce) {
  identity const own = make_identity({});
  folder.write("a.crt", own.certificate_pem());
  folder.write("a.key", own.key_pem());
  std::string const asks =
      "tls_server_config: {cert_file: a.crt, key_file: a.key}\n"
      "http_server_config: {http2: true}\n";
  folder.write("web.yml", asks);
  auto const follows = follow({folder.path("web.yml"), ""});
  folder.write("web.yml", asks + users("a"));
  EXPECT_TRUE(soon([&] { return follows.taken() == 1; }));
  folder.write("web.yml", asks + users("ab"));
  EXPECT_TRUE(soon([&] { return messages().size() == 2; }));
  EXPECT_THAT(notes(), ElementsAre(HasSubstr("http2")));
}

// An empty file is right, and plain HTTP for everyone: also where it is a mistake.
TEST_F(SecureReload, LessProtectionIsNoted) {
  folder.write("web.yml", users("a"));
  auto const follows = follow({folder.path("web.yml"), ""});
  folder.write("web.yml", "");
  EXPECT_TRUE(soon([&] { return notes().size() == 1; }));
  EXPECT_FALSE(follows.current()->authenticates());
  EXPECT_THAT(notes(), ElementsAre(HasSubstr("everyone may ask now")));
}

// Its thread reports; a program may end the endpoint there.
TEST_F(SecureReload, ADiagnosticMayEndIt) {
  folder.write("web.yml", users("a"));
  sources const from{folder.path("web.yml"), ""};
  auto follows = std::make_unique<reloader>(from, load_settings(from), 20ms);
  std::atomic<bool> ended{false};
  stele::on_diagnostic([&](stele::diagnostic const&) {
    follows.reset();
    ended = true;
  });
  folder.write("web.yml", users("ab"));
  EXPECT_TRUE(soon([&] { return ended.load(); }));
}

}  // namespace
