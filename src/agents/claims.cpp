#include "agents/claims.hpp"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <deque>
#include <exception>
#include <iterator>
#include <list>
#include <mutex>
#include <new>
#include <thread>
#include <unordered_map>
#include <utility>

#include "core/diagnostics.hpp"
#include "push/backoff.hpp"
#include "push/http_client.hpp"
#include "push/threads.hpp"
#include "stele/clock.hpp"

namespace stele::pushing {

namespace {

constexpr std::int64_t ns_per_ms = 1'000'000;
constexpr std::int64_t first_pause_ms = 200;
constexpr std::int64_t longest_pause_ms = 5'000;

struct waiting_claim {
  claim_line what;
  std::int64_t until;  // of the steady clock: the peer has dropped the workspace by itself
};

/// What a line has at most: three bytes a byte, an epoch, a blank, the line's end.
std::size_t bytes_of(waiting_claim const& of) noexcept {
  return 3 * of.what.workspace_id.size() + 22;
}

struct peer {
  peer(std::uint64_t place, std::string const& at, std::int64_t pause_ms)
      : tag(place),
        url(at + std::string(claims_path)),
        pauses(std::max(first_pause_ms, pause_ms), std::max(longest_pause_ms, pause_ms)) {}

  std::uint64_t const tag;  // its place among the peers
  std::string const url;
  bool const is_local = sending::leads_to_this_machine(url);

  // Guarded by the mutex. The oldest first.
  std::list<waiting_claim> waiting;
  std::unordered_map<std::string_view, std::list<waiting_claim>::iterator> by_workspace;

  // The thread's own.
  std::list<waiting_claim> sent;  // of the request under way
  bool is_busy = false;
  std::int64_t due = 0;
  sending::backoff pauses;
  core::report_limit reports;
};

}  // namespace

class claims::impl {
 public:
  impl(claim_settings settings, on_refusal refused)
      : settings_(std::move(settings)), refused_(std::move(refused)), token_(settings_.token) {
    for (std::string at : settings_.peers) {
      while (at.ends_with('/')) at.pop_back();
      peers_.emplace_back(peers_.size(), at, settings_.pause_ms);
    }
    if (!peers_.empty()) thread_ = sending::start_without_signals([this] { run(); });
  }
  ~impl() { stop(); }
  impl(impl const&) = delete;
  impl& operator=(impl const&) = delete;

  void use_token(std::string token) noexcept {
    std::lock_guard const lock(mutex_);
    token_ = std::move(token);
  }

  void claim(std::string_view workspace_id, epoch since) {
    std::int64_t const until = core::steady_now() + settings_.ttl_ms * ns_per_ms;
    {
      std::lock_guard const lock(mutex_);
      if (stopped_) return;
      for (peer& each : peers_) add(each, {{since, std::string(workspace_id)}, until});
    }
    client_.wake();
  }

  [[nodiscard]] claim_counts counts() const {
    std::lock_guard const lock(mutex_);
    claim_counts made = counts_;
    for (peer const& each : peers_) made.waiting += each.waiting.size();
    made.waiting += sent_now_;
    return made;
  }

  void stop() noexcept {
    {
      std::lock_guard const lock(mutex_);
      if (std::exchange(stopped_, true)) return;
    }
    client_.wake();
    if (thread_.joinable()) thread_.join();
    std::lock_guard const lock(mutex_);
    for (peer& each : peers_) {
      counts_.failed += each.waiting.size() + each.sent.size();
      each.by_workspace.clear();
      each.waiting.clear();
      each.sent.clear();
    }
    sent_now_ = 0;
  }

  [[nodiscard]] bool is_here() const noexcept { return process_ == ::getpid(); }

