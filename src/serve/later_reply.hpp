// later_reply.hpp: an answer that may come later, from another thread: a guard's verdict, or what a
// receiver says of a body.
//
//   void take(std::string_view body, body_reply reply) override {
//     queue_.push([copy = std::string(body), reply] { reply({http::status::ok, {}, use(copy)}); });
//   }
//
// A copy is the same reply; the first call counts. One that is never called, or too late, costs its
// own request: 503 after request_time_max. Where memory is short, a request is answered as if its
// reply was never called. Most replies take none: it is the connection's. One to a body is sent at
// once where it is called on the strand.
//
// Threads: any, also when the client, or the endpoint, is gone.

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "serve/asio.hpp"
#include "stele/api.hpp"

namespace stele::serving {

class handler_memory;
class mailbox;
class session;
struct session_context;

struct text_reply {
  http::status status = http::status::ok;
  std::string fields{};  // further ones, each `name: value\r\n`
  std::string body{};    // plain text
};

using refusal = text_reply;

/// Why a request is refused; nothing: it is let through.
using verdict = std::optional<refusal>;

class STELE_API later_reply {
 public:
  /// `memory`: what a call needs; it is kept.
  later_reply(std::shared_ptr<session> const& asks, std::shared_ptr<session_context> const& context,
              std::shared_ptr<handler_memory> memory, std::uint64_t request) noexcept;

 protected:
  /// Has the session go on with a member function, if it still waits.
  template <class Said>
  [[gnu::visibility("hidden")]] void say(void (session::*then)(std::uint64_t, Said),
                                         Said said) const noexcept;
  /// Where this is the strand; else false, and nothing is done.
  template <class Said>
  [[nodiscard, gnu::visibility("hidden")]] bool say_here(void (session::*then)(std::uint64_t, Said),
                                                         Said& said) const noexcept;

 private:
  std::weak_ptr<session> asks_;
  std::shared_ptr<mailbox> posts_;  // not the context, which ends before its io_context
  std::shared_ptr<handler_memory> memory_;
  std::uint64_t request_;  // the session's, by its number
};

/// Where a verdict goes that comes later.
class STELE_API guard_reply : public later_reply {
 public:
  using later_reply::later_reply;
  void operator()(verdict said) const noexcept;
};

/// Where the answer to a body goes.
class STELE_API body_reply : public later_reply {
 public:
  using later_reply::later_reply;
  void operator()(text_reply said) const noexcept;
};

}  // namespace stele::serving
