// guard.hpp: who may ask. stele-secure has guards; a plain endpoint has none, and answers everyone.
//
//   class closed final : public guard {
//     std::optional<verdict> ask(request_type const&, guard_reply) override {
//       return refusal{http::status::unauthorized, "WWW-Authenticate: Basic\r\n",
//       "Unauthorized\n"};
//     }
//   };
//
// A guard is asked once a request, when its header has been read and before anything else is
// decided, so that it answers for paths that do not exist, too. What takes time (bcrypt takes 70
// ms) belongs on another thread: ask() then returns nothing, and the reply is called later. A reply
// that is never called, or too late, costs its own request: 503 after request_time_max.
//
// Threads: ask() is called on the endpoint's strand and must not wait; a reply may be called on any
// thread, also when the client, or the endpoint, is gone. fields() is called on the strand, too.

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "serve/asio.hpp"
#include "serve/request.hpp"
#include "stele/api.hpp"

namespace stele::serving {

class mailbox;
class session;
struct session_context;

struct refusal {
  http::status status = http::status::unauthorized;
  std::string fields;  // further ones, each `name: value\r\n`
  std::string body;    // plain text
};

/// Why a request is refused; nothing: it is let through.
using verdict = std::optional<refusal>;

/// Where a verdict goes that comes later. A copy is the same reply; the first call counts.
class STELE_API guard_reply {
 public:
  guard_reply(std::shared_ptr<session> const& asks, std::shared_ptr<session_context> const& context,
              std::uint64_t request) noexcept;

  /// Where memory is short the request is answered as if this was never called.
  void operator()(verdict said) const noexcept;

 private:
  std::weak_ptr<session> asks_;
  std::shared_ptr<mailbox> posts_;  // not the context, which ends before its io_context
  std::uint64_t request_;           // the session's, by its number
};

class STELE_API guard {
 public:
  virtual ~guard();

  /// The verdict, or nothing where `reply` is called with it. The request is valid during this call
  /// only. May throw std::bad_alloc, which closes the connection.
  [[nodiscard]] virtual std::optional<verdict> ask(request_type const& request,
                                                   guard_reply reply) = 0;

  /// Fields of every answer, each `name: value\r\n`; may be null. They may change from call to
  /// call. An answer that has a field of that name, spelled alike, keeps its own: of two
  /// Content-Security-Policies a browser takes what both allow, which on a page may be nothing.
  [[nodiscard]] virtual std::shared_ptr<std::string const> fields() const;
};

}  // namespace stele::serving
