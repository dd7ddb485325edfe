// pending_gather.hpp: a gather that waits for callbacks, and whoever wants it does not have to.
//
//   pending_gather gather(tables, deadline_clock::now() + 10s);
//   gather.wait();                       // or, from time to time: while (!gather.ended()) …
//   snapshot const values = gather.take();
//
// The cells are read when it is made; callbacks are asked from then on. Threads: one at a time.

#pragma once

#include <memory>
#include <span>

#include "core/callback_runner.hpp"
#include "core/row_filter.hpp"
#include "stele/snapshot.hpp"

namespace stele::core {

class STELE_API pending_gather {
 public:
  /// `waiter` is told once when no callback is left that must be waited for, if any was; `filter`,
  /// which is needed in this call alone, says which rows are read. REQUIRES: the waiter outlives
  /// this. Throws std::bad_alloc.
  pending_gather(std::span<table_link* const> tables, deadline_clock::time_point deadline,
                 round_waiter* waiter = nullptr, row_filter const* filter = nullptr);
  /// No callback is waited for; after this the waiter is not told any more.
  ~pending_gather();
  pending_gather(pending_gather const&) = delete;
  pending_gather& operator=(pending_gather const&) = delete;

  /// Whether every callback has ended, or the deadline is past. Leaves callbacks that take long.
  [[nodiscard]] bool ended();
  /// When ended() is to be asked again, should the waiter not be told before.
  [[nodiscard]] deadline_clock::time_point next_check() const;
  /// Until it has ended.
  void wait();

  /// The snapshot, families sorted by name. REQUIRES: it has ended. Once. Throws std::bad_alloc.
  snapshot take();

 private:
  void leave_fed_series_out(std::span<table_link* const> tables);
  void split_fed_families(table_state const& table);
  void make_calls(table_state& table, bool sets);
  void submit(round_waiter* waiter);
  void merge(callback_call& call);

  snapshot_data& out_;
  snapshot values_;  // owns it
  deadline_clock::time_point deadline_;
  std::shared_ptr<callback_round> round_;  // null where there is nothing to ask
  bool waits_ = false;                     // for calls of the round
};

}  // namespace stele::core
