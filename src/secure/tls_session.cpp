#include "secure/tls_session.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <string_view>
#include <utility>

namespace stele::securing {

using namespace serving;

namespace {

/// A step of this session, as its base takes it.
using step = void (session::*)(beast::error_code);

}  // namespace

tls_session::tls_session(accepted from, std::shared_ptr<session_context> context,
                         net::ssl::context& tls)
    : stream_session(std::move(from.noted), std::move(context), std::move(from.socket), tls) {}

void tls_session::start_handshake() {
  stream().async_handshake(net::ssl::stream_base::server,
                           bound(static_cast<step>(&tls_session::on_tls_handshake)));
}

/// One that speaks HTTP to this port is told so, in its own words, as exporters do it.
void tls_session::on_tls_handshake(beast::error_code ec) {
  if (ec.category() == net::error::get_ssl_category() &&
      ERR_GET_REASON(static_cast<unsigned long>(ec.value())) == SSL_R_HTTP_REQUEST) {
    constexpr std::string_view answer =
        "HTTP/1.0 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
        "this endpoint expects HTTPS, and saw HTTP; use https:// (scheme: https)\n";
    (void)!::send(socket().native_handle(), answer.data(), answer.size(),
                  MSG_NOSIGNAL | MSG_DONTWAIT);
  }
  on_handshake(ec);
}

/// TLS has an end of its own, which tells a whole body from a cut one.
void tls_session::start_shutdown() {
  stream().async_shutdown(bound(static_cast<step>(&tls_session::on_tls_shutdown)));
}

void tls_session::on_tls_shutdown(beast::error_code) { end_sending(); }

std::shared_ptr<session> secure_factory::make(accepted from,
                                              std::shared_ptr<session_context> context) {
  auto const now = follows_->current();
  if (!now->tls) return std::make_shared<plain_session>(std::move(from), std::move(context));
  SSL_CTX_up_ref(now->tls.get());  // which the wrapper gives back
  net::ssl::context tls(now->tls.get());
  return std::make_shared<tls_session>(std::move(from), std::move(context), tls);
}

}  // namespace stele::securing
