#include "http_connection.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <charconv>
#include <stdexcept>
#include <system_error>

namespace bench {

namespace {

constexpr std::size_t read_bytes = 256 * 1024;

[[noreturn]] void fail(char const* call) {
  throw std::system_error(errno, std::generic_category(), call);
}

std::size_t number_of(std::string_view text, int base) {
  std::size_t number = 0;
  if (std::from_chars(text.data(), text.data() + text.size(), number, base).ec != std::errc())
    throw std::runtime_error("expected a number, saw '" + std::string(text) + "'");
  return number;
}

}  // namespace

http_connection::http_connection(std::uint16_t port) : buffer_(read_bytes) {
  socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (socket_ < 0) fail("socket");
  int const on = 1;
  ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(socket_, reinterpret_cast<sockaddr const*>(&to), sizeof to) != 0) fail("connect");
}

http_connection::~http_connection() { ::close(socket_); }

void http_connection::send(std::string_view request) {
  while (!request.empty()) {
    auto const sent = ::send(socket_, request.data(), request.size(), MSG_NOSIGNAL);
    if (sent < 0) fail("send");
    request.remove_prefix(static_cast<std::size_t>(sent));
  }
  at_ = part::header;
  line_.clear();
  status_ = 0;
  body_bytes_ = 0;
}

bool http_connection::receive() {
  auto const bytes = ::recv(socket_, buffer_.data(), buffer_.size(), 0);
  if (bytes < 0) fail("recv");
  if (bytes == 0) throw std::runtime_error("expected an answer, saw the connection's end");
  take({buffer_.data(), static_cast<std::size_t>(bytes)});
  return at_ == part::end;
}

void http_connection::take(std::string_view received) {
  while (!received.empty()) switch (at_) {
      case part::header:
        if (!take_line(received)) break;
        if (!line_.ends_with("\r\n\r\n")) break;  // the line before the empty one
        take_header(line_);
        line_.clear();
        break;
      case part::body: take_bytes(received, part::end); break;
      case part::chunk_line:
        if (!take_line(received)) break;
        take_chunk_line(line_);
        line_.clear();
        break;
      case part::chunk: take_bytes(received, part::chunk_end); break;
      case part::chunk_end:
      case part::last_line:
        if (!take_line(received)) break;
        at_ = at_ == part::chunk_end ? part::chunk_line : part::end;
        line_.clear();
        break;
      case part::end: throw std::runtime_error("expected one answer, saw more");
    }
}

bool http_connection::take_line(std::string_view& received) {
  auto const end = received.find('\n');
  auto const bytes = end == received.npos ? received.size() : end + 1;
  line_ += received.substr(0, bytes);
  received.remove_prefix(bytes);
  return line_.ends_with('\n');
}

void http_connection::take_bytes(std::string_view& received, part next) {
  auto const bytes = std::min(left_, received.size());
  received.remove_prefix(bytes);
  body_bytes_ += bytes;
  left_ -= bytes;
  if (left_ == 0) at_ = next;
}

void http_connection::take_header(std::string_view header) {
  std::string lower(header);
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  if (!lower.starts_with("http/1.1 ")) throw std::runtime_error("expected an answer of HTTP/1.1");
  status_ = static_cast<int>(number_of(std::string_view(lower).substr(9, 3), 10));
  constexpr std::string_view length = "\r\ncontent-length: ";
  if (lower.find("\r\ntransfer-encoding: chunked\r\n") != lower.npos) {
    at_ = part::chunk_line;
  } else if (auto const found = lower.find(length); found != lower.npos) {
    left_ = number_of(std::string_view(lower).substr(found + length.size()), 10);
    at_ = left_ == 0 ? part::end : part::body;
  } else {
    at_ = part::end;  // as 204 has it
  }
}

void http_connection::take_chunk_line(std::string_view line) {
  left_ = number_of(line, 16);
  at_ = left_ == 0 ? part::last_line : part::chunk;
}

}  // namespace bench
