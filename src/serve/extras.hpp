// extras.hpp: what a library beside stele-serve adds to an endpoint: how an accepted socket becomes
// a session (TLS), who may ask (authentication), and who takes what is sent (pushes).
//
//   auto made = core::serve(tables, options, {.factory = tls, .guard = passwords});
//
// Threads: a factory is called on the endpoint's strand.

#pragma once

#include <memory>
#include <span>

#include "serve/asio.hpp"
#include "serve/fork.hpp"
#include "serve/guard.hpp"
#include "serve/receiver.hpp"
#include "stele/serve.hpp"

namespace stele::serving {

/// A connection that was accepted.
struct accepted {
  parents_socket noted;  // ends after the socket is closed
  plain_socket socket;
};

class STELE_API session_factory {
 public:
  virtual ~session_factory();

  /// A session that has not begun, or null: the connection is closed. May throw std::bad_alloc.
  [[nodiscard]] virtual std::shared_ptr<session> make(accepted from,
                                                      std::shared_ptr<session_context> context) = 0;
};

struct serve_extras {
  std::shared_ptr<session_factory> factory{};  // null: plain connections
  std::shared_ptr<serving::guard> guard{};     // null: everyone may ask
  /// Null: metrics are served. Where there is one it gets all requests, and no table is needed.
  std::shared_ptr<serving::receiver> receiver{};
};

}  // namespace stele::serving

namespace stele::core {

/// On a thread of the endpoint's own, or on `io`, which then is run by its owner.
STELE_API result<endpoint> serve(std::span<table_link* const> tables, serve_options const& options,
                                 serving::serve_extras extras,
                                 boost::asio::io_context* io = nullptr);

}  // namespace stele::core
