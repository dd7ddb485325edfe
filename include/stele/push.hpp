// push.hpp: a process that nobody scrapes, an agent or a batch job, sends its table's values to
// what speaks the Pushgateway's protocol: a Pushgateway, or the agents' endpoint of a service.
//
//   auto pusher = stele::push<agent::table>({.url = "http://127.0.0.1:2113", .job = "agent",
//       .grouping = {{"user_id", "u1"}, {"workspace_id", "w1"}}, .token_file =
//       "/run/agent.token"});
//   if (!pusher) return report(pusher.error());      // an option that will not do
//
// A batch job that pushes once, at its end:
//
//   auto const said = stele::push_once<backup::table>({.url = gateway, .job = "backup"});
//
// What fails is tried again, with pauses that double, where that may help: no connection, no answer
// in time, 429 and 5xx, and not before the time that a Retry-After names, up to 5 minutes. Any
// other answer than 2xx stands until the next interval. Each failure is reported to
// stele::on_diagnostic.
//
// Threads: a pusher has one thread of its own; its methods may be called from any thread. The child
// of a fork() has no pusher: there push_now() fails, and stop() and the end do nothing. Link with
// `stele-push`, which brings libcurl: proxies are those of the environment (https_proxy, no_proxy;
// none for this machine), and a server's certificate is verified always.

#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <system_error>

#include "clock.hpp"
#include "expose.hpp"
#include "exposed_tables.hpp"
#include "process.hpp"
#include "result.hpp"
#include "self.hpp"

namespace stele {

struct push_label {
  std::string_view name;
  std::string_view value;
};

/// Labels of a group, copied. Made of a list in braces, of any range of pairs, or one by one.
class push_labels {
 public:
  push_labels() = default;
  push_labels(std::initializer_list<push_label> labels) {
    for (push_label const& each : labels) add(each.name, each.value);
  }
  template <class Range>
    requires requires(Range const& range) {
      std::string_view(range.begin()->first);
      std::string_view(range.begin()->second);
    }
  push_labels(Range const& range) {
    for (auto const& [name, value] : range) add(name, value);
  }

  void add(std::string_view name, std::string_view value) {
    append(name);
    append(value);
  }

  /// Calls use(push_label) for each, in the order in which they were added.
  template <class Use>
  void for_each(Use use) const {
    std::size_t at = 0;
    while (at < text_.size()) {
      std::string_view const name = next(at);
      use(push_label{name, next(at)});
    }
  }

 private:
  // One text, without the vector that this header is to do without: each part behind its size.
  void append(std::string_view part) {
    std::size_t const size = part.size();
    text_.append(reinterpret_cast<char const*>(&size), sizeof size).append(part);
  }
  std::string_view next(std::size_t& at) const {
    std::size_t size = 0;
    text_.copy(reinterpret_cast<char*>(&size), sizeof size, at);
    at += sizeof size + size;
    return std::string_view(text_).substr(at - size, size);
  }

  std::string text_;
};

enum class push_method : std::uint8_t {
  put,   // the group is what was pushed last
  post,  // families that are not pushed stay in it
};

/// A time takes any std::chrono duration of whole milliseconds. Files are relative to the working
/// directory at the time of the call.
struct push_options {
  /// http or https, host, port, and a path where the server has a prefix; /metrics/job/… is added.
  std::string_view url{};
  std::string_view job{};
  push_labels grouping{};  // beside the job; of names and values as the protocol has them

  push_method method = push_method::put;
  /// A Pushgateway takes text and protobuf; native histograms are in protobuf alone.
  format body = format::text;
  bool gzip = false;

  /// `Authorization: Bearer`, or, where there is a user, his password in Basic authentication. The
  /// file is read again at each push.
  std::string_view token{};
  std::string_view token_file{};
  std::string_view user{};
  std::string_view
      ca_file{};  // PEM: who signs the server's certificate; else whom the system trusts
  /// Sent as `Stele-Epoch`, where it is not 0: milliseconds since 1970-01-01T00:00:00Z at which
  /// this agent's ownership began, for servers that know it.
  std::int64_t epoch = 0;

  /// Between two pushes. The first is made at once, the second after a random part of it, so that
  /// agents that began together do not go on together. Of push_once(): how long it tries.
  whole_milliseconds interval{15'000};
  whole_milliseconds callback_time_max{5'000};  // for callbacks of read_from()
  whole_milliseconds connect_time_max{5'000};
  whole_milliseconds request_time_max{10'000};  // with the connection and the whole answer
  whole_milliseconds stop_time_max{5'000};      // for the last push, with all its tries

  /// The end deletes the group, instead of pushing a last time.
  bool remove_at_end = false;
};

/// What the other side said to a push that it took.
struct push_answer {
  unsigned status = 0;  // 200 to 299
  std::string body{};   // the first 64 KiB; the agents' endpoint names families that it refused
};

/// Codes that are the status of an HTTP answer, as 401.
STELE_API std::error_category const& http_status_category() noexcept;

/// Pushes at each interval. Movable; its end stops it.
class STELE_API pusher {
 public:
  class impl;

  explicit pusher(impl* running) noexcept;  // takes it over
  pusher(pusher&& other) noexcept;
  pusher& operator=(pusher&& other) noexcept;
  ~pusher();

  /// Pushes the values as they are now, once, and waits for the answer: callback_time_max and
  /// request_time_max bound it, and those of a push that is under way. An error's code is of
  /// http_status_category() where there was an answer. Calls at the same time may share a push.
  /// Not on the pusher's own thread, as in a callback of on_diagnostic(). Throws std::bad_alloc.
  result<push_answer> push_now();

  /// How many pushes succeeded, and how many tries failed, so far.
  [[nodiscard]] std::uint64_t pushed() const noexcept;
  [[nodiscard]] std::uint64_t failed() const noexcept;

  /// Pushes a last time, or deletes the group, within stop_time_max; what is under way comes first,
  /// since it could arrive after it otherwise. Joins the thread, or, a second after that time, lets
  /// it end by itself. On the pusher's own thread, it
  /// waits for nothing, and the thread ends by itself. Later calls do nothing.
  void stop() noexcept;

 private:
  impl* impl_;  // owned; null where it was moved from
};

namespace core {

STELE_API result<pusher> push(std::span<table_link* const> tables, push_options const& options);
STELE_API result<push_answer> push_once(std::span<table_link* const> tables,
                                        push_options const& options);

/// The tables that are pushed together, fed.
template <class... Tables>
std::span<table_link* const> pushed() {
  (stele::feed_process_rows<Tables>(), ...);
  (stele::feed_self_rows<Tables>(), ...);
  return exposed_tables<Tables...>();
}

}  // namespace core

/// Pushes the rows in use of one or more tables, together with the process_* and stele_* rows that
/// they have with Source `sdk`. The options' strings are not kept. Throws std::bad_alloc.
template <class... Tables>
result<pusher> push(push_options const& options) {
  return core::push(core::pushed<Tables...>(), options);
}

/// Pushes once, on this thread, with tries until `interval` has passed.
template <class... Tables>
result<push_answer> push_once(push_options const& options) {
  return core::push_once(core::pushed<Tables...>(), options);
}

}  // namespace stele
