// The endpoint's sockets in other processes: those that fork() makes, and those that are started.

#include <sample.hpp>
#include <stele/testing.hpp>

#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <optional>
#include <set>
#include <string>
#include <thread>

#include "in_child.hpp"
#include "open_sockets.hpp"
#include "sanitized.hpp"
#include "serve/fork.hpp"

using sample::metric;
using stele::test::open_sockets;

namespace {

/// Reads until the other side closes, for at most ten seconds.
std::string read_all(int from, bool& closed) {
  std::string text;
  std::array<char, 4096> part{};
  closed = false;
  for (pollfd ready{from, POLLIN, 0}; !closed && poll(&ready, 1, 10'000) == 1;) {
    ssize_t const size = read(from, part.data(), part.size());
    closed = size <= 0;
    if (size > 0) text.append(part.data(), static_cast<std::size_t>(size));
  }
  return text;
}

/// A client, whose own descriptor no other process gets.
class client {
 public:
  explicit client(std::uint16_t port) : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(connect(socket_, reinterpret_cast<sockaddr const*>(&to), sizeof to), 0);
  }
  ~client() { close(socket_); }
  client(client const&) = delete;
  client& operator=(client const&) = delete;

  /// Has the endpoint accept, and answer, while the connection stays open.
  void ask() const {
    std::string_view const request = "GET /-/healthy HTTP/1.1\r\nHost: x\r\n\r\n";
    ASSERT_EQ(write(socket_, request.data(), request.size()), static_cast<ssize_t>(request.size()));
    pollfd ready{socket_, POLLIN, 0};
    ASSERT_EQ(poll(&ready, 1, 10'000), 1);
  }
  [[nodiscard]] bool sees_the_end() const {
    bool closed = false;
    read_all(socket_, closed);
    return closed;
  }
  [[nodiscard]] int descriptor() const noexcept { return socket_; }
  [[nodiscard]] std::string name() const {
    return std::filesystem::read_symlink("/proc/self/fd/" + std::to_string(socket_)).string();
  }

 private:
  int socket_;
};

/// A child that lives until the parent is done with it.
class living_child {
 public:
  living_child() {
    int hold[2];
    int here[2];
    EXPECT_EQ(pipe(hold), 0);
    EXPECT_EQ(pipe(here), 0);
    child_ = fork();
    char byte = 0;
    if (child_ == 0) {  // says that it has run
      close(hold[1]);
      bool const said = write(here[1], "x", 1) == 1;
      _exit(said && read(hold[0], &byte, 1) == 0 ? 0 : 1);
    }
    EXPECT_EQ(read(here[0], &byte, 1), 1);
    for (int const each : {hold[0], here[0], here[1]}) close(each);
    held_ = hold[1];
  }
  ~living_child() {
    close(held_);
    EXPECT_EQ(wait_for_child(child_), 0);
  }
  living_child(living_child const&) = delete;
  living_child& operator=(living_child const&) = delete;

 private:
  pid_t child_;
  int held_;
};

class ForkSockets : public testing::Test {
 protected:
  void SetUp() override {
    if (stele::test::thread_sanitized) GTEST_SKIP() << stele::test::why_no_fork;
    before_ = open_sockets();
    auto made = stele::serve<sample::table>({.port = 0});
    ASSERT_TRUE(made);
    endpoint_.emplace(std::move(*made));
    asks_.emplace(endpoint_->port());
    asks_->ask();
  }
  void TearDown() override {
    asks_.reset();
    endpoint_.reset();
  }

  /// Of the sockets that are open now, those of the endpoint.
  std::set<std::string> endpoints_sockets() {
    auto found = open_sockets();
    for (auto const& each : before_) found.erase(each);
    found.erase(asks_->name());
    return found;
  }

  std::set<std::string> before_;
  std::optional<stele::endpoint> endpoint_;
  std::optional<client> asks_;
};

}  // namespace

TEST_F(ForkSockets, TheChildHasNone) {
  auto const ours = endpoints_sockets();
  ASSERT_EQ(ours.size(), 2U) << "the listening one, and the client's";
  EXPECT_EQ(in_child([&] {
              for (auto const& each : open_sockets())
                if (ours.contains(each)) return false;
              return true;
            }),
            0);
}

// Such a child does not run fork's handlers.
TEST_F(ForkSockets, AProgramThatIsStartedHasNone) {
  auto const ours = endpoints_sockets();
  ASSERT_EQ(ours.size(), 2U);
  int output[2];
  ASSERT_EQ(pipe2(output, O_CLOEXEC), 0);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, output[1], STDOUT_FILENO);
  char program[] = "ls";
  char as_list[] = "-l";
  char folder[] = "/proc/self/fd/";
  char* const arguments[]{program, as_list, folder, nullptr};
  char* const environment[]{nullptr};
  pid_t child = 0;
  ASSERT_EQ(posix_spawn(&child, "/bin/ls", &actions, nullptr, arguments, environment), 0);
  posix_spawn_file_actions_destroy(&actions);
  close(output[1]);
  bool closed = false;
  std::string const listed = read_all(output[0], closed);
  close(output[0]);
  EXPECT_EQ(wait_for_child(child), 0);
  EXPECT_NE(listed.find("pipe:["), std::string::npos) << listed;
  for (auto const& each : ours) EXPECT_EQ(listed.find(each), std::string::npos) << listed;
}

TEST_F(ForkSockets, TheChildDoesNotHoldThePort) {
  std::uint16_t const port = endpoint_->port();
  living_child const child;
  endpoint_->stop();
  EXPECT_TRUE(stele::serve<sample::table>({.port = port})) << "the child still listens";
}

TEST_F(ForkSockets, AClientSeesTheParentCloseThoughTheChildLives) {
  living_child const child;
  endpoint_->stop();
  EXPECT_TRUE(asks_->sees_the_end());
}

// Asio closes a connection that is idle for too long by itself, and its number is the next file's.
TEST_F(ForkSockets, TheChildKeepsWhatHasTheNumberOfAClosedSocket) {
  stele::serving::parents_socket noted;
  int const closed = noted.open([] { return socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0); });
  ASSERT_GE(closed, 0);
  close(closed);
  for (int const type : {SOCK_STREAM, SOCK_DGRAM}) {
    int const next = socket(AF_INET, type, 0);
    ASSERT_EQ(next, closed);
    EXPECT_EQ(in_child([&] { return fcntl(next, F_GETFD) != -1; }), 0);
    close(next);
  }
  int const file = open("/dev/null", O_RDONLY);
  ASSERT_EQ(file, closed);
  EXPECT_EQ(in_child([&] { return fcntl(file, F_GETFD) != -1; }), 0);
  close(file);
}

