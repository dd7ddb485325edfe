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
// ms) belongs on another thread: ask() then returns nothing, and the reply is called later.
//
// Threads: ask() is called on the endpoint's strand and must not wait; a reply may be called on any
// thread (later_reply.hpp). fields() is called on the strand, too.

#pragma once

#include <memory>
#include <optional>
#include <string>

#include "serve/later_reply.hpp"
#include "serve/request.hpp"
#include "stele/api.hpp"

namespace stele::serving {

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
