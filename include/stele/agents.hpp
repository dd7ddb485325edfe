// agents.hpp: takes the metrics that workspace agents push, and exposes them beside a table's own.
//
//   auto agents = stele::serve_agents<coderd::table>({.port = 2113, .tokens_file = "tokens"});
//   if (!agents) return report(agents.error());      // tokens:3:1: error: …, all of them
//   agents->remove_workspace("w1");                  // it was deleted
//
// An agent uses any client of the Pushgateway, with the path
// /metrics/job/<JOB>/user_id/<USER>/workspace_id/<WORKSPACE>, and its token: as a bearer token, or
// as the password of Basic. What it pushes as `cpu_usage` is exposed as
// `coderd_workspace_cpu_usage` with `user_id` and `workspace_id`, by every endpoint and every
// gather of the first table.
//
// Threads: one thread of its own takes all pushes; the methods may be called from any thread, but
// not from a callback of read_from(). Link with `stele-agents`.

#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "agent_options.hpp"
#include "aggregator_rows.hpp"
#include "api.hpp"
#include "exposed_tables.hpp"
#include "pushed.hpp"
#include "result.hpp"

namespace stele {

/// What becomes of a push, as HTTP has it.
struct pushed_answer {
  /// 200 applied; 202 removed; 400 malformed; 409 another instance has the workspace since; 413 too
  /// large; 429 over a limit; 503 the queue is full, or the agents have been stopped.
  unsigned status = 503;
  /// Of 200: the families that were refused and why, a line each; else why it is not applied.
  std::string message;

  explicit operator bool() const noexcept { return status / 100 == 2; }
};

/// Whose metrics a push in process has. The caller vouches for it: there is no token.
struct push_origin {
  std::string_view user_id;
  std::string_view workspace_id;
  std::string_view job = "agent";  // two jobs of a workspace are two groups
  /// Exposed, too; those of the same name in what is pushed give way. Not job or instance.
  std::span<pushed_label const> labels{};
  /// Whether the group's other families stay, as with POST; else they go, as with PUT.
  bool adds = false;
  /// Milliseconds since 1970 at which the agent connected, at most ten minutes ahead of the clock
  /// here; 0: now.
  std::int64_t epoch = 0;
};

/// Movable. Its end stops it, and what was pushed is not exposed any more.
class STELE_API agents {
 public:
  class impl;

  explicit agents(impl* running) noexcept;  // takes it over
  agents(agents&& other) noexcept;
  agents& operator=(agents&& other) noexcept;
  ~agents();

  /// As endpoint::port().
  [[nodiscard]] std::uint16_t port() const noexcept;

  /// Closes the port, answers what is under way, and takes the pushed series out of the exposition.
  /// Later calls do nothing. REQUIRES: it is not called from a directory's find().
  void stop() noexcept;

  /// Pushes in process: a body as an agent sends it, or numbers made in code. Returns when it is
  /// applied. Throws std::bad_alloc.
  pushed_answer push(push_origin const& from, std::string_view body,
                     std::string_view content_type = "text/plain; version=0.0.4");
  pushed_answer push(push_origin const& from, pushed const& what);

  /// Removes the group of an origin, as DELETE does.
  pushed_answer remove(push_origin const& from);

  /// The workspace was deleted: its series go at once, and pushes that are under way are refused.
  /// Throws std::bad_alloc.
  void remove_workspace(std::string_view workspace_id);

 private:
  impl* impl_;  // owned; null where it was moved from
};

namespace core {

/// `tables`: the first one has the pushed series; those of all may have the aggregator's rows, and
/// their names are taken.
STELE_API result<agents> serve_agents(std::span<table_link* const> tables, collect_observer observe,
                                      agents_options const& options);

}  // namespace core

/// Takes pushes. An error is also what is wrong in the files: its message has a line for each
/// fault, with file, line and column; std::errc::device_or_resource_busy where other agents run for
/// one of the tables. Name all tables that are served together, so that none of their rows can be
/// pushed. Throws std::bad_alloc, and std::system_error where no thread can be
/// had.
template <class... Tables>
result<agents> serve_agents(agents_options const& options = {}) {
  static_assert((core::aggregator_rows_fit<Tables>() && ...),
                "a coderd_agent_aggregator_* row with Source 'sdk' requires the type that "
                "docs/tables.md gives it, and no labels; correct the table");
  return core::serve_agents(core::exposed_tables<Tables...>(), core::observes_collect<Tables...>,
                            options);
}

}  // namespace stele