 private:
  /// Behind all others, unless a later one of the workspace waits. Holds the mutex.
  void add(peer& to, waiting_claim one) {
    if (auto const found = to.by_workspace.find(one.what.workspace_id);
        found != to.by_workspace.end()) {
      if (found->second->what.since > one.what.since) return;
      found->second->what.since = one.what.since;
      found->second->until = one.until;
      to.waiting.splice(to.waiting.end(), to.waiting, found->second);
      return;
    }
    to.waiting.push_back(std::move(one));
    note(to, std::prev(to.waiting.end()));
    if (to.waiting.size() <= settings_.waiting_max) return;
    forget_oldest(to);
    ++counts_.failed;
    ++gave_up_;
  }
  static void note(peer& to, std::list<waiting_claim>::iterator one) {
    try {
      to.by_workspace.emplace(one->what.workspace_id, one);
    } catch (...) {
      to.waiting.erase(one);
      throw;
    }
  }
  static void forget_oldest(peer& of) noexcept {
    of.by_workspace.erase(of.waiting.front().what.workspace_id);
    of.waiting.pop_front();
  }

  void run() noexcept {
    for (;;) try {
        std::int64_t next = sending::forever;
        for (peer& each : peers_) {
          if (!give_up_old(each)) return;
          if (each.is_busy) continue;
          std::int64_t const due = start_if_due(each);
          next = std::min(next, due);
        }
        if (auto ended = client_.wait(next)) finish(peers_[ended->tag], std::move(ended->answer));
      } catch (std::exception const&) {
        // No memory: what was under way is tried again; meanwhile others may give some back.
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
      }
  }

  /// False where stop() was called.
  bool give_up_old(peer& of) {
    std::int64_t const now = core::steady_now();
    std::size_t old = 0;
    {
      std::lock_guard const lock(mutex_);
      if (stopped_) return false;
      for (; !of.waiting.empty() && of.waiting.front().until <= now; ++old) forget_oldest(of);
      counts_.failed += old;
      old += std::exchange(gave_up_, 0);
    }
    if (old != 0)
      core::report(of.reports, diagnostic::kind::push, "",
                   "claims: expected " + of.url + " to take note of all workspaces, saw " +
                       std::to_string(old) +
                       " given up, whose series it has until their time to live is over; see "
                       "whether the peer runs, or take it out");
    return true;
  }

  /// When to look again; never where nothing waits, or a request began.
  std::int64_t start_if_due(peer& to) {
    {
      std::lock_guard const lock(mutex_);
      if (to.waiting.empty()) return sending::forever;
      if (core::steady_now() < to.due) return std::min(to.due, to.waiting.front().until);
      std::size_t bytes = 0;
      while (!to.waiting.empty()) {
        auto const one = to.waiting.begin();
        bytes += bytes_of(*one);
        if (bytes > claims_bytes_max && !to.sent.empty()) break;
        to.by_workspace.erase(one->what.workspace_id);
        to.sent.splice(to.sent.end(), to.waiting, one);
        ++sent_now_;
      }
    }
    try {
      client_.start(to.tag, request(to));
      to.is_busy = true;
    } catch (...) {
      put_back(to);
      to.due = core::steady_now() + to.pauses.next_ms() * ns_per_ms;
      throw;
    }
    return sending::forever;
  }

  [[nodiscard]] sending::http_request request(peer const& to) const {
    sending::http_request made{.method = "POST",
                               .url = to.url,
                               .ca_file = settings_.ca_file,
                               .no_proxy = to.is_local,
                               .request_ms_max = settings_.request_ms_max,
                               .answer_bytes_max = 2 * claims_bytes_max};
    for (waiting_claim const& each : to.sent)
      append_claim(made.body, each.what.since, each.what.workspace_id);
    made.fields.emplace_back("Content-Type: text/plain; charset=utf-8");
    if (settings_.instance != 0)
      made.fields.push_back("Stele-Instance: " + std::to_string(settings_.instance));
    std::lock_guard const lock(mutex_);
    if (!token_.empty()) made.fields.push_back("Authorization: Bearer " + token_);
    return made;
  }

