// http_client.hpp: a client of the endpoint that asks as it should, or sends what it likes.
//
//   client one(endpoint.port());
//   EXPECT_EQ(one.get("/-/healthy").body(), "OK\n");
//
// Beast reads the responses, in http_client.cpp: its parser would take longest of all to compile in
// each test. A refused connection, what is no response, an end in the middle of one: each is thrown
// as a std::runtime_error.
//
// Threads: a client belongs to one thread at a time.

#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace stele::test {

using header_fields = std::vector<std::pair<std::string, std::string>>;

/// What a server has answered.
class response {
 public:
  response() = default;
  response(unsigned status, header_fields fields, std::string body, bool keep_alive)
      : status_(status),
        fields_(std::move(fields)),
        body_(std::move(body)),
        keep_alive_(keep_alive) {}

  [[nodiscard]] unsigned result_int() const { return status_; }
  [[nodiscard]] std::string const& body() const { return body_; }
  /// Whether the connection stays open behind it.
  [[nodiscard]] bool keep_alive() const { return keep_alive_; }
  /// The first field of this name, in any case; nothing where there is none.
  [[nodiscard]] std::string operator[](std::string_view name) const;
  [[nodiscard]] bool has(std::string_view name) const;

 private:
  [[nodiscard]] header_fields::const_iterator find(std::string_view name) const;

  unsigned status_ = 0;
  header_fields fields_;
  std::string body_;
  bool keep_alive_ = false;
};

/// A connection that sends and reads requests in turn.
class client {
 public:
  explicit client(std::uint16_t port, char const* address = "127.0.0.1");
  /// Of a Unix-domain socket; a name that begins with 0 is an abstract one.
  explicit client(std::string const& path);
  ~client();
  client(client&&) noexcept;

  response get(std::string const& target, std::string const& accept = {},
               std::string_view method = "GET", unsigned version = 11);
  response ask(std::string_view method, std::string const& target, header_fields const& fields,
               std::string const& body = {}, unsigned version = 11);

  void send(std::string const& bytes);
  /// The next response; `head`: to a HEAD, which has no body.
  response read(bool head = false);

  /// Ends what it sends; what it is sent it still reads.
  void end_sending();
  /// Ends with a reset: the server sees an error instead of the end.
  void reset();
  /// From here on the server can send a little only before this client reads.
  void take_little();
  /// Whether the server sends something, or closes, within this time.
  bool hears_within(std::chrono::milliseconds time);
  [[nodiscard]] int descriptor();

  /// What the server sends until it closes.
  std::string rest();
  /// Whether what the server sends ends with a reset.
  bool is_reset();
  /// Whether the server has closed, when everything it sent has been read.
  bool closed();

 private:
  struct connection;
  std::unique_ptr<connection> connection_;
};

}  // namespace stele::test
