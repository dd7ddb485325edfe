// tls_session.hpp: a connection through TLS, and who makes it one.
//
//   core::serve(tables, options, {.factory = std::make_shared<secure_factory>(reloader)});
//
// Threads: the endpoint's strand.

#pragma once

#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>

#include <memory>

#include "secure/reloader.hpp"
#include "serve/stream_session.hpp"

namespace stele::securing {

class tls_session final
    : public serving::stream_session<serving::net::ssl::stream<serving::plain_socket>> {
 public:
  tls_session(serving::accepted from, std::shared_ptr<serving::session_context> context,
              serving::net::ssl::context& tls);

 protected:
  void start_handshake() override;
  void start_shutdown() override;

 private:
  void on_tls_handshake(serving::beast::error_code ec);
  void on_tls_shutdown(serving::beast::error_code ec);
};

/// Each connection is what the settings say at its beginning: TLS or plain.
class STELE_API secure_factory final : public serving::session_factory {
 public:
  explicit secure_factory(std::shared_ptr<reloader> follows) : follows_(std::move(follows)) {}

  std::shared_ptr<serving::session> make(
      serving::accepted from, std::shared_ptr<serving::session_context> context) override;

 private:
  std::shared_ptr<reloader> follows_;
};

}  // namespace stele::securing
