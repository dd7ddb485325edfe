// Bytes to a whole endpoint over a connection: whatever they are, what comes back is HTTP, the
// connection ends, and the next scrape is served.

#include <coderd.hpp>
#include <stele/serve.hpp>

#include <cstdint>
#include <string>
#include <string_view>

#include "exchange.hpp"

using namespace stele::fuzz;

namespace {

constexpr std::string_view good_request =
    "GET /-/healthy HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";

/// For the whole run: starting one costs more than a request.
std::uint16_t port() {
  static constexpr stele::view views[]{
      {.path = "/metrics/service", .except = {"coderd_workspace_*"}}};
  static auto* const endpoint = new auto(stele::serve<coderd::table>({.port = 0, .views = views}));
  always(static_cast<bool>(*endpoint), "the endpoint starts");
  return (*endpoint)->port();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  std::string const answer = answer_to(port(), text_of(data, size));
  always_http(answer, text_of(data, size),
              {200, 400, 404, 405, 408, 413, 414, 417, 431, 501, 503, 505});
  static int count = 0;
  if (++count % 64 == 0)
    always(answer_to(port(), good_request).ends_with("\r\n\r\nOK\n"), "the next request is served");
  return 0;
}
