// The endpoint on a Unix-domain socket.

#include <sample.hpp>

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>
#include <utility>

#include "endpoint_case.hpp"

using stele::test::client;

namespace {

class EndpointUnix : public testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/stele-XXXXXX";
    ASSERT_NE(mkdtemp(name), nullptr);
    folder_ = name;
    path_ = folder_ + "/shop.sock";
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  static stele::result<stele::endpoint> serve(std::string const& path,
                                              stele::serve_options options = {}) {
    std::string const address = "unix:" + path;
    options.address = address;
    return stele::serve<sample::table>(options);
  }

  [[nodiscard]] bool exists() const { return std::filesystem::exists(path_); }

  std::string folder_;
  std::string path_;
};

/// A socket at a path, bound as a server that is killed leaves it behind.
class bound_socket {
 public:
  bound_socket(std::string const& path, bool listens)
      : socket_(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un to{};
    to.sun_family = AF_UNIX;
    path.copy(to.sun_path, sizeof to.sun_path - 1);
    EXPECT_EQ(bind(socket_, reinterpret_cast<sockaddr const*>(&to), sizeof to), 0);
    EXPECT_TRUE(!listens || listen(socket_, 1) == 0);
  }
  ~bound_socket() { close(socket_); }
  bound_socket(bound_socket const&) = delete;
  bound_socket& operator=(bound_socket const&) = delete;

 private:
  int socket_;
};

}  // namespace

TEST_F(EndpointUnix, ServesAndRemovesItsFile) {
  {
    auto endpoint = serve(path_);
    ASSERT_TRUE(endpoint) << endpoint.error().message;
    EXPECT_EQ(endpoint->port(), 0);
    client connection(path_);
    EXPECT_EQ(connection.get("/-/healthy").body(), "OK\n");
    EXPECT_EQ(connection.get("/metrics").result_int(), 200U);
    EXPECT_TRUE(exists());
  }
  EXPECT_FALSE(exists());
}

TEST_F(EndpointUnix, HasTheModeOfTheOptionsWhateverTheUmask) {
  for (mode_t const umask_then : {0077U, 0000U}) {
    mode_t const before = umask(umask_then);
    for (std::uint32_t const mode : {0660U, 0600U, 0666U}) {
      auto endpoint = serve(path_, {.socket_mode = mode});
      ASSERT_TRUE(endpoint);
      struct stat seen{};
      ASSERT_EQ(stat(path_.c_str(), &seen), 0);
      EXPECT_EQ(seen.st_mode & 0777U, mode);
    }
    umask(before);
  }
}

// "A stale socket file left by a killed process is replaced but a live one is not"
TEST_F(EndpointUnix, ReplacesTheFileOfAKilledProcess) {
  {
    bound_socket const killed(path_, true);
  }
  ASSERT_TRUE(exists());
  auto endpoint = serve(path_);
  ASSERT_TRUE(endpoint) << endpoint.error().message;
  EXPECT_EQ(client(path_).get("/-/healthy").body(), "OK\n");
}

TEST_F(EndpointUnix, LeavesALiveSocketAndOtherFilesAlone) {
  {
    auto first = serve(path_);
    ASSERT_TRUE(first);
    auto const second = serve(path_);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, std::errc::address_in_use);
    EXPECT_NE(second.error().message.find("unix:" + path_), std::string::npos);
    EXPECT_EQ(client(path_).get("/-/healthy").body(), "OK\n");
  }
  std::ofstream(path_) << "mine";
  auto const refused = serve(path_);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("what stands there is no socket"), std::string::npos);
  EXPECT_TRUE(exists());
}

TEST_F(EndpointUnix, RemovesItsFileAlsoWhereTheProgramChangedItsFolder) {
  auto const before = std::filesystem::current_path();
  std::filesystem::current_path(folder_);
  auto endpoint = serve("relative.sock");
  ASSERT_TRUE(endpoint) << endpoint.error().message;
  std::filesystem::current_path(before);
  EXPECT_TRUE(std::filesystem::exists(folder_ + "/relative.sock"));
  endpoint->stop();
  EXPECT_FALSE(std::filesystem::exists(folder_ + "/relative.sock"));
}

TEST_F(EndpointUnix, DoesNotRemoveAFileThatAnotherPutInItsPlace) {
  auto endpoint = serve(path_);
  ASSERT_TRUE(endpoint);
  std::filesystem::remove(path_);
  std::ofstream(path_) << "another";
  endpoint->stop();
  EXPECT_TRUE(exists());
}

TEST_F(EndpointUnix, APathThatIsTooLongIsAReturnedError) {
  auto const failed = serve(folder_ + "/" + std::string(120, 'x'));
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, std::errc::filename_too_long);
  EXPECT_NE(failed.error().message.find("at most 107 bytes"), std::string::npos);
}

TEST_F(EndpointUnix, APathThatCannotBeIsAReturnedError) {
  for (std::string const path : {"", "@", "/nowhere/at/all.sock"}) {
    auto const failed = serve(path);
    ASSERT_FALSE(failed) << path;
    EXPECT_NE(failed.error().message.find("unix:" + path), std::string::npos);
  }
}

TEST_F(EndpointUnix, ServesOnAnAbstractName) {
  std::string const name = folder_.substr(1);
  auto endpoint = serve("@" + name);
  ASSERT_TRUE(endpoint) << endpoint.error().message;
  EXPECT_EQ(client(std::string(1, '\0') + name).get("/-/healthy").body(), "OK\n");
  EXPECT_FALSE(serve("@" + name));
}
