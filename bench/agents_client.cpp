// What does one answer take: a scrape, whole; or a push, while something else happens?
//
//   agents_client scrape PORT SCRAPES          a line each: its nanoseconds and bytes
//   agents_client scrape PORT 0                the same, back to back, until stdin ends
//   agents_client push PORT FILE 0 0           pushes all that the file has once, in 8 connections
//   agents_client push PORT FILE RATE SECONDS  pushes so often a second, whatever the server does
//
// `push` says `pushes COUNT NANOSECONDS p50 p90 p99 max real-time` in nanoseconds; the last is 1
// where it runs at a real-time priority. bench/agents_work.py says how the file is made.
//
// At a rate the client stands for agents on other machines, which do not wait for the processors
// that they measure: so it asks for a real-time priority, and sleeps between. A push begins when it
// is sent; one that was due while all connections waited for answers has begun when it was due.

#include <poll.h>
#include <sched.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <exception>
#include <fstream>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "http_connection.hpp"

namespace {

using clock_type = std::chrono::steady_clock;
using time_point = clock_type::time_point;

constexpr std::size_t connections = 8;

long long nanoseconds(clock_type::duration time) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(time).count();
}

unsigned number(std::string_view text) {
  unsigned number = 0;
  auto const [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (fault != std::errc() || end != text.data() + text.size())
    throw std::runtime_error("expected a number, saw '" + std::string(text) + "'");
  return number;
}

// ---- Scrapes ------------------------------------------------------------------------------------

bool stdin_ended() {
  pollfd in{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0};
  char byte;
  return ::poll(&in, 1, 0) > 0 && ::read(STDIN_FILENO, &byte, 1) == 0;
}

void scrape(std::uint16_t port, unsigned count) {
  bench::http_connection server(port);
  for (unsigned i = 0; count != 0 ? i < count : !stdin_ended(); ++i) {
    auto const begin = clock_type::now();
    server.send("GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
    while (!server.receive()) continue;
    auto const took = nanoseconds(clock_type::now() - begin);
    if (server.status() != 200)
      throw std::runtime_error("expected status 200, saw " + std::to_string(server.status()));
    std::printf("%lld %zu\n", took, server.body_bytes());
  }
}

// ---- Pushes -------------------------------------------------------------------------------------

struct requests {
  explicit requests(char const* path) {
    std::ifstream file(path, std::ios::binary);
    for (std::size_t bytes; file >> bytes && file.get() == '\n';) {
      each.emplace_back(bytes, '\0');
      file.read(each.back().data(), static_cast<std::streamsize>(bytes));
      if (!file) throw std::runtime_error("expected whole requests in " + std::string(path));
    }
    if (each.empty()) throw std::runtime_error("expected requests in " + std::string(path));
  }
  std::vector<std::string> each;
};

/// Sends requests in turn over connections of which each waits for its answer.
class pusher {
 public:
  pusher(std::uint16_t port, requests const& all) : all_(all) {
    for (auto& one : lines_) {
      one.server = std::make_unique<bench::http_connection>(port);
      free_.push_back(&one);
    }
  }

  [[nodiscard]] bool has_free() const { return !free_.empty(); }
  [[nodiscard]] bool has_busy() const { return free_.size() < connections; }

  void push(time_point began) {
    line& one = *free_.back();
    free_.pop_back();
    one.began = began;
    one.busy = true;
    one.server->send(all_.each[next_++ % all_.each.size()]);
  }

  /// Waits for answers, at most until then.
  void receive(time_point until) {
    std::array<pollfd, connections> sockets;
    for (std::size_t i = 0; i < connections; ++i)
      sockets[i] = {
          .fd = lines_[i].busy ? lines_[i].server->socket() : -1, .events = POLLIN, .revents = 0};
    auto const left = std::max(nanoseconds(until - clock_type::now()), 0LL);
    timespec const wait{.tv_sec = left / 1'000'000'000, .tv_nsec = left % 1'000'000'000};
    if (::ppoll(sockets.data(), sockets.size(), &wait, nullptr) <= 0) return;
    for (std::size_t i = 0; i < connections; ++i)
      if (sockets[i].revents != 0) receive(lines_[i]);
  }

  [[nodiscard]] std::vector<long long>& took() { return took_; }

 private:
  struct line {
    std::unique_ptr<bench::http_connection> server;
    time_point began;
    bool busy = false;
  };

  void receive(line& one) {
    if (!one.server->receive()) return;
    took_.push_back(nanoseconds(clock_type::now() - one.began));
    if (one.server->status() / 100 != 2)
      throw std::runtime_error("expected status 2xx, saw " + std::to_string(one.server->status()));
    one.busy = false;
    free_.push_back(&one);
  }

  requests const& all_;
  std::array<line, connections> lines_;
  std::vector<line*> free_;
  std::size_t next_ = 0;
  std::vector<long long> took_;
};

void push_once(pusher& agents, std::size_t count) {
  auto const long_from_now = clock_type::now() + std::chrono::minutes(10);
  for (std::size_t sent = 0; sent < count || agents.has_busy();) {
    for (; sent < count && agents.has_free(); ++sent) agents.push(clock_type::now());
    agents.receive(long_from_now);
  }
}

void push_at_rate(pusher& agents, unsigned rate, unsigned seconds) {
  auto const between = std::chrono::nanoseconds(1'000'000'000 / rate);
  auto due = clock_type::now() + between;
  auto const end = due + std::chrono::seconds(seconds);
  bool waited = false;  // for a free connection
  while (due < end || agents.has_busy()) {
    if (auto const now = clock_type::now(); due < end && now >= due && agents.has_free()) {
      agents.push(waited ? due : now);
      due += between;
      waited = false;
      continue;
    } else if (due < end && now >= due) {
      waited = true;
    }
    agents.receive(due < end && agents.has_free() ? due : end + std::chrono::minutes(1));
  }
}

bool become_real_time() {
  ::prctl(PR_SET_TIMERSLACK, 1);
  sched_param const priority{.sched_priority = 1};
  return ::sched_setscheduler(0, SCHED_FIFO, &priority) == 0;
}

void push(std::uint16_t port, char const* path, unsigned rate, unsigned seconds) {
  requests const all(path);
  pusher agents(port, all);
  bool const real_time = rate != 0 && become_real_time();
  auto const begin = clock_type::now();
  rate == 0 ? push_once(agents, all.each.size()) : push_at_rate(agents, rate, seconds);
  auto const took_all = nanoseconds(clock_type::now() - begin);
  auto& took = agents.took();
  std::sort(took.begin(), took.end());
  auto const percentile = [&](std::size_t of) { return took[(took.size() - 1) * of / 100]; };
  std::printf("pushes %zu %lld %lld %lld %lld %lld %d\n", took.size(), took_all, percentile(50),
              percentile(90), percentile(99), took.back(), real_time ? 1 : 0);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    std::span<char*> const arguments(argv + 1, static_cast<std::size_t>(argc - 1));
    std::string_view const verb = arguments.empty() ? "" : arguments[0];
    if (verb == "scrape" && arguments.size() == 3) {
      scrape(static_cast<std::uint16_t>(number(arguments[1])), number(arguments[2]));
    } else if (verb == "push" && arguments.size() == 5) {
      push(static_cast<std::uint16_t>(number(arguments[1])), arguments[2], number(arguments[3]),
           number(arguments[4]));
    } else {
      std::fprintf(stderr,
                   "usage: agents_client scrape PORT SCRAPES | push PORT FILE RATE SECONDS\n");
      return 2;
    }
  } catch (std::exception const& fault) {
    std::fprintf(stderr, "agents_client: %s\n", fault.what());
    return 1;
  }
  return 0;
}
