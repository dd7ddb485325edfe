// "No allocation per scrape in a steady state": operator new is counted in all threads while a
// connection is kept and scraped again and again.

#include <sample.hpp>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdlib>
#include <memory>
#include <new>
#include <string>
#include <string_view>
#include <vector>

#include "serve/extras.hpp"

using sample::metric;

namespace {

std::atomic<int> allocations{0};

void* counted(std::size_t size) {
  ++allocations;
  void* const memory = std::malloc(size);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

}  // namespace

void* operator new(std::size_t size) { return counted(size); }
void* operator new[](std::size_t size) { return counted(size); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }

namespace {

/// A client that does not allocate after it was made.
class client {
 public:
  explicit client(std::uint16_t port) : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(connect(socket_, reinterpret_cast<sockaddr const*>(&to), sizeof to), 0);
    answer_.resize(8 * 1024 * 1024);
  }
  ~client() { close(socket_); }
  client(client const&) = delete;
  client& operator=(client const&) = delete;

  /// The answer, header and all.
  std::string_view ask(std::string_view request) {
    if (write(socket_, request.data(), request.size()) < 0) return {};
    size_ = 0;
    while (!is_whole()) {
      ssize_t const size = read(socket_, answer_.data() + size_, answer_.size() - size_);
      if (size <= 0) return {};
      size_ += static_cast<std::size_t>(size);
    }
    return {answer_.data(), size_};
  }

 private:
  [[nodiscard]] bool is_whole() const {
    std::string_view const seen(answer_.data(), size_);
    std::size_t const end = seen.find("\r\n\r\n");
    if (end == std::string_view::npos) return false;
    std::string_view const length = "Content-Length: ";
    std::size_t const at = seen.substr(0, end).find(length);
    if (at == std::string_view::npos) return seen.ends_with("\r\n0\r\n\r\n");
    return size_ == end + 4 + std::strtoul(answer_.data() + at + length.size(), nullptr, 10);
  }

  int socket_;
  std::vector<char> answer_;
  std::size_t size_ = 0;
};

/// What Prometheus 2.42 sends.
std::string request_with(std::string const& accept, std::string const& encoding) {
  return "GET /metrics HTTP/1.1\r\nHost: 127.0.0.1:2112\r\nUser-Agent: "
         "Prometheus/2.42.0\r\nAccept: " +
         accept + "\r\nAccept-Encoding: " + encoding +
         "\r\nX-Prometheus-Scrape-Timeout-Seconds: 10\r\n\r\n";
}

constexpr char const* of_prometheus =
    "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
    "text/plain;version=0.0.4;q=0.5,*/*;q=0.1";
constexpr char const* of_protobuf =
    "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited";

/// Scrapes until everything has its size, and then a hundred times.
int allocations_of_scrapes(std::uint16_t port, std::string const& request) {
  client scraper(port);
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(scraper.ask(request).starts_with("HTTP/1.1 200 "));
  int const before = allocations;
  bool served = true;
  for (int i = 0; i < 100; ++i) served = served && scraper.ask(request).size() > 500;
  int const seen = allocations - before;
  EXPECT_TRUE(served);
  return seen;
}

void expect_none() {
  auto endpoint = stele::serve<sample::table>({.port = 0});
  ASSERT_TRUE(endpoint);
  for (auto const* accept : {"text/plain", of_prometheus, of_protobuf})
    for (auto const* encoding : {"identity", "gzip"})
      EXPECT_EQ(allocations_of_scrapes(endpoint->port(), request_with(accept, encoding)), 0)
          << accept << ", " << encoding;
}

}  // namespace

TEST(EndpointAllocation, AScrapeOfAKeptConnectionTakesNoMemory) { expect_none(); }

TEST(EndpointAllocation, NeitherDoesALongOne) {
  metric<"sample_requests_total">.limit_series(100'000);
  for (int i = 0; i < 5000; ++i)
    metric<"sample_requests_total">.with({.code = "200", .path = "/new/" + std::to_string(i)}).inc();
  expect_none();
  metric<"sample_requests_total">.clear();
}

TEST(EndpointAllocation, NeitherDoesOneWithACallback) {
  auto const reading = metric<"sample_events">.read_from([] { return 5; });
  expect_none();
}

TEST(EndpointAllocation, NeitherDoesARequestThatIsRefused) {
  auto endpoint = stele::serve<sample::table>({.port = 0});
  ASSERT_TRUE(endpoint);
  client asks(endpoint->port());
  std::string const request = "GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n";
  for (int i = 0; i < 20; ++i) asks.ask(request);
  int const before = allocations;
  for (int i = 0; i < 100; ++i) asks.ask(request);
  EXPECT_EQ(allocations - before, 0);
}

namespace {

using namespace stele::serving;

class takes_all final : public receiver {
  class one final : public incoming {
    verdict make_room(std::size_t) override { return {}; }
    void take(std::string_view body, body_reply reply) override {
      reply({body.size() == 8192 ? http::status::ok : http::status::bad_request, {}, {}});
    }
  };
  decision begin(request_type const&, steady_clock::time_point) override {
    return std::make_unique<one>();
  }
};

}  // namespace

// "No allocation beyond the incoming", whether a body has a length or comes in chunks.
TEST(EndpointAllocation, APushTakesItsIncomingAlone) {
  auto endpoint = stele::core::serve({}, {.port = 0}, {.receiver = std::make_shared<takes_all>()});
  ASSERT_TRUE(endpoint);
  std::string const begin = "PUT /a HTTP/1.1\r\nHost: x\r\n";
  std::string const body(4096, 'x');
  for (std::string const& request : {begin + "Content-Length: 8192\r\n\r\n" + body + body,
                                     begin + "Transfer-Encoding: chunked\r\n\r\n1000\r\n" + body +
                                         "\r\n1000\r\n" + body + "\r\n0\r\n\r\n"}) {
    client pushes(endpoint->port());
    for (int i = 0; i < 20; ++i) EXPECT_TRUE(pushes.ask(request).starts_with("HTTP/1.1 200 "));
    int const before = allocations;
    bool served = true;
    for (int i = 0; i < 100; ++i) served = served && pushes.ask(request).size() > 50;
    EXPECT_EQ(allocations - before, 100);
    EXPECT_TRUE(served);
  }
}
