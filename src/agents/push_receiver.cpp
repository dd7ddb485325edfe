#include "agents/push_receiver.hpp"

#include <boost/beast/http/field.hpp>
#include <boost/beast/http/verb.hpp>

#include <charconv>
#include <chrono>
#include <exception>
#include <iterator>
#include <optional>
#include <utility>

#include "agents/agents_epoch.hpp"
#include "agents/body_text.hpp"
#include "core/pushes.hpp"
#include "secure/authorization.hpp"
#include "stele/clock.hpp"

namespace stele::pushing {

using namespace serving;

namespace {

using core::pushes::count;
using counted = core::pushes::result;
using scheme = securing::credentials::scheme;

constexpr std::string_view paths =
    "expected /metrics/job/<JOB>/user_id/<USER>/workspace_id/<WORKSPACE>{/<LABEL>/<VALUE>}, which "
    "takes PUT, POST and DELETE, or /-/healthy; saw another path\n";

/// Of two fields neither can be told to be meant: it is as if there were none.
securing::credentials credentials_of(request_type const& request) {
  auto const [begin, end] = request.equal_range(http::field::authorization);
  if (begin == end || std::next(begin) != end) return {};
  return securing::read_authorization(to_std(begin->value()));
}

refusal unauthorized(std::string_view why) {
  return {http::status::unauthorized,
          "WWW-Authenticate: Bearer realm=\"agents\"\r\n"
          "WWW-Authenticate: Basic realm=\"agents\", charset=\"UTF-8\"\r\n",
          std::string(why)};
}

refusal not_allowed(std::string_view methods) {
  return {http::status::method_not_allowed, std::string("Allow: ").append(methods).append("\r\n"),
          std::string("expected ").append(methods).append(", saw another method\n")};
}

bool same_letters(std::string_view a, std::string_view lower) noexcept {
  if (a.size() != lower.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    char const c = a[i] >= 'A' && a[i] <= 'Z' ? static_cast<char>(a[i] - 'A' + 'a') : a[i];
    if (c != lower[i]) return false;
  }
  return true;
}

/// Whether a body is gzipped; nothing where its coding is not taken.
std::optional<bool> is_gzipped(request_type const& request) {
  auto const [begin, end] = request.equal_range(http::field::content_encoding);
  if (begin == end) return false;
  if (std::next(begin) != end) return std::nullopt;
  std::string_view const coding = to_std(begin->value());
  if (same_letters(coding, "gzip")) return true;
  if (coding.empty() || same_letters(coding, "identity")) return false;
  return std::nullopt;
}

refusal malformed(std::string_view why) {
  count(counted::malformed);
  return {http::status::bad_request, {}, std::string(why).append("\n")};
}

refusal refused_key(error const& why) {
  auto const status = static_cast<http::status>(status_of_key(why));
  if (status == http::status::bad_request) return malformed(why.message);
  count(status == http::status::payload_too_large ? counted::too_large : counted::limit);
  return {status, {}, why.message + "\n"};
}

/// When a request began, by the system's clock: it is told from how long ago that was, so that the
/// clock may be set meanwhile.
epoch arrival(steady_clock::time_point began) noexcept {
  auto const ago =
      std::chrono::duration_cast<std::chrono::milliseconds>(steady_clock::now() - began);
  return core::unix_milliseconds() - ago.count();
}

/// `Stele-Epoch`. False where there is one that an agent may not say.
bool read_epoch(request_type const& request, std::optional<epoch>& to) {
  auto const found = request.find("Stele-Epoch");
  if (found == request.end()) return true;
  std::string_view const text = to_std(found->value());
  epoch value = 0;
  auto const [stop, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failed != std::errc() || stop != text.data() + text.size()) return false;
  if (!is_agents_epoch(value, core::unix_milliseconds())) return false;
  to = value;
  return true;
}

/// `Stele-Instance` of a peer; 0 where there is none that is a number.
std::uint64_t instance_of(request_type const& request) noexcept {
  std::string_view const text = to_std(request["Stele-Instance"]);
  std::uint64_t value = 0;
  auto const [stop, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  return failed == std::errc() && stop == text.data() + text.size() ? value : 0;
}

/// Why a group is not the token's own; nothing where it is.
std::string foreign(grouping_key const& key, agent_identity const& who) {
  struct part {
    std::string_view name;
    std::string_view own;
  };
  for (part const& each : {part{"user_id", who.user_id}, part{"workspace_id", who.workspace_id}}) {
    std::string_view const seen = key.value(each.name);
    if (seen != each.own)
      return std::string("expected the path to have /")
          .append(each.name)
          .append("/")
          .append(each.own)
          .append(", which is the token's own, saw ")
          .append(seen.empty() ? "none" : quoted(seen))
          .append("\n");
  }
  return {};
}

/// Of all claims that come in: agents that push much delay none, nor do claims a push. A peer sends
/// one request at a time.
constexpr std::size_t claims_receiving_bytes_max = 16 * claims_bytes_max;

/// Bytes of a body that comes in, within a bound for all of them.
class reserved_bytes {
 public:
  reserved_bytes(std::size_t& of_all, std::size_t bytes_max) noexcept
      : of_all_(of_all), bytes_max_(bytes_max) {}
  ~reserved_bytes() { of_all_ -= bytes_; }
  reserved_bytes(reserved_bytes const&) = delete;
  reserved_bytes& operator=(reserved_bytes const&) = delete;

  /// False where there is no room; what was reserved before stays so.
  [[nodiscard]] bool reserve(std::size_t bytes) noexcept {
    if (bytes <= bytes_) return true;
    if (of_all_ - bytes_ + bytes > bytes_max_) return false;
    of_all_ += bytes - bytes_;
    bytes_ = bytes;
    return true;
  }

 private:
  std::size_t& of_all_;
  std::size_t const bytes_max_;
  std::size_t bytes_ = 0;
};

}  // namespace

// ---- Bodies -------------------------------------------------------------------------------------

class push_receiver::pushed_body final : public incoming {
 public:
  pushed_body(push_receiver& of, push_head head, std::string_view content_type, bool gzip)
      : of_(of),
        room_(of.receiving_bytes_, of.limits_.receiving_bytes_max),
        head_(std::move(head)),
        content_type_(content_type),
        gzip_(gzip) {}
  ~pushed_body() override {
    if (!ended_) count(counted::cut);
  }

