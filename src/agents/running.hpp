// running.hpp: the agents' library at work: its thread, its endpoint, and the way to it from other
// threads.
//
//   auto const all = std::make_shared<running>(std::move(parts), tables, observe);
//   if (auto failed = all->start(options)) return *failed;
//   answer said = all->ask([&](push_desk& desk, answer_function reply) { desk.take(…); });
//   all->stop();
//
// Threads: any; what is asked runs on the agents' own thread.

#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <thread>
#include <vector>

#include "agents/aggregator_rows.hpp"
#include "agents/identities.hpp"
#include "agents/peer_desk.hpp"
#include "agents/push_desk.hpp"
#include "agents/push_receiver.hpp"
#include "serve/extras.hpp"
#include "stele/agents.hpp"

namespace stele::pushing {

/// What the options and files have been made into.
struct running_parts {
  agents_settings settings;
  std::unique_ptr<identity_file> tokens;  // null: `directory` knows them
  agent_directory* directory = nullptr;
  std::unique_ptr<peer_tokens> peers;                 // null: no peers
  std::shared_ptr<serving::session_factory> factory;  // null: plain connections
};

class running final : public std::enable_shared_from_this<running>, private aggregator_source {
 public:
  running(running_parts parts, std::span<core::table_link* const> tables,
          core::collect_observer observe);
  ~running();
  running(running const&) = delete;
  running& operator=(running const&) = delete;

  std::optional<error> start(serve_options const& options);
  /// On its own thread it waits for nothing.
  void stop() noexcept;
  [[nodiscard]] std::uint16_t port() const noexcept { return endpoint_ ? endpoint_->port() : 0; }

  [[nodiscard]] push_limits const& limits() const noexcept { return limits_; }

  using work = std::function<void(push_desk& desk, answer_function reply)>;
  /// Has work done on the agents' thread, and waits for its reply. Throws std::bad_alloc.
  answer ask(work what);

 private:
  struct asked;

  [[nodiscard]] aggregator_numbers count() override;
  [[nodiscard]] bool runs_here() { return io_.get_executor().running_in_this_thread(); }
  void run() noexcept;
  /// Throws std::bad_alloc: what has to be done in any case is then done otherwise.
  void post(void (running::*then)());
  void do_drain();
  void do_asked();
  void do_tick();
  void do_reclaim();
  void count_rest() noexcept;
  [[nodiscard]] bool enter_tables();
  void leave_tables() noexcept;

  serving::net::io_context io_{1};
  std::optional<serving::net::executor_work_guard<serving::net::io_context::executor_type>> work_;
  serving::net::steady_timer tick_{io_};
  push_limits const limits_;
  std::unique_ptr<identity_file> tokens_;
  push_desk desk_;
  std::unique_ptr<peer_desk> peers_;
  std::shared_ptr<push_receiver> receiver_;
  std::shared_ptr<serving::session_factory> factory_;
  timed_source exposed_;
  no_families nothing_;
  std::vector<core::table_link*> tables_;
  std::optional<aggregator_entry> entry_;
  bool is_ticking_ = false;        // a tick is waited for
  std::uint64_t other_helps_ = 0;  // told to stele_agents_other_helps_total

  std::mutex mutex_;  // guards what follows
  std::vector<std::shared_ptr<asked>> asked_;
  bool takes_ = true;

  std::mutex stopping_;
  std::optional<endpoint> endpoint_;
  std::thread thread_;
};

/// As its user holds it. Throws std::bad_alloc.
agents to_agents(std::shared_ptr<running> all);

}  // namespace stele::pushing