  void finish(peer& of, sending::http_answer answer) {
    of.is_busy = false;
    bool const took = answer.status / 100 == 2;
    std::int64_t const named = std::min(answer.retry_after_ms, settings_.ttl_ms);
    std::int64_t const pause = took ? settings_.pause_ms : std::max(of.pauses.next_ms(), named);
    of.due = core::steady_now() + pause * ns_per_ms;
    if (!took) {
      put_back(of);
      return report_failure(of, answer);
    }
    of.pauses.reset();
    std::list<waiting_claim> told;
    {
      std::lock_guard const lock(mutex_);
      told = std::exchange(of.sent, {});
      sent_now_ -= told.size();
      counts_.sent += told.size();
      ++counts_.requests;
    }
    if (!answer.body.empty()) hand_out_refusals(of, told, answer);
  }

  /// What was sent and not taken waits again, as old as it is, unless a later claim of the
  /// workspace does.
  void put_back(peer& of) {
    std::lock_guard const lock(mutex_);
    sent_now_ -= of.sent.size();
    while (!of.sent.empty()) {
      auto const last = std::prev(of.sent.end());
      if (of.by_workspace.contains(last->what.workspace_id)) {
        of.sent.erase(last);
        continue;
      }
      of.waiting.splice(of.waiting.begin(), of.sent, last);
      try {
        note(of, of.waiting.begin());
      } catch (std::bad_alloc const&) {
        ++counts_.failed;
      }
    }
  }

  void report_failure(peer& of, sending::http_answer const& answer) {
    {
      std::lock_guard const lock(mutex_);
      ++counts_.requests;
    }
    std::string text("claims: expected ");
    text.append(of.url).append(" to take note, saw ");
    if (answer.status == 0)
      text.append("'").append(answer.saw).append("'; ").append(answer.fix);
    else
      text.append(std::to_string(answer.status))
          .append(answer.status == 401 || answer.status == 403
                      ? "; give this instance the token that its peers expect"
                      : "; see the peer's own log");
    core::report(of.reports, diagnostic::kind::push, "", text);
  }

  void hand_out_refusals(peer& of, std::list<waiting_claim> const& told,
                         sending::http_answer const& answer) {
    auto const read = read_claims(answer.body);
    if (!answer.is_whole || !read) {
      core::report(of.reports, diagnostic::kind::push, "",
                   "claims: expected " + of.url + " to name claims that it refuses, saw " +
                       (read ? "an answer that is too long" : read.error().message) +
                       "; see whether the peer is one of the same version");
      return;
    }
    std::unordered_map<std::string_view, epoch> asked;
    for (waiting_claim const& each : told) asked.emplace(each.what.workspace_id, each.what.since);
    for (claim_line const& each : *read) {
      auto const found = asked.find(each.workspace_id);
      if (found == asked.end() || each.since < found->second) continue;  // not what was asked
      {
        std::lock_guard const lock(mutex_);
        ++counts_.refused;
      }
      if (refused_) refused_(each);
    }
  }

  claim_settings const settings_;
  on_refusal const refused_;
  std::deque<peer> peers_;  // which stay where they are
  mutable std::mutex mutex_;
  std::string token_;
  claim_counts counts_;
  std::size_t sent_now_ = 0;
  std::size_t gave_up_ = 0;  // since the last report: there were too many
  bool stopped_ = false;
  sending::http_client client_;
  pid_t const process_ = ::getpid();
  std::thread thread_;
};

claims::claims(claim_settings settings, on_refusal refused)
    : impl_(std::make_unique<impl>(std::move(settings), std::move(refused))) {}
claims::~claims() {
  // A forked child has no thread to join.
  if (!impl_->is_here()) static_cast<void>(impl_.release());
}
void claims::use_token(std::string token) noexcept {
  if (impl_->is_here()) impl_->use_token(std::move(token));
}
void claims::claim(std::string_view workspace_id, epoch since) {
  if (impl_->is_here()) impl_->claim(workspace_id, since);
}
claim_counts claims::counts() const { return impl_->is_here() ? impl_->counts() : claim_counts{}; }
void claims::stop() noexcept {
  if (impl_->is_here()) impl_->stop();
}

}  // namespace stele::pushing
