// tls_client.hpp: a client that scrapes through TLS or without it, by hand, so that it can
// misbehave.
//
//   tls_client scraper(endpoint.port());
//   EXPECT_EQ(scraper.get("/metrics", basic("alice", "secret")).status, 200);
//
// Threads: one at a time. Nothing waits for longer than some 20 s.

#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

namespace stele::test {

inline std::string basic(std::string const& user, std::string const& password) {
  std::string const pair = user + ":" + password;
  std::string text(pair.size() * 2 + 8, '\0');
  int const size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                                   reinterpret_cast<unsigned char const*>(pair.data()),
                                   static_cast<int>(pair.size()));
  return "Authorization: Basic " + text.substr(0, static_cast<std::size_t>(size)) + "\r\n";
}

struct answer {
  int status = 0;  // 0: the connection ended
  std::string head;
  std::string body;  // without its chunks' sizes
  bool whole = false;
};

class tls_client {
 public:
  enum class kind { plain, tls };
  struct options {
    kind is = kind::tls;
    int version_max = TLS1_3_VERSION;
    int receive_bytes = 0;  // 0: as the system has it
  };

  explicit tls_client(std::uint16_t port) : tls_client(port, options{}) {}
  tls_client(std::uint16_t port, options const& with) {
    socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    timeval const time{20, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &time, sizeof time);
    ::setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &time, sizeof time);
    if (with.receive_bytes != 0)
      ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &with.receive_bytes, sizeof(int));
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(socket_, reinterpret_cast<sockaddr*>(&to), sizeof to), 0);
    if (with.is == kind::plain) return;
    context_.reset(SSL_CTX_new(TLS_client_method()));
    SSL_CTX_set_max_proto_version(context_.get(), with.version_max);
    ssl_.reset(SSL_new(context_.get()));
    SSL_set_fd(ssl_.get(), socket_);
    connected_ = SSL_connect(ssl_.get()) == 1;
  }
  ~tls_client() {
    ssl_.reset();
    ::close(socket_);
  }
  tls_client(tls_client const&) = delete;
  tls_client& operator=(tls_client const&) = delete;

  [[nodiscard]] bool connected() const noexcept { return connected_; }
  [[nodiscard]] SSL* ssl() noexcept { return ssl_.get(); }

  answer get(std::string const& path = "/metrics", std::string const& fields = {}) {
    send("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n" + fields + "\r\n");
    return read();
  }

  void send(std::string const& bytes) {
    if (ssl_)
      SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size()));
    else
      (void)!::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  }

  answer read() {
    answer got;
    std::string& text = text_;
    std::size_t end = 0;
    while ((end = text.find("\r\n\r\n")) == std::string::npos)
      if (!more()) return got;
    got.head = text.substr(0, end + 2);
    got.status = std::atoi(got.head.c_str() + 9);
    text.erase(0, end + 4);
    std::size_t const length = got.head.find("Content-Length: ");
    if (length != std::string::npos) {
      auto const size = static_cast<std::size_t>(std::atoll(got.head.c_str() + length + 16));
      while (text.size() < size)
        if (!more()) return got;
      got.body = text.substr(0, size);
      text.erase(0, size);
      got.whole = true;
    } else {
      read_chunks(got);
    }
    return got;
  }

  /// Whether the server has closed, when everything it sent has been read; with TLS, that it said
  /// so.
  bool closed() {
    while (more()) {
    }
    if (!ssl_) return at_end_;
    return SSL_get_error(ssl_.get(), last_) == SSL_ERROR_ZERO_RETURN;
  }
  /// All that comes until the end.
  std::string rest() {
    while (more()) {
    }
    return text_;
  }

 private:
  struct free_ssl {
    void operator()(SSL* object) const { SSL_free(object); }
    void operator()(SSL_CTX* object) const { SSL_CTX_free(object); }
  };

  void read_chunks(answer& got) {
    for (;;) {
      std::size_t line = 0;
      while ((line = text_.find("\r\n")) == std::string::npos)
        if (!more()) return;
      std::size_t const size = std::strtoul(text_.c_str(), nullptr, 16);
      while (text_.size() < line + 2 + size + 2)
        if (!more()) return;
      got.body += text_.substr(line + 2, size);
      text_.erase(0, line + 2 + size + 2);
      if (size == 0) {
        got.whole = true;
        return;
      }
    }
  }

  bool more() {
    char bytes[16 * 1024];
    last_ = ssl_ ? SSL_read(ssl_.get(), bytes, sizeof bytes)
                 : static_cast<int>(::recv(socket_, bytes, sizeof bytes, 0));
    at_end_ = last_ == 0 || (last_ < 0 && errno == ECONNRESET);
    if (last_ > 0) text_.append(bytes, static_cast<std::size_t>(last_));
    return last_ > 0;
  }

  int socket_ = -1;
  std::unique_ptr<SSL_CTX, free_ssl> context_;
  std::unique_ptr<SSL, free_ssl> ssl_;
  bool connected_ = false;
  bool at_end_ = false;
  int last_ = 0;
  std::string text_;
};

}  // namespace stele::test