  verdict make_room(std::size_t bytes) override {
    if (bytes > of_.limits_.body_bytes_max) {
      end_as(counted::too_large);
      return too_large(of_.limits_.body_bytes_max);
    }
    if (room_.reserve(bytes)) return std::nullopt;
    end_as(counted::queue_full);
    return service_unavailable("too much is coming in at once; push again");
  }

  void take(std::string_view body, body_reply reply) override {
    ended_ = true;
    auto answers = [reply = std::move(reply)](answer said) { reply(std::move(said)); };
    if (head_.removes)
      of_.desk_.remove(std::move(head_), std::move(answers));
    else
      of_.desk_.take(std::move(head_), body, content_type_, gzip_, std::move(answers));
  }

 private:
  void end_as(counted what) {
    ended_ = true;
    count(what);
  }

  push_receiver& of_;
  reserved_bytes room_;
  push_head head_;
  std::string const content_type_;
  bool const gzip_;
  bool ended_ = false;
};

/// The agents' limits are not for it: a peer whose claims are refused sends the same ones again.
class push_receiver::claims_body final : public incoming {
 public:
  claims_body(push_receiver& of, std::uint64_t of_instance)
      : of_(of),
        of_instance_(of_instance),
        room_(of.claims_receiving_bytes_, claims_receiving_bytes_max) {}

  verdict make_room(std::size_t bytes) override {
    if (bytes > claims_bytes_max)
      return answer{http::status::payload_too_large,
                    {},
                    "expected claims of at most " + std::to_string(claims_bytes_max) +
                        " bytes, saw more; send them in several requests\n"};
    if (room_.reserve(bytes)) return std::nullopt;
    return service_unavailable("too many claims are coming in at once; claim again");
  }
  void take(std::string_view body, body_reply reply) override {
    reply(of_.peers_->take(body, of_instance_));
  }

 private:
  push_receiver& of_;
  std::uint64_t const of_instance_;
  reserved_bytes room_;
};

// ---- Headers ------------------------------------------------------------------------------------

receiver::decision push_receiver::begin(request_type const& request,
                                        steady_clock::time_point began) {
  std::string_view const target = to_std(request.target());
  std::string_view const path = target.substr(0, target.find('?'));
  if (is_push_path(path)) return begin_push(request, path, began);
  if (path == claims_path && peers_ != nullptr) return begin_claims(request);
  return refusal{http::status::not_found, {}, std::string(paths)};
}

receiver::decision push_receiver::begin_push(request_type const& request, std::string_view path,
                                             steady_clock::time_point began) {
  push_head head;
  switch (request.method()) {
    case http::verb::put: head.how = replace::all; break;
    case http::verb::post: head.how = replace::families; break;
    case http::verb::delete_: head.removes = true; break;
    default: return not_allowed("PUT, POST, DELETE");
  }
  if (!find(request, head.who)) {
    count(counted::unauthorized);
    return unauthorized(
        "expected an agent's token, as `Authorization: Bearer TOKEN` or as the password of Basic, "
        "saw none that is known\n");
  }
  auto key = read_grouping_key(path, limits_.of_push);
  if (!key) return refused_key(key.error());
  if (auto const why = foreign(*key, head.who); !why.empty()) {
    count(counted::forbidden);
    return refusal{http::status::forbidden, {}, why};
  }
  head.key = *std::move(key);
  auto const gzip = is_gzipped(request);
  if (!gzip) {
    count(counted::unsupported);
    return refusal{http::status::unsupported_media_type, "Accept-Encoding: gzip, identity\r\n",
                   "expected Content-Encoding gzip or identity, saw another\n"};
  }
  if (!read_epoch(request, head.agents_epoch))
    return malformed("Stele-Epoch: " + std::string(agents_epoch_words));
  head.arrived = arrival(began);
  return std::make_unique<pushed_body>(*this, std::move(head),
                                       to_std(request[http::field::content_type]), *gzip);
}

receiver::decision push_receiver::begin_claims(request_type const& request) {
  if (request.method() != http::verb::post) return not_allowed("POST");
  auto const said = credentials_of(request);
  if (said.is != scheme::bearer || !peers_->knows(said.secret))
    return unauthorized("expected a peer's token, saw none that is known\n");
  return std::make_unique<claims_body>(*this, instance_of(request));
}

bool push_receiver::find(request_type const& request, agent_identity& to) try {
  auto const said = credentials_of(request);
  return said.is != scheme::none && !said.secret.empty() && who_.find(said.secret, to);
} catch (std::exception const&) {  // a directory's own
  return false;
}

}  // namespace stele::pushing
