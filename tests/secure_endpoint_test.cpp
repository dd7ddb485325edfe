// The endpoint behind TLS and authentication, from its start on, by doing to it what clients do.

#include <crypt.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <sample.hpp>
#include <stele/secure.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "sanitized.hpp"
#include "secure_case.hpp"
#include "soon.hpp"
#include "tls_client.hpp"

namespace {

using namespace stele::test;
using namespace std::chrono_literals;
using sample::metric;
using testing::HasSubstr;
using clock_type = std::chrono::steady_clock;

std::string hash_of(std::string const& password, std::string const& cost = "04") {
  crypt_data state{};
  return ::crypt_r(password.c_str(), ("$2b$" + cost + "$abcdefghijklmnopqrstuu").c_str(), &state);
}

std::string const tls = "tls_server_config: {cert_file: a.crt, key_file: a.key}\n";
std::string const token = "0123456789abcdef0123456789abcdef";
std::string const bearer = "Authorization: Bearer " + token + "\r\n";

class SecureEndpoint : public testing::Test {
 protected:
  void SetUp() override {
    metric<"sample_jobs_total">.inc();
    identity const server = make_identity();
    folder.write("a.crt", server.certificate_pem());
    folder.write("a.key", server.key_pem());
  }

  void start(std::string const& config, stele::serve_options options = {},
             std::string const& tokens = {}) {
    options.port = 0;
    std::string const file = folder.write("web.yml", config);
    std::string const token_file = tokens.empty() ? "" : folder.write("tokens", tokens + "\n");
    auto made = stele::serve_secure<sample::table>(
        options,
        {.web_config_file = file, .bearer_tokens_file = token_file, .reload_check_time = 20ms});
    ASSERT_TRUE(made) << made.error().message;
    endpoint.emplace(std::move(*made));
  }
  std::uint16_t port() { return endpoint->port(); }
  tls_client plain() { return tls_client(port(), {.is = tls_client::kind::plain}); }