TEST_F(ForkSockets, NoChildHoldsAConnectionThatIsMadeMeanwhile) {
  std::atomic<bool> end{false};
  std::atomic<int> failed{0};
  std::thread forks([&] {  // the clients' own ends are two at most
    for (int i = 0; i < 100; ++i)
      failed += in_child([&] { return open_sockets().size() <= before_.size() + 2; });
    end = true;
  });
  while (!end) client(endpoint_->port()).ask();
  forks.join();
  EXPECT_EQ(failed, 0);
}

// "promhttp_metric_handler_requests_in_flight": a scrape that was being answered is the parent's.
TEST_F(ForkSockets, TheChildAnswersNoScrape) {
  std::atomic<bool> called{false};
  std::atomic<bool> free{false};
  auto const reading = metric<"sample_events">.read_from([&] {
    called = true;
    while (!free) std::this_thread::yield();
    return 1;
  });
  std::string_view const request = "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n";
  client const scrapes(endpoint_->port());
  ASSERT_EQ(write(scrapes.descriptor(), request.data(), request.size()),
            static_cast<ssize_t>(request.size()));
  while (!called) std::this_thread::yield();
  EXPECT_EQ(in_child([] {
              auto const text = stele::testing::exposition<sample::table>();
              return text.find("\npromhttp_metric_handler_requests_in_flight 0\n") !=
                     std::string::npos;
            }),
            0);
  free = true;
}
