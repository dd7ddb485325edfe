// http_client.cpp: the client, by Boost.Beast.

#include "http_client.hpp"

#include <poll.h>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http.hpp>

#include <algorithm>

namespace stele::test {

namespace net = boost::asio;
namespace http = boost::beast::http;

header_fields::const_iterator response::find(std::string_view name) const {
  return std::ranges::find_if(
      fields_, [&](auto const& field) { return boost::beast::iequals(field.first, name); });
}

std::string response::operator[](std::string_view name) const {
  auto const found = find(name);
  return found == fields_.end() ? std::string() : found->second;
}

bool response::has(std::string_view name) const { return find(name) != fields_.end(); }

struct client::connection {
  net::io_context io;
  net::generic::stream_protocol::socket socket{io};
  boost::beast::flat_buffer buffer;
};

client::client(std::uint16_t port, char const* address)
    : connection_(std::make_unique<connection>()) {
  connection_->socket.connect(net::ip::tcp::endpoint(net::ip::make_address(address), port));
}

client::client(std::string const& path) : connection_(std::make_unique<connection>()) {
  connection_->socket.connect(net::local::stream_protocol::endpoint(path));
}

client::~client() = default;
client::client(client&&) noexcept = default;

response client::get(std::string const& target, std::string const& accept, std::string_view method,
                     unsigned version) {
  header_fields fields;
  if (!accept.empty()) fields.emplace_back("Accept", accept);
  return ask(method, target, fields, {}, version);
}

response client::ask(std::string_view method, std::string const& target,
                     header_fields const& fields, std::string const& body, unsigned version) {
  http::request<http::string_body> request;
  request.method_string(method);
  request.target(target);
  request.version(version);
  request.set(http::field::host, "localhost");
  for (auto const& [name, value] : fields) request.set(name, value);
  request.body() = body;
  request.prepare_payload();
  http::write(connection_->socket, request);
  return read(method == "HEAD");
}

void client::send(std::string const& bytes) { net::write(connection_->socket, net::buffer(bytes)); }

response client::read(bool head) {
  http::response_parser<http::string_body> parser;
  parser.skip(head);
  parser.body_limit(boost::none);
  http::read(connection_->socket, connection_->buffer, parser);
  auto& read = parser.get();
  header_fields fields;
  for (auto const& field : read) fields.emplace_back(field.name_string(), field.value());
  return {read.result_int(), std::move(fields), std::move(read.body()), read.keep_alive()};
}

void client::end_sending() { connection_->socket.shutdown(net::socket_base::shutdown_send); }

void client::reset() {
  connection_->socket.set_option(net::socket_base::linger(true, 0));
  connection_->socket.close();
}

void client::take_little() {
  connection_->socket.set_option(net::socket_base::receive_buffer_size(256 * 1024));
}

bool client::hears_within(std::chrono::milliseconds time) {
  pollfd heard{.fd = descriptor(), .events = POLLIN, .revents = 0};
  return poll(&heard, 1, static_cast<int>(time.count())) > 0;
}

int client::descriptor() { return connection_->socket.native_handle(); }

std::string client::rest() {
  boost::system::error_code ec;
  auto const& buffered = connection_->buffer;
  std::string text(static_cast<char const*>(buffered.data().data()), buffered.size());
  net::read(connection_->socket, net::dynamic_buffer(text), ec);
  return text;
}

bool client::is_reset() {
  boost::system::error_code ec;
  std::string text;
  net::read(connection_->socket, net::dynamic_buffer(text), ec);
  return ec == net::error::connection_reset;
}

bool client::closed() {
  boost::system::error_code ec;
  char byte = 0;
  net::read(connection_->socket, net::buffer(&byte, 1), ec);
  return ec == net::error::eof || ec == net::error::connection_reset;
}

}  // namespace stele::test
