// receiver.hpp: who takes requests with bodies. An endpoint that has a receiver asks it instead of
// serving metrics: stele-agents has one for pushes. /-/healthy is the endpoint's own there, too.
//
//   class drops final : public receiver {
//     decision begin(request_type const& request, steady_clock::time_point began) override {
//       if (request.method() != http::verb::put) return
//       text_reply{http::status::method_not_allowed}; return std::make_unique<dropped_body>();
//     }
//   };
//   auto made = core::serve({}, options, {.receiver = std::make_shared<drops>()});
//
// A session asks begin() when a header has been read; then it reads the body, as far as there is
// room for it, and hands it over; then it waits for the reply, within request_time_max, else 503.
// Bodies come with a Content-Length or in chunks; `Expect: 100-continue` is answered. The whole
// request has to come within body_time_max, else 408. A client that vanishes in the middle of a
// body costs nothing but its session: the incoming ends.
//
// A refusal by begin() or make_room() closes the connection, unless all of the body has come.
//
// Threads: begin() and what an incoming has are called on the endpoint's strand and must not wait;
// a reply may be called on any thread, also when the client, or the endpoint, is gone.

#pragma once

#include <cstddef>
#include <memory>
#include <string_view>
#include <variant>

#include "serve/asio.hpp"
#include "serve/later_reply.hpp"
#include "serve/request.hpp"
#include "stele/api.hpp"

namespace stele::serving {

/// A body that is being received. Ends with its request, at the latest when it is answered.
class STELE_API incoming {
 public:
  virtual ~incoming();

  /// Asked before memory is taken for a body of so many bytes: in all, where that is known
  /// beforehand, else so far, and then again, and before take() for all of them. Not asked where a
  /// request has no body. Nothing: there is room; else the request is refused (413, 503).
  [[nodiscard]] virtual verdict make_room(std::size_t bytes) = 0;
  /// The whole body, valid during the call. The reply may be called in it. May throw
  /// std::bad_alloc, which closes the connection.
  virtual void take(std::string_view body, body_reply reply) = 0;
};

class STELE_API receiver {
 public:
  /// Why not, or who takes the body, which is not null.
  using decision = std::variant<refusal, std::unique_ptr<incoming>>;

  virtual ~receiver();

  /// `began`: when the request's first byte came. The request is valid during this call only. May
  /// throw std::bad_alloc, which closes the connection.
  [[nodiscard]] virtual decision begin(request_type const& request,
                                       steady_clock::time_point began) = 0;
};

}  // namespace stele::serving
