// own_server.cpp: Stele's metrics through a server that a service has already, without stele-serve.
//
// Here the server is GNU libmicrohttpd; the service is the shop of README.md. Whatever the server
// is, an answer to a scrape takes four steps: choose a format, gather, expose into what the server
// sends, state the format's Content-Type.
//
//   g++ -std=c++20 -Igenerated own_server.cpp -o own_server -lmicrohttpd
//       $(pkg-config --cflags --libs stele)
//   ./own_server 2112          # 127.0.0.1; 0 is a free port; prints it, and ends with its stdin

#include <arpa/inet.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <shop.hpp>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

using shop::metric;

namespace {

struct exposition {
  std::string body;
  std::string_view content_type;
};

// ---- What is Stele's ----------------------------------------------------------------------------

/// Any answer that states its Content-Type is right; a scraper that names OpenMetrics 1.0 reads it,
/// and all of them read text. (Weights are not looked at: `q` orders what a scraper takes anyway.)
stele::format wanted(std::string_view accept) {
  return accept.find("application/openmetrics-text;version=1.0.0") != accept.npos
             ? stele::format::openmetrics
             : stele::format::text;
}

exposition scrape(std::string_view accept) {
  stele::format const which = wanted(accept);
  exposition made{{}, stele::content_type(which)};
  // Below the scraper's timeout, so that a callback that hangs costs its row and not the scrape.
  stele::expose(stele::gather<shop::table>({.deadline_ms = 5'000}), which,
                [&made](std::string_view chunk) { made.body += chunk; });
  return made;
}

// ---- What is the server's -----------------------------------------------------------------------

using response = std::unique_ptr<MHD_Response, decltype(&MHD_destroy_response)>;

MHD_Result answer(MHD_Connection* to, unsigned status, exposition&& content) {
  auto owned = std::make_unique<std::string>(std::move(content.body));
  // The response sends the string as it is, and deletes it when it was sent.
  response made(MHD_create_response_from_buffer_with_free_callback_cls(
                    owned->size(), owned->data(),
                    [](void* sent) { delete static_cast<std::string*>(sent); }, owned.get()),
                &MHD_destroy_response);
  if (!made) return MHD_NO;
  static_cast<void>(owned.release());
  auto const add = [&made](char const* name, char const* value) {
    MHD_add_response_header(made.get(), name, value);
  };
  add(MHD_HTTP_HEADER_CONTENT_TYPE, std::string(content.content_type).c_str());
  add(MHD_HTTP_HEADER_VARY, MHD_HTTP_HEADER_ACCEPT);
  if (status == MHD_HTTP_METHOD_NOT_ALLOWED) add(MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
  return MHD_queue_response(to, status, made.get());  // of HEAD it sends the header alone
}

exposition sentence(std::string_view text) {
  return {std::string(text), "text/plain; charset=utf-8"};
}

MHD_Result handle(MHD_Connection* from, std::string_view path, std::string_view method) {
  if (path != "/metrics") return answer(from, MHD_HTTP_NOT_FOUND, sentence("see /metrics\n"));
  if (method != "GET" && method != "HEAD")
    return answer(from, MHD_HTTP_METHOD_NOT_ALLOWED, sentence("GET or HEAD\n"));
  char const* const accept =
      MHD_lookup_connection_value(from, MHD_HEADER_KIND, MHD_HTTP_HEADER_ACCEPT);
  return answer(from, MHD_HTTP_OK, scrape(accept == nullptr ? "" : accept));
}

/// libmicrohttpd calls this at a request's header, once for each part of its body, and at its end:
/// then it is answered. No exception may pass through the server's own code, which is C.
MHD_Result on_request(void*, MHD_Connection* from, char const* path, char const* method,
                      char const*, char const*, std::size_t* body_bytes, void** seen) {
  static int header_was_seen = 0;
  if (*seen == nullptr) {
    *seen = &header_was_seen;
    return MHD_YES;
  }
  if (*body_bytes > 0) {
    *body_bytes = 0;  // read, and dropped
    return MHD_YES;
  }
  try {
    return handle(from, path, method);
  } catch (std::exception const& failed) {
    std::fprintf(stderr, "own_server: %s\n", failed.what());
    return MHD_NO;  // closes the connection
  }
}

}  // namespace

int main(int count, char** arguments) {
  metric<"shop_carts">.set(3);  // the service
  metric<"shop_orders_total">.with({.method = shop::method::card}).inc();
  metric<"shop_checkout_seconds">.observe(0.25);

  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port =
      htons(static_cast<std::uint16_t>(count > 1 ? std::strtoul(arguments[1], nullptr, 10) : 2112));
  auto* const server = MHD_start_daemon(
      MHD_USE_AUTO_INTERNAL_THREAD | MHD_USE_ERROR_LOG, 0, nullptr, nullptr, &on_request, nullptr,
      MHD_OPTION_SOCK_ADDR, reinterpret_cast<sockaddr const*>(&address), MHD_OPTION_END);
  if (server == nullptr) {
    std::fprintf(stderr, "own_server: the port cannot be served\n");
    return 1;
  }
  std::printf("%u\n", unsigned{MHD_get_daemon_info(server, MHD_DAEMON_INFO_BIND_PORT)->port});
  std::fflush(stdout);
  while (std::getchar() != EOF) continue;
  MHD_stop_daemon(server);
}