  temporary_folder folder;
  std::optional<stele::endpoint> endpoint;
};

TEST_F(SecureEndpoint, AScrapeComesThroughTls) {
  start(tls);
  tls_client scraper(port());
  ASSERT_TRUE(scraper.connected());
  for (int i = 0; i < 3; ++i) {
    auto const got = scraper.get();
    EXPECT_EQ(got.status, 200);
    EXPECT_THAT(got.body, HasSubstr("\nsample_jobs_total "));
  }
}

// A body of many chunks, and the end that TLS itself has: a cut body shows.
TEST_F(SecureEndpoint, ALongBodyComesWhole) {
  for (int i = 0; i < 5000; ++i)
    metric<"sample_requests_total">.with({.code = "200", .path = "/long/" + std::to_string(i)}).inc();
  start(tls);
  tls_client scraper(port());
  auto const got = scraper.get("/metrics", "Connection: close\r\n");
  EXPECT_TRUE(got.whole);
  EXPECT_THAT(got.body, HasSubstr("path=\"/long/4999\"} "));
  EXPECT_TRUE(scraper.closed());
  metric<"sample_requests_total">.clear();
}

// "a broken file at start is an error with file:line:column …; all errors at once"
TEST_F(SecureEndpoint, FaultsAreTheErrorOfTheStart) {
  std::string const file =
      folder.write("web.yml", "tls_server_config: {cert_file: a.crt}\nrate_limits: 1\n");
  auto const made = stele::serve_secure<sample::table>(
      {.port = 0}, {.web_config_file = file, .bearer_tokens_file = "none"});
  ASSERT_FALSE(made);
  EXPECT_THAT(made.error().message, HasSubstr(file + ":1:20: error: tls_server_config.key_file"));
  EXPECT_THAT(made.error().message, HasSubstr(file + ":2:1: error: expected tls_server_config"));
  EXPECT_THAT(made.error().message, HasSubstr("none: error: expected a file of bearer tokens"));
  auto const without = stele::serve_secure<sample::table>({.port = 0}, {});
  ASSERT_FALSE(without);
  EXPECT_THAT(without.error().message, HasSubstr("expected web_config_file or bearer_tokens_file"));
}

// A line end in a value ends no header: what follows is a part of the value.
TEST_F(SecureEndpoint, ALineEndInAHeadersValueIsABlank) {
  start(
      "http_server_config:\n  headers:\n    X-XSS-Protection: \"1\\r\\nX-Other: b\\r\\n\\r\\nc\"\n"
      "    Strict-Transport-Security: |\n      max-age=1;\n      preload\n");
  auto scraper = plain();
  for (int i = 0; i < 2; ++i) {
    auto const got = scraper.get("/-/healthy");
    EXPECT_EQ(got.status, 200);
    EXPECT_THAT(got.head, HasSubstr("\r\nX-XSS-Protection: 1  X-Other: b    c\r\n"));
    EXPECT_THAT(got.head, HasSubstr("\r\nStrict-Transport-Security: max-age=1; preload\r\n"));
    EXPECT_THAT(got.head, testing::Not(HasSubstr("\nX-Other")));
  }
}

std::size_t count_of(std::string const& text, std::string const& part) {
  std::size_t count = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

// Of two policies browsers take what both allow: the landing page would show nothing.
TEST_F(SecureEndpoint, TheLandingPageKeepsItsOwnPolicy) {
  start(
      "http_server_config:\n  headers:\n    Content-Security-Policy: default-src 'self'\n"
      "    X-Content-Type-Options: nosniff\n    X-Frame-Options: deny\n");
  auto browser = plain();
  auto const page = browser.get("/", "Accept: text/html\r\n");
  EXPECT_EQ(page.status, 200);
  EXPECT_EQ(count_of(page.head, "\r\nContent-Security-Policy: "), 1U) << page.head;
  EXPECT_THAT(page.head, testing::Not(HasSubstr("default-src 'self'")));
  EXPECT_EQ(count_of(page.head, "\r\nX-Content-Type-Options: nosniff\r\n"), 1U);
  EXPECT_THAT(page.head, HasSubstr("\r\nX-Frame-Options: deny\r\n"));
  for (std::string const path : {"/metrics", "/-/healthy", "/nothing"}) {
    auto const got = browser.get(path);
    EXPECT_THAT(got.head, HasSubstr("\r\nContent-Security-Policy: default-src 'self'\r\n")) << path;
    EXPECT_EQ(count_of(got.head, "\r\nX-Content-Type-Options: nosniff\r\n"), 1U) << path;
  }
}

TEST_F(SecureEndpoint, PasswordsAndTokensLetIn) {
  start("basic_auth_users: {alice: " + hash_of("secret") + "}\n", {}, token);
  auto scraper = plain();
  EXPECT_EQ(scraper.get("/metrics", basic("alice", "secret")).status, 200);
  EXPECT_EQ(scraper.get("/metrics", bearer).status, 200);
  EXPECT_EQ(scraper.get("/-/healthy", bearer).status, 200);
  auto const refused = scraper.get();
  EXPECT_EQ(refused.status, 401);
  EXPECT_THAT(refused.head, HasSubstr("\r\nWWW-Authenticate: Basic realm=\"metrics\""));
  EXPECT_THAT(refused.head, HasSubstr("\r\nWWW-Authenticate: Bearer realm=\"metrics\"\r\n"));
  for (std::string const& wrong :
       {basic("alice", "Secret"), basic("bob", "secret"), basic("", ""), basic("alice", ""),
        bearer.substr(0, bearer.size() - 3) + "\r\n", bearer + bearer,
        bearer + basic("alice", "secret"), std::string("Authorization: \r\n")}) {
    auto const got = scraper.get("/metrics", wrong);
    EXPECT_EQ(got.status, 401) << wrong;
    EXPECT_THAT(got.body, testing::Not(HasSubstr("sample_")));
  }
  EXPECT_EQ(scraper.get("/nothing").status, 401) << "what there is, is nobody's business";
  EXPECT_EQ(scraper.get("/nothing", bearer).status, 404);
}

// Who waits for the verdict does not hold others up.
TEST_F(SecureEndpoint, OthersAreServedWhileAPasswordIsChecked) {
  start("basic_auth_users: {alice: " + hash_of("secret", "12") + "}\n", {}, token);
  auto slow = plain();
  auto quick = plain();
  auto const begin = clock_type::now();
  slow.send("GET /metrics HTTP/1.1\r\nHost: x\r\n" + basic("alice", "secret") + "\r\n");
  EXPECT_EQ(quick.get("/metrics", bearer).status, 200);
  auto const of_quick = clock_type::now() - begin;
  EXPECT_EQ(slow.read().status, 200);
  auto const of_slow = clock_type::now() - begin;
  EXPECT_LT(of_quick, of_slow) << "cost 12 takes some 280 ms";
  auto const again = clock_type::now();
  EXPECT_EQ(slow.get("/metrics", basic("alice", "secret")).status, 200);
  EXPECT_LT(clock_type::now() - again, of_slow) << "it is remembered";
}

// "a failed-login flood does not delay a good scraper"
TEST_F(SecureEndpoint, AFloodOfWrongPasswordsDelaysNobodyWhoIsKnown) {
  start("basic_auth_users: {alice: " + hash_of("secret", "10") + "}\n");
  auto scraper = plain();
  EXPECT_EQ(scraper.get("/metrics", basic("alice", "secret")).status, 200);
  std::atomic<bool> done{false};
  std::atomic<int> wrong{0}, busy{0}, other{0};
  std::vector<std::thread> flood;
  for (int i = 0; i < 24; ++i)
    flood.emplace_back([&, i] {
      auto attacker = plain();
      for (int n = 0; !done; ++n) {
        auto const got = attacker.get(
            "/metrics",
            basic(n % 2 ? "alice" : "mallory", std::to_string(i) + "-" + std::to_string(n)));
        ++(got.status == 401 ? wrong : got.status == 503 ? busy : other);
      }
    });
  std::vector<clock_type::duration> times;
  for (int i = 0; i < 40; ++i) {
    std::this_thread::sleep_for(25ms);
    auto const begin = clock_type::now();
    EXPECT_EQ(scraper.get("/metrics", basic("alice", "secret")).status, 200);
    times.push_back(clock_type::now() - begin);
  }
  done = true;
  for (auto& each : flood) each.join();
  std::sort(times.begin(), times.end());
  EXPECT_LT(times[times.size() / 2], 500ms) << "a check of one password takes some 70 ms";
  EXPECT_GT(wrong, 0);
  EXPECT_GT(busy, 0) << "the queue is bounded";
  EXPECT_EQ(other, 0);
}

// "429 with Retry-After"; those who have shown who they are have a bucket of their own.
TEST_F(SecureEndpoint, TheRateLimitBoundsStrangersAndNotTheirVictims) {
  start("rate_limit: {interval: 1h, burst: 3}\nbasic_auth_users: {alice: " + hash_of("secret") +
            "}\n",
        {}, token);
  auto client = plain();
  for (int i = 0; i < 3; ++i) EXPECT_EQ(client.get().status, 401);
  auto const refused = client.get("/metrics", basic("alice", "wrong"));
  EXPECT_EQ(refused.status, 429);
  EXPECT_THAT(refused.head, HasSubstr("\r\nRetry-After: 3"));
  EXPECT_EQ(client.get("/metrics", bearer).status, 200);
  EXPECT_EQ(client.get("/metrics", bearer).status, 200);
  EXPECT_EQ(client.get("/metrics", bearer).status, 200);
  EXPECT_EQ(client.get("/metrics", bearer).status, 429);
}

// "a client that never sends ClientHello is closed in bounded time"
TEST_F(SecureEndpoint, AHandshakeThatStallsIsClosed) {
  start(tls, {.handshake_time_max = 300ms});
  auto silent = plain();
  auto half = plain();
  half.send(std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11));
  auto const begin = clock_type::now();
  tls_client scraper(port());
  EXPECT_EQ(scraper.get().status, 200) << "meanwhile others are served";
  EXPECT_TRUE(silent.closed());
  EXPECT_TRUE(half.closed());
  EXPECT_LT(clock_type::now() - begin, 10s);
  EXPECT_EQ(scraper.get().status, 200) << "the bound is the handshake's";
}

TEST_F(SecureEndpoint, GarbageIsClosedAndHttpIsToldThatThisIsHttps) {
  start(tls, {.handshake_time_max = 1s});
  for (std::string const& garbage :
       {std::string(64, '\xff'), std::string("\x16\x03\x01\x00\x05hello"), std::string(4096, '\0'),
        std::string("SSH-2.0-x\r\n")}) {
    auto bad = plain();
    bad.send(garbage);
    (void)bad.rest();
    EXPECT_TRUE(bad.closed());
  }
  auto http = plain();
  http.send("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(http.rest(),
              testing::AllOf(testing::StartsWith("HTTP/1.0 400 "), HasSubstr("https")));
  EXPECT_EQ(tls_client(port()).get().status, 200);
}

// "renegotiation off": a client cannot have the server sign again and again.
TEST_F(SecureEndpoint, NothingIsNegotiatedAnew) {
  start(tls);
  tls_client scraper(port(), {.version_max = TLS1_2_VERSION});
  ASSERT_TRUE(scraper.connected());
  EXPECT_EQ(scraper.get().status, 200);
  SSL_renegotiate(scraper.ssl());
  EXPECT_LE(SSL_do_handshake(scraper.ssl()), 0);
}

TEST_F(SecureEndpoint, ASlowReaderCostsItsOwnConnection) {
  metric<"sample_requests_total">.limit_series(50'000);
  for (int i = 0; i < 40'000; ++i)
    metric<"sample_requests_total">
        .with({.code = "200", .path = "/a/long/path/for/a/slow/reader/" + std::to_string(i)})
        .inc();
  start(tls, {.write_time_max = 500ms});
  tls_client slow(port(), {.receive_bytes = 4096});
  slow.send("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n");
  auto const begin = clock_type::now();
  tls_client quick(port());
  EXPECT_TRUE(quick.get().whole);
  std::this_thread::sleep_for(2s);
  EXPECT_FALSE(slow.read().whole);
  EXPECT_LT(clock_type::now() - begin, 60s);
  metric<"sample_requests_total">.clear();
  metric<"sample_requests_total">.limit_series(10'000);
}

// "changed files take effect without restart …, no connection broken"
TEST_F(SecureEndpoint, ChangedFilesCountForTheNextRequestAndBreakNoConnection) {
  start("basic_auth_users: {alice: " + hash_of("secret") + "}\n", {}, token);
  auto scraper = plain();
  EXPECT_EQ(scraper.get("/metrics", basic("alice", "secret")).status, 200);
  folder.write("web.yml", "basic_auth_users: {alice: " + hash_of("other") +
                              "}\n"
                              "http_server_config: {headers: {X-Frame-Options: deny}}\n");
  EXPECT_TRUE(
      soon([&] { return scraper.get("/metrics", basic("alice", "secret")).status == 401; }));
  EXPECT_THAT(scraper.get("/metrics", basic("alice", "other")).head,
              HasSubstr("X-Frame-Options: deny"));
  folder.write("web.yml", "broken: [\n");
  std::this_thread::sleep_for(200ms);
  EXPECT_EQ(scraper.get("/metrics", basic("alice", "other")).status, 200);
  folder.write("tokens", "fedcba9876543210\n");
  folder.write("web.yml", "");
  EXPECT_TRUE(soon([&] {
    return scraper.get("/metrics", "Authorization: Bearer fedcba9876543210\r\n").status == 200;
  }));
  EXPECT_TRUE(soon([&] { return scraper.get("/metrics", basic("alice", "other")).status == 401; }));
}

// A file that comes to ask for TLS has it from the next connection on.
TEST_F(SecureEndpoint, TlsCanBeTurnedOnWithoutARestart) {
  start("");
  auto scraper = plain();
  EXPECT_EQ(scraper.get().status, 200);
  folder.write("web.yml", tls);
  EXPECT_TRUE(soon([&] { return tls_client(port()).connected(); }));
  EXPECT_EQ(scraper.get().status, 200) << "a connection stays what it was";
}

// "stop()": who waits for a verdict does not hold the end up.
TEST_F(SecureEndpoint, ItStopsWhilePasswordsAreChecked) {
  start("basic_auth_users: {alice: " + hash_of("secret", "10") + "}\n", {.drain_time_max = 100ms});
  std::vector<std::unique_ptr<tls_client>> waiting;
  for (int i = 0; i < 16; ++i) {
    waiting.push_back(
        std::make_unique<tls_client>(port(), tls_client::options{.is = tls_client::kind::plain}));
    waiting.back()->send("GET / HTTP/1.1\r\nHost: x\r\n" + basic("alice", std::to_string(i)) +
                         "\r\n");
  }
  std::this_thread::sleep_for(50ms);
  auto const begin = clock_type::now();
  endpoint->stop();
  endpoint.reset();
  EXPECT_LT(clock_type::now() - begin, 10s);
}

TEST_F(SecureEndpoint, ManyConnectAtOnce) {
  start(tls + "basic_auth_users: {alice: " + hash_of("secret") + "}\n");
  std::atomic<int> good{0};
  std::vector<std::thread> clients;
  for (int i = 0; i < 8; ++i)
    clients.emplace_back([&] {
      for (int n = 0; n < 5; ++n) {
        tls_client scraper(port());
        if (scraper.get("/metrics", basic("alice", "secret")).status == 200) ++good;
      }
    });
  for (auto& each : clients) each.join();
  EXPECT_EQ(good, 40);
}

// The child of a fork has no endpoint, and can end.
TEST_F(SecureEndpoint, TheChildOfAForkHasNone) {
  if (thread_sanitized) GTEST_SKIP() << why_no_fork;
  start(tls + "basic_auth_users: {alice: " + hash_of("secret") + "}\n");
  EXPECT_EQ(tls_client(port()).get("/metrics", basic("alice", "secret")).status, 200);
  pid_t const child = ::fork();
  if (child == 0) {
    bool const gone = endpoint->port() == 0;
    endpoint.reset();
    ::_exit(gone ? 0 : 1);
  }
  int status = -1;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  EXPECT_EQ(tls_client(port()).get("/metrics", basic("alice", "secret")).status, 200);
}

}  // namespace
