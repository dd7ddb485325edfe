// Bytes to an endpoint with a receiver: whatever they are, they are the same requests in pieces of
// any size; what comes back over a connection is HTTP, and the connection ends.

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "exchange.hpp"
#include "serve/extras.hpp"
#include "serve/request_reader.hpp"

using namespace stele::fuzz;
using namespace stele::serving;

namespace {

constexpr std::size_t header_max = 1024;
constexpr std::size_t body_max = 32 * 1024;

/// What a reader makes of bytes that come in pieces: a line each request, and why it stops.
std::string read_in_pieces(std::string_view bytes, std::size_t piece) {
  request_reader reader(header_max);
  std::string seen;
  bool in_body = false;
  for (;;) {
    auto const outcome = in_body ? reader.read_body() : reader.read();
    if (outcome == request_reader::refused) {
      always(reader.refusal().why.ends_with('\n'), "a refusal has a reason");
      return seen + "refused " + std::to_string(static_cast<int>(reader.refusal().status));
    }
    if (in_body) {
      always(reader.body().size() <= reader.body_bytes_known(), "what has come is known");
    }
    if (outcome == request_reader::more) {
      if (bytes.empty()) return seen + (in_body ? "in a body" : "in a header");
      auto const room = reader.room();
      always(!room.empty(), "there is room for what is needed");
      always(room.size() <= 4 * (header_max + body_max), "room grows with what has come");
      std::size_t const taken = std::min({piece, room.size(), bytes.size()});
      std::copy_n(bytes.begin(), taken, room.begin());
      reader.commit(taken);
      bytes.remove_prefix(taken);
    } else if (!in_body) {
      in_body = true;
      reader.begin_body();
    } else {
      always(reader.body().size() == reader.body_bytes_known(), "a whole body is known");
      seen += to_std(reader.request().method_string());
      seen.append(" ").append(to_std(reader.request().target())).append(" ");
      seen.append(reader.body()).append("\n");
      in_body = false;
      reader.next();
    }
  }
}

class echo final : public receiver {
  class one final : public incoming {
    verdict make_room(std::size_t bytes) override {
      asked_ = bytes;
      if (bytes <= body_max) return {};
      return refusal{http::status::payload_too_large, {}, "too large\n"};
    }
    void take(std::string_view body, body_reply reply) override {
      always(body.size() <= asked_, "room was asked for");
      reply({http::status::ok, "X-Echo: yes\r\n", std::string(body)});
    }
    std::size_t asked_ = 0;
  };

  decision begin(request_type const& request, steady_clock::time_point) override {
    if (request.target() == "/no") return refusal{http::status::not_found, {}, "no\n"};
    return std::make_unique<one>();
  }
};

/// For the whole run: starting one costs more than a request.
std::uint16_t port() {
  static auto* const endpoint = new auto(stele::core::serve(
      {}, {.port = 0, .header_bytes_max = header_max}, {.receiver = std::make_shared<echo>()}));
  always(static_cast<bool>(*endpoint), "the endpoint starts");
  return (*endpoint)->port();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  std::string_view const bytes = text_of(data, size);
  if (size > 64 * 1024) return 0;
  std::string const whole = read_in_pieces(bytes, size + 1);
  for (std::size_t const piece : {std::size_t{1}, std::size_t{7}, size / 3 + 1})
    always(read_in_pieces(bytes, piece) == whole, "pieces of any size are the same requests");

  always_http(answer_to(port(), bytes), bytes, {100, 200, 400, 404, 408, 413, 431, 505});
  static int count = 0;
  if (++count % 64 == 0)
    always(
        answer_to(port(),
                  "PUT / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 2\r\n\r\nOK")
            .ends_with("\r\n\r\nOK"),
        "the next request is served");
  return 0;
}
