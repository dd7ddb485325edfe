#include "push/sender.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <string_view>
#include <system_error>
#include <utility>

#include "core/absolute_path.hpp"
#include "core/pending_gather.hpp"
#include "expose/gzip.hpp"
#include "push/secret.hpp"

namespace stele::sending {

namespace {

constexpr std::int64_t ns_per_ms = 1'000'000;

std::optional<error> objection_to_ca(std::string const& file) {
  if (file.empty() || ::access(file.c_str(), R_OK) == 0) return std::nullopt;
  std::error_code const code(errno, std::generic_category());
  return error{code, "push: expected .ca_file to be a readable file of PEM certificates, saw '" +
                         code.message() + "' of " + file + "; correct it"};
}

struct status_fix {
  unsigned status;
  std::string_view fix;
};
constexpr status_fix status_fixes[]{
    {400, "see what the server objects to"},
    {401, "set .token or .token_file to a token that it knows"},
    {403, "push the group that the token is for"},
    {404, "see whether .url is what speaks the Pushgateway's protocol, with its prefix"},
    {405, "see whether .url is what speaks the Pushgateway's protocol, with its prefix"},
    {409, "connect to the instance that has the workspace now"},
    {413, "push fewer series, or raise the server's limit"},
    {415, "leave .gzip and .body out"},
    {429, "push less, or raise the server's limit"},
    {503, "wait, or see what keeps the server"},
};

std::string_view fix_of(unsigned status) noexcept {
  auto const* const found = std::ranges::find(status_fixes, status, &status_fix::status);
  if (found != std::end(status_fixes)) return found->fix;
  return status / 100 == 3 ? "name in .url where it leads to" : "see the server's own log";
}

/// The beginning of what a server said, as a part of one line.
std::string in_one_line(std::string_view text) {
  constexpr std::size_t bytes_max = 400;
  std::string made(text.substr(0, bytes_max));
  while (!made.empty() && (made.back() == '\n' || made.back() == '\r')) made.pop_back();
  std::ranges::replace_if(
      made, [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; }, ' ');
  if (text.size() > bytes_max) made += "…";
  return made;
}

class http_status final : public std::error_category {
 public:
  [[nodiscard]] char const* name() const noexcept override { return "http status"; }
  [[nodiscard]] std::string message(int status) const override {
    return "HTTP status " + std::to_string(status);
  }
};

std::string_view type_of(format which) noexcept { return content_type(which); }

void compress(std::string& text) {
  exposition::gzip_encoder gzip;
  std::string packed;
  bool taken = false;
  auto const from = [&] {
    return std::exchange(taken, true) ? std::string_view() : std::string_view(text);
  };
  for (auto chunk = gzip.next(from); !chunk.empty(); chunk = gzip.next(from)) packed.append(chunk);
  text = std::move(packed);
}

}  // namespace

result<std::unique_ptr<sender>> sender::make(std::span<core::table_link* const> tables,
                                             push_options const& options) {
  auto to = target_of(options);
  if (!to) return to.error();
  if (auto objection = objection_to(options)) return *std::move(objection);
  std::unique_ptr<sender> made(new sender(tables, options, *std::move(to)));
  if (auto objection = objection_to_ca(made->ca_file_)) return *std::move(objection);
  if (!made->token_file_.empty())
    if (auto const token = read_secret(made->token_file_); !token) return token.error();
  bool const has_token = !made->token_.empty() || !made->token_file_.empty();
  if (has_token && !made->to_.is_local && !made->to_.is_tls)
    core::report(made->reports_, diagnostic::kind::configuration, "",
                 "push: the token goes to " + made->to_.url +
                     " as anyone on the way can read it; use https");
  return made;
}

sender::sender(std::span<core::table_link* const> tables, push_options const& options, target to)
    : tables_(tables),
      options_(options),
      to_(std::move(to)),
      token_(options.token),
      token_file_(core::absolute_path(options.token_file)),
      user_(options.user),
      ca_file_(core::absolute_path(options.ca_file)) {
  options_.url = options_.job = options_.token = options_.token_file = {};  // not ours
  options_.user = options_.ca_file = {};
}

void sender::end_by(std::int64_t until) noexcept {
  ends_by_ = until;
  wake();
}

outcome sender::send(sending_what what, std::int64_t until) {
  outcome failed{.again = true};
  auto asked = request(what, until, failed);
  if (!asked) return failed;
  std::int64_t const left = std::min(until, ends_by()) - core::steady_now();
  asked->request_ms_max =
      std::clamp<std::int64_t>(left / ns_per_ms, 1, options_.request_time_max.count());
  asked->connect_ms_max = std::min(asked->request_ms_max, options_.connect_time_max.count());
  client_.start(++tag_, *std::move(asked));
  for (;;) {
    auto ended = client_.wait(ends_by());
    if (ended && ended->tag == tag_) return judge(std::move(ended->answer));
    if (core::steady_now() < ends_by()) continue;  // it was woken
    failed.failure = {std::make_error_code(std::errc::timed_out),
                      "push: expected " + to_.url +
                          " to answer before .stop_time_max was over, saw nothing; see what "
                          "keeps it, or raise .stop_time_max"};
    failed.again = false;
    return failed;
  }
}

/// None where it fails.
std::optional<http_request> sender::request(sending_what what, std::int64_t until,
                                            outcome& failed) {
  http_request made{.url = to_.url, .ca_file = ca_file_, .no_proxy = to_.is_local};
  std::string token = token_;
  if (!token_file_.empty()) {
    auto read = read_secret(token_file_);
    if (!read) {
      failed.failure = read.error();
      return std::nullopt;
    }
    token = *std::move(read);
  }
  if (what == sending_what::removal) {
    made.method = "DELETE";
  } else {
    made.method = options_.method == push_method::put ? "PUT" : "POST";
    if (!render(what, until, made.body)) {
      failed.given_up = true;
      failed.failure = {std::make_error_code(std::errc::operation_canceled),
                        "push: expected time for callbacks, saw the end"};
      return std::nullopt;
    }
    made.fields.push_back("Content-Type: " + std::string(type_of(options_.body)));
    if (options_.gzip) {
      compress(made.body);
      made.fields.emplace_back("Content-Encoding: gzip");
    }
  }
  if (options_.epoch != 0) made.fields.push_back("Stele-Epoch: " + std::to_string(options_.epoch));
  if (!user_.empty()) {
    made.user = user_;
    made.password = std::move(token);
  } else if (!token.empty()) {
    made.fields.push_back("Authorization: Bearer " + token);
  }
  return made;
}

/// False where the end came before callbacks had ended. Callbacks of a last push have half of its
/// time, so that one that hangs does not cost the push.
bool sender::render(sending_what what, std::int64_t until, std::string& to) {
  using std::chrono::nanoseconds;
  std::int64_t const left =
      std::max<std::int64_t>((std::min(until, ends_by()) - core::steady_now()) / 2, 0);
  std::int64_t const time = std::min(options_.callback_time_max.count() * ns_per_ms, left);
  auto const deadline = core::deadline_clock::now() + nanoseconds(time);
  core::pending_gather gather(tables_, deadline, this);
  while (!gather.ended()) {
    if (ends() && what == sending_what::values) return false;
    auto const pause = gather.next_check() - core::deadline_clock::now();
    client_.wait(core::steady_now() + std::chrono::duration_cast<nanoseconds>(pause).count());
  }
  expose(gather.take(), options_.body, [&](std::string_view chunk) { to.append(chunk); });
  return true;
}

outcome sender::judge(http_answer answer) const {
  outcome made;
  if (answer.status / 100 == 2) {
    made.took = true;
    made.answer = {answer.status, std::move(answer.body)};
    return made;
  }
  if (answer.status == 0) {
    made.again = !answer.is_lasting;
    made.failure = {answer.code, "push: expected " + to_.url + " to answer, saw '" + answer.saw +
                                     "'; " + answer.fix};
    return made;
  }
  made.again = answer.status / 100 == 5 || answer.status == 429;
  made.retry_after_ms = answer.retry_after_ms;
  std::string text("push: expected ");
  text.append(to_.url).append(" to take it, saw ").append(std::to_string(answer.status));
  if (!answer.body.empty()) text.append(" '").append(in_one_line(answer.body)).append("'");
  made.failure = {std::error_code(static_cast<int>(answer.status), http_status_category()),
                  text.append("; ").append(fix_of(answer.status))};
  return made;
}

void sender::report(outcome const& seen, std::string_view next) {
  if (!seen.took)
    core::report(reports_, diagnostic::kind::push, "",
                 seen.failure.message + std::string(next.empty() ? "" : "; ") + std::string(next));
  else if (!seen.answer.body.empty())
    core::report(reports_, diagnostic::kind::push, "",
                 "push: expected " + to_.url + " to take it without a word, saw " +
                     std::to_string(seen.answer.status) + " '" + in_one_line(seen.answer.body) +
                     "'; see which families it refused");
}

}  // namespace stele::sending

namespace stele {

std::error_category const& http_status_category() noexcept {
  static sending::http_status const made;
  return made;
}

}  // namespace stele
