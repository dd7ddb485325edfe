// push_stub.hpp: a server of HTTP on a loopback port, which answers as a test says and remembers
// what it was asked.
//
//   push_stub server([](push_stub::request const& asked) { return push_stub::answer(200); });
//   server.wait_for(2);                      // or fails the test
//   server.requests()[0].path
//
// Threads: a thread a connection, on which the test's function is called, several at once.

#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <list>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace stele::test {

class push_stub {
 public:
  struct request {
    std::string method{};
    std::string path{};
    std::string head{};  // all lines, in lower case
    std::string body{};
    std::chrono::steady_clock::time_point came;

    [[nodiscard]] bool has(std::string_view field) const {
      return head.find(field) != std::string::npos;
    }
  };
  /// What is sent; the connection is closed without a word where it is empty.
  using decision = std::function<std::string(request const&)>;

  static std::string answer(int status, std::string const& body = {},
                            std::string const& fields = {}) {
    return "HTTP/1.1 " + std::to_string(status) +
           " X\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" + fields + "\r\n" + body;
  }

  explicit push_stub(decision decides) : decides_(std::move(decides)) {
    listening_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof at;
    EXPECT_EQ(::bind(listening_, reinterpret_cast<sockaddr*>(&at), size), 0);
    EXPECT_EQ(::listen(listening_, 64), 0);
    EXPECT_EQ(::getsockname(listening_, reinterpret_cast<sockaddr*>(&at), &size), 0);
    port_ = ntohs(at.sin_port);
    threads_.emplace_back([this] { accept(); });
  }
  ~push_stub() {
    {
      std::lock_guard const lock(mutex_);
      ends_ = true;
      ::shutdown(listening_, SHUT_RDWR);
      for (int const each : open_) ::shutdown(each, SHUT_RDWR);
      changed_.notify_all();
    }
    threads_.front().join();  // no other is made from here on
    for (auto each = std::next(threads_.begin()); each != threads_.end(); ++each) each->join();
    ::close(listening_);
  }
  push_stub(push_stub const&) = delete;
  push_stub& operator=(push_stub const&) = delete;

  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  [[nodiscard]] std::vector<request> requests() const {
    std::lock_guard const lock(mutex_);
    return requests_;
  }
  [[nodiscard]] std::size_t connections() const {
    std::lock_guard const lock(mutex_);
    return connections_;
  }

  /// Until so many requests have come.
  void wait_for(std::size_t count) const {
    std::unique_lock lock(mutex_);
    bool const came = changed_.wait_for(lock, std::chrono::seconds(20),
                                        [&] { return requests_.size() >= count; });
    ASSERT_TRUE(came) << "expected " << count << " requests, saw " << requests_.size();
  }

  /// Of a decision that takes its time: until the time is over, or the server ends.
  void hold(std::chrono::milliseconds time) const {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, time, [&] { return ends_; });
  }

 private:
  void accept() {
    for (;;) {
      int const one = ::accept4(listening_, nullptr, nullptr, SOCK_CLOEXEC);
      if (one < 0) return;
      std::lock_guard const lock(mutex_);
      open_.insert(one);
      ++connections_;
      threads_.emplace_back([this, one] { serve(one); });
    }
  }

  void serve(int one) {
    std::string text;
    while (auto asked = read(one, text)) {
      {
        std::lock_guard const lock(mutex_);
        requests_.push_back(*asked);
        changed_.notify_all();
      }
      std::string const said = decides_(*asked);
      if (said.empty() ||
          ::send(one, said.data(), said.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(said.size()))
        break;
    }
    std::lock_guard const lock(mutex_);
    open_.erase(one);
    ::close(one);
  }

  static std::optional<request> read(int one, std::string& text) {
    std::size_t end = 0;
    while ((end = text.find("\r\n\r\n")) == std::string::npos)
      if (!read_more(one, text)) return std::nullopt;
    request made{.came = std::chrono::steady_clock::now()};
    made.head = text.substr(0, end + 2);
    made.method = made.head.substr(0, made.head.find(' '));
    std::size_t const path = made.method.size() + 1;
    made.path = made.head.substr(path, made.head.find(' ', path) - path);
    std::ranges::transform(made.head, made.head.begin(),
                           [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    constexpr std::string_view length = "content-length: ";
    std::size_t const at = made.head.find(length);
    std::size_t const size =
        at == std::string::npos ? 0 : std::strtoull(&made.head[at + length.size()], nullptr, 10);
    while (text.size() < end + 4 + size)
      if (!read_more(one, text)) return std::nullopt;
    made.body = text.substr(end + 4, size);
    text.erase(0, end + 4 + size);
    return made;
  }
  static bool read_more(int one, std::string& text) {
    std::array<char, 16'384> part{};
    ssize_t const size = ::recv(one, part.data(), part.size(), 0);
    if (size > 0) text.append(part.data(), static_cast<std::size_t>(size));
    return size > 0;
  }

  decision decides_;
  int listening_ = -1;
  std::uint16_t port_ = 0;
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::vector<request> requests_;
  std::set<int> open_;
  std::size_t connections_ = 0;
  bool ends_ = false;
  std::list<std::thread> threads_;  // the first one accepts
};

}  // namespace stele::test
