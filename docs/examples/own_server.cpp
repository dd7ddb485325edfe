// own_server.cpp: Stele's metrics through a server that a service has already, without stele-serve.
//
// Here the server is GNU libmicrohttpd; the service is the shop of README.md. Whatever the server
// is, an answer to a scrape takes four steps: choose a format, gather, state the Content-Type, and
// hand over chunks as the server sends them.
//
//   g++ -std=c++20 -Igenerated own_server.cpp -lmicrohttpd $(pkg-config --cflags --libs stele)
//   ./a.out 2112               # 127.0.0.1; 0 is a free port; prints it, and ends with its stdin

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

// ---- What is Stele's ----------------------------------------------------------------------------

/// A scrape that is being answered. The server asks for more as its client reads, so that one that
/// is slow, or gone, costs a chunk and blocks nobody.
class scrape {
 public:
  explicit scrape(std::string_view accept)
      : asked_(stele::negotiate(accept)),
        // Below the scraper's timeout, so that a callback that hangs costs its row and no more.
        body_(stele::gather<shop::table>({.deadline_ms = 5'000}), asked_.which) {}

  std::string_view content_type() const { return asked_.content_type; }

  /// Fills what there is room for, or a part of it; 0 at the end.
  std::size_t read(char* to, std::size_t room) {
    if (rest_.empty()) rest_ = body_.next();
    std::size_t const copied = rest_.copy(to, room);
    rest_.remove_prefix(copied);
    return copied;
  }

 private:
  stele::negotiated asked_;
  stele::exposition_stream body_;
  std::string_view rest_;  // of the chunk at hand
};

// ---- What is the server's -----------------------------------------------------------------------

using response = std::unique_ptr<MHD_Response, decltype(&MHD_destroy_response)>;

MHD_Result answer(MHD_Connection* to, unsigned status, response made, std::string_view type) {
  if (!made) return MHD_NO;
  auto const add = [&made](char const* name, char const* value) {
    MHD_add_response_header(made.get(), name, value);
  };
  add(MHD_HTTP_HEADER_CONTENT_TYPE, std::string(type).c_str());
  add(MHD_HTTP_HEADER_VARY, MHD_HTTP_HEADER_ACCEPT);
  if (status == MHD_HTTP_METHOD_NOT_ALLOWED) add(MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
  return MHD_queue_response(to, status, made.get());  // of HEAD it sends the header alone
}

MHD_Result answer(MHD_Connection* to, unsigned status, std::string_view constant) {
  auto* const text = const_cast<char*>(constant.data());
  response made(MHD_create_response_from_buffer(constant.size(), text, MHD_RESPMEM_PERSISTENT),
                &MHD_destroy_response);
  return answer(to, status, std::move(made), "text/plain; charset=utf-8");
}

/// No exception may pass through the server's own code, which is C.
ssize_t read_more(void* of, std::uint64_t, char* to, std::size_t room) {
  try {
    std::size_t const bytes = static_cast<scrape*>(of)->read(to, room);
    return bytes > 0 ? static_cast<ssize_t>(bytes) : MHD_CONTENT_READER_END_OF_STREAM;
  } catch (std::exception const& failed) {
    std::fprintf(stderr, "own_server: %s\n", failed.what());
    return MHD_CONTENT_READER_END_WITH_ERROR;  // closes the connection: the body is cut
  }
}

MHD_Result answer(MHD_Connection* to, std::unique_ptr<scrape> of) {
  response made(
      MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, 64 * 1024, &read_more, of.get(),
                                        [](void* sent) { delete static_cast<scrape*>(sent); }),
      &MHD_destroy_response);
  if (!made) return MHD_NO;
  return answer(to, MHD_HTTP_OK, std::move(made), of.release()->content_type());
}

MHD_Result handle(MHD_Connection* from, std::string_view path, std::string_view method) {
  if (path != "/metrics") return answer(from, MHD_HTTP_NOT_FOUND, "see /metrics\n");
  if (method != "GET" && method != "HEAD")
    return answer(from, MHD_HTTP_METHOD_NOT_ALLOWED, "GET or HEAD\n");
  char const* const accept =
      MHD_lookup_connection_value(from, MHD_HEADER_KIND, MHD_HTTP_HEADER_ACCEPT);
  return answer(from, std::make_unique<scrape>(accept == nullptr ? "" : accept));
}

/// libmicrohttpd calls this at a request's header, once for each part of its body, and at its end:
/// then it is answered.
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
