#include "agents/running.hpp"

#include <boost/asio/post.hpp>

#include <chrono>
#include <condition_variable>
#include <exception>
#include <new>
#include <system_error>
#include <utility>

#include "agents/short_slices.hpp"
#include "core/pushes.hpp"
#include "core/signals_blocked.hpp"

namespace stele::pushing {

using namespace serving;

namespace {

constexpr std::chrono::seconds tick_time{1};

std::vector<descriptor const*> rows_of(std::span<core::table_link* const> tables) {
  std::vector<descriptor const*> all;
  for (core::table_link const* table : tables)
    for (descriptor const* row : table->info->rows) all.push_back(row);
  return all;
}

}  // namespace

/// What another thread waits for.
struct running::asked {
  work what;
  std::mutex mutex;
  std::condition_variable changed;
  std::optional<answer> said;

  void reply(answer with) {
    std::lock_guard const lock(mutex);
    if (said) return;
    said = std::move(with);
    changed.notify_all();
  }
};

running::running(running_parts parts, std::span<core::table_link* const> tables,
                 core::collect_observer observe)
    : work_(io_.get_executor()),
      limits_(parts.settings.limits),
      tokens_(std::move(parts.tokens)),
      desk_(parts.settings, rows_of(tables), [this] { post(&running::do_drain); }),
      factory_(std::move(parts.factory)),
      exposed_(desk_.held(), observe),
      tables_(tables.begin(), tables.end()) {
  if (parts.peers) {
    peers_ = std::make_unique<peer_desk>(
        parts.settings, std::move(parts.peers), desk_,
        [this](std::function<void()> then) { net::post(io_, std::move(then)); });
    desk_.tell(peers_.get());
  }
  agent_directory& who = tokens_ ? *tokens_ : *parts.directory;
  receiver_ = std::make_shared<push_receiver>(
      desk_, who, peers_.get(),
      receiver_limits{limits_.body_bytes_max, parts.settings.receiving_bytes_max, limits_});
}

running::~running() { leave_tables(); }

std::optional<error> running::start(serve_options const& options) {
  auto made = core::serve({}, options, {.factory = factory_, .receiver = receiver_}, &io_);
  if (!made) return made.error();
  endpoint_.emplace(*std::move(made));
  if (!enter_tables())
    return error{
        std::make_error_code(std::errc::device_or_resource_busy),
        "serve_agents: expected tables that no other agents are exposed with, saw one that "
        "has some; stop those first, or have all agents push to one address"};
  for (core::table_link* table : tables_) feed_aggregator_rows(*table);
  entry_.emplace(static_cast<aggregator_source&>(*this));
  do_tick();
  try {
    core::signals_blocked const meanwhile;
    thread_ = std::thread([self = shared_from_this()] { self->run(); });
  } catch (std::system_error const& failure) {
    return error{failure.code(), "serve_agents: expected to start a thread, saw '" +
                                     failure.code().message() + "'; raise the limit on processes"};
  }
  return std::nullopt;
}

void running::run() noexcept {
  ask_for_short_slices();
  for (;;) {
    try {
      if (is_ticking_) {
        io_.run();
        return;
      }
      // There was no memory to wait for the next tick: this wait takes none.
      io_.run_for(tick_time);
      if (io_.stopped()) return;
      if (!is_ticking_) do_reclaim();
    } catch (std::exception const&) {  // no memory; Asio throws a system_error for it, too
      // What it was for has ended; the others go on.
    }
  }
}

// ---- The end ------------------------------------------------------------------------------------

void running::stop() noexcept {
  bool const here = runs_here();
  std::unique_lock one_at_a_time(stopping_, std::defer_lock);
  if (here && !one_at_a_time.try_lock()) return;  // somebody else stops it, and waits for this
  if (!here) one_at_a_time.lock();
  leave_tables();
  if (!thread_.joinable()) return;
  endpoint_->stop();
  std::vector<std::shared_ptr<asked>> left;
  {
    std::lock_guard const lock(mutex_);
    takes_ = false;
    left.swap(asked_);
  }
  if (here) {
    tick_.cancel();
    work_.reset();
    thread_.detach();  // it keeps all of this
  } else {
    io_.stop();
    thread_.join();
    while (desk_.drain()) {
    }
  }
  for (auto const& each : left) each->reply({http::status::service_unavailable, {}, {}});
}

/// From here on scrapes show what is pushed, with the first table; the others are taken, too: they
/// may be scraped together. False where one of them has agents.
bool running::enter_tables() {
  bool is_first = true;
  for (core::table_link* table : tables_) {
    core::family_source& shown = is_first ? static_cast<core::family_source&>(exposed_) : nothing_;
    if (!core::add_family_source(*table, shown)) return false;
    is_first = false;
  }
  return true;
}

/// From here on no scrape shows what was pushed.
void running::leave_tables() noexcept {
  entry_.reset();
  for (core::table_link* table : tables_) {
    core::remove_family_source(*table, exposed_);
    core::remove_family_source(*table, nothing_);
  }
}

// ---- On the agents' thread ----------------------------------------------------------------------

void running::post(void (running::*then)()) {
  net::post(io_, [self = weak_from_this(), then] {
    if (auto const held = self.lock()) ((*held).*then)();
  });
}

void running::do_drain() {
  if (!desk_.drain()) return;
  try {
    post(&running::do_drain);
  } catch (std::exception const&) {
    // No memory for another turn: all of it is done in this one, or nobody would.
    while (desk_.drain()) {
    }
  }
}

/// Where it throws, `is_ticking_` is false, and run() does what the tick would.
void running::do_tick() {
  count_rest();
  if (!work_) return;  // it has been stopped
  tick_.expires_after(tick_time);
  tick_.async_wait([self = weak_from_this()](beast::error_code ec) {
    auto const held = self.lock();
    if (!held || ec) return;
    held->is_ticking_ = false;
    held->do_reclaim();
  });
  is_ticking_ = true;
}

/// Step by step: between two of them pushes have their turn.
void running::do_reclaim() {
  if (desk_.reclaim()) {
    try {
      return post(&running::do_reclaim);
    } catch (std::exception const&) {
      // No memory for the next step: it is done at the next tick.
    }
  }
  do_tick();
}

/// What is counted by others, brought up to date.
void running::count_rest() noexcept {
  std::uint64_t const now = desk_.held().other_helps();
  core::pushes::count_other_helps(now - std::exchange(other_helps_, now));
  if (peers_) peers_->count();
}

aggregator_numbers running::count() {
  store_counts const held = desk_.held().count(steady_milliseconds());
  return {.push_backlog = desk_.queue().size(),
          .collect_backlog = desk_.held().waiting_reads(),
          .series = held.series,
          .delete_backlog = held.ended_workspaces,
          .workspaces = held.workspaces};
}

// ---- From other threads -------------------------------------------------------------------------

answer running::ask(work what) {
  auto const waits = std::make_shared<asked>();
  auto const reply = [waits](answer said) { waits->reply(std::move(said)); };
  if (runs_here()) {
    what(desk_, reply);
    while (!waits->said && desk_.queue().size() != 0) desk_.drain();
    return waits->said ? *std::move(waits->said)
                       : answer{http::status::service_unavailable, {}, {}};
  }
  waits->what = std::move(what);
  {
    std::lock_guard const lock(mutex_);
    if (!takes_) return {http::status::service_unavailable, {}, "the agents have been stopped\n"};
    // First, since it may throw: an entry that stayed would refer to a caller that is gone, and
    // nobody would look at those behind it.
    if (asked_.empty()) post(&running::do_asked);
    asked_.push_back(waits);
  }
  std::unique_lock lock(waits->mutex);
  waits->changed.wait(lock, [&] { return waits->said.has_value(); });
  return *std::move(waits->said);
}

void running::do_asked() {
  std::vector<std::shared_ptr<asked>> all;
  {
    std::lock_guard const lock(mutex_);
    all.swap(asked_);
  }
  for (auto const& each : all) {
    try {
      each->what(desk_, [each](answer said) { each->reply(std::move(said)); });
    } catch (std::exception const&) {
      core::pushes::count(core::pushes::result::no_memory);
      each->reply({http::status::service_unavailable, {}, {}});
    }
  }
}

}  // namespace stele::pushing
