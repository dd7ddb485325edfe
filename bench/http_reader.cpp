#include "http_reader.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <optional>
#include <stdexcept>
#include <system_error>

namespace bench {

namespace {

constexpr std::size_t read_bytes = 256 * 1024;

[[noreturn]] void fail(char const* call) {
  throw std::system_error(errno, std::generic_category(), call);
}

std::string lower(std::string_view text) {
  std::string made(text);
  for (char& c : made) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return made;
}

/// The number behind `name`; none where it is not in the header.
std::optional<std::size_t> number_behind(std::string_view header, std::string_view name) {
  auto const at = header.find(name);
  if (at == header.npos) return std::nullopt;
  std::size_t number = 0;
  std::from_chars(header.data() + at + name.size(), header.data() + header.size(), number);
  return number;
}

/// The size of the chunk that begins at the front, and what its line takes; none where the line is
/// not there yet.
struct chunk_line {
  std::size_t bytes;
  std::size_t line_bytes;
};
std::optional<chunk_line> chunk_at(std::string_view text) {
  auto const end = text.find("\r\n");
  if (end == text.npos) return std::nullopt;
  std::size_t bytes = 0;
  if (std::from_chars(text.data(), text.data() + end, bytes, 16).ec != std::errc())
    throw std::runtime_error("expected a chunk's size");
  return chunk_line{bytes, end + 2};
}

}  // namespace

http_reader::http_reader(std::uint16_t port, std::string_view encoding)
    : port_(port),
      request_("GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept-Encoding: " +
               std::string(encoding) + "\r\n\r\n"),
      buffer_(32 * 1024 * 1024) {}

http_reader::~http_reader() { close(); }

void http_reader::connect() {
  socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (socket_ < 0) fail("socket");
  int const on = 1;
  ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port_);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(socket_, reinterpret_cast<sockaddr const*>(&to), sizeof to) != 0) fail("connect");
}

void http_reader::close() {
  if (socket_ >= 0) ::close(socket_);
  socket_ = -1;
}

bool http_reader::send_request() {
  auto const sent = ::send(socket_, request_.data(), request_.size(), MSG_NOSIGNAL);
  return sent == static_cast<ssize_t>(request_.size());
}

bool http_reader::receive() {
  if (buffer_.size() - received_ < read_bytes) buffer_.resize(buffer_.size() * 2);
  auto const bytes = ::recv(socket_, buffer_.data() + received_, buffer_.size() - received_, 0);
  if (bytes < 0) fail("recv");
  received_ += static_cast<std::size_t>(bytes);
  return bytes > 0;
}

bool http_reader::receive_header() {
  received_ = 0;
  std::size_t end;
  while ((end = received().find("\r\n\r\n")) == std::string_view::npos)
    if (!receive()) return false;
  header_bytes_ = end + 4;
  return true;
}

void http_reader::receive_chunks() {
  std::size_t at = header_bytes_;
  for (;;) {
    auto const chunk = chunk_at(received().substr(at));
    std::size_t const needed = chunk ? at + chunk->line_bytes + chunk->bytes + 2 : received_ + 1;
    while (received_ < needed)
      if (!receive()) throw std::runtime_error("expected more chunks, saw the end");
    if (!chunk) continue;
    at = needed;
    if (chunk->bytes == 0) return;
  }
}

void http_reader::receive_body() {
  std::string const head = header();
  chunked_ = head.find("\r\ntransfer-encoding: chunked") != head.npos;
  auto const length = number_behind(head, "\r\ncontent-length: ");
  if (chunked_)
    receive_chunks();
  else if (length)
    while (received_ < header_bytes_ + *length) {
      if (!receive()) throw std::runtime_error("expected more of a body, saw the end");
    }
  else
    while (receive()) continue;
  if (head.find("\r\nconnection: close") != head.npos || (!chunked_ && !length)) close();
}

void http_reader::scrape() {
  bool const kept = socket_ >= 0;
  if (!kept) connect();
  if (!send_request() || !receive_header()) {
    if (!kept) throw std::runtime_error("expected a response, saw the connection's end");
    close();
    return scrape();
  }
  if (received().substr(0, 13) != "HTTP/1.1 200 ")
    throw std::runtime_error("expected status 200, saw " + std::string(received().substr(0, 15)));
  receive_body();
}

std::string http_reader::header() const { return lower(received().substr(0, header_bytes_)); }

std::string http_reader::body() const {
  auto rest = received().substr(header_bytes_);
  if (!chunked_) return std::string(rest);
  std::string whole;
  for (auto chunk = chunk_at(rest); chunk && chunk->bytes > 0; chunk = chunk_at(rest)) {
    whole += rest.substr(chunk->line_bytes, chunk->bytes);
    rest.remove_prefix(chunk->line_bytes + chunk->bytes + 2);
  }
  return whole;
}

std::string gunzip(std::string_view compressed) {
  z_stream stream{};
  constexpr int gzip_only = 16;
  if (::inflateInit2(&stream, gzip_only + MAX_WBITS) != Z_OK)
    throw std::runtime_error("inflateInit2 failed");
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(compressed.data()));
  stream.avail_in = static_cast<uInt>(compressed.size());
  std::string text;
  std::vector<char> part(read_bytes);
  int status = Z_OK;
  while (status == Z_OK) {
    stream.next_out = reinterpret_cast<Bytef*>(part.data());
    stream.avail_out = static_cast<uInt>(part.size());
    status = ::inflate(&stream, Z_NO_FLUSH);
    text.append(part.data(), part.size() - stream.avail_out);
  }
  ::inflateEnd(&stream);
  if (status != Z_STREAM_END) throw std::runtime_error("expected gzip, whole");
  return text;
}

std::size_t samples_of(std::string_view name, std::string_view text) {
  std::size_t found = 0;
  while (!text.empty()) {
    if (text.substr(0, name.size()) == name) ++found;
    text.remove_prefix(std::min(text.find('\n'), text.size() - 1) + 1);
  }
  return found;
}

}  // namespace bench
