// http_client.hpp: HTTP requests to one or many servers at once, by libcurl, from one thread that
// can be woken. No request waits for another one's server.
//
//   http_client client;
//   client.start(1, {.method = "PUT", .url = url, .body = text});
//   while (auto ended = client.wait(until)) use(ended->tag, ended->answer);
//
// Connections are kept for the next request, and verify their servers. Redirects are an answer like
// others: they are not followed, since a token would be.
//
// Threads: one, but for wake(). None of a fork's child may use it.

#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include "stele/api.hpp"

namespace stele::sending {

/// A span of time without an end, for `wait`.
inline constexpr std::int64_t forever = INT64_MAX;

struct http_request {
  std::string method{};
  std::string url{};
  std::string body{};
  std::vector<std::string> fields{};  // `Name: value`; REQUIRES: without a line break
  std::string user{};                 // Basic authentication, where it is not empty
  std::string password{};
  std::string ca_file{};  // who signs servers' certificates; empty: whom the system trusts
  bool no_proxy = false;
  std::int64_t connect_ms_max = 5'000;
  std::int64_t request_ms_max = 10'000;      // from the name's look-up to the end of the answer
  std::size_t answer_bytes_max = 64 * 1024;  // what comes beyond is not kept
};

struct http_answer {
  unsigned status = 0;  // 0: there was none
  std::string body;
  bool is_whole = true;             // the body is all that was sent
  std::int64_t retry_after_ms = 0;  // what a Retry-After field says; 0: there was none
  /// Where there was no answer: what libcurl saw, and what may be done about it.
  std::error_code code;
  std::string saw;
  std::string fix;
  bool is_lasting = false;  // another try would end the same way: a wrong certificate
};

class STELE_API http_client {
 public:
  /// Throws std::bad_alloc, and std::runtime_error where libcurl cannot start.
  http_client();
  /// Breaks off what is under way.
  ~http_client();
  http_client(http_client const&) = delete;
  http_client& operator=(http_client const&) = delete;

  /// `tag` is for the caller, to tell answers apart. Throws std::bad_alloc.
  void start(std::uint64_t tag, http_request request);

  struct [[gnu::visibility("hidden")]] ended {
    std::uint64_t tag;
    http_answer answer;
  };
  /// The next answer; none where wake() was called, or core::steady_now() has come to `until`.
  /// Throws std::bad_alloc.
  std::optional<ended> wait(std::int64_t until);

  /// Makes wait() return, the running call or the next one. Any thread.
  void wake() noexcept;

 private:
  class impl;
  std::unique_ptr<impl> impl_;
};

/// Whether a URL's host is this machine, by its name or address: no proxy is asked for it, and what
/// is sent there needs no TLS. False of what is no URL.
STELE_API bool leads_to_this_machine(std::string const& url) noexcept;

}  // namespace stele::sending
