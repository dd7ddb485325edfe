#include "core/pending_gather.hpp"

#include <algorithm>
#include <mutex>
#include <utility>

#include "core/diagnostics.hpp"
#include "core/gather.hpp"
#include "core/snapshot_data.hpp"
#include "core/snapshot_pool.hpp"
#include "core/table_state.hpp"

namespace stele::core {

namespace {

using outcome = callback_call::outcome;

/// The family of a row, or the number of families where the row is not exposed.
std::size_t family_of(snapshot_data const& values, table_state const& table, std::size_t row) {
  auto const found =
      std::find_if(values.families.begin(), values.families.end(),
                   [&](family_data const& each) { return each.about == table.info.rows[row]; });
  return static_cast<std::size_t>(found - values.families.begin());
}

/// The run of one series of a closed row, whose family is split up into runs of one for that.
series_run& run_of(snapshot_data& values, family_data& family, std::size_t series) {
  series_run const whole = values.runs[family.first_run];
  if (whole.count > 1) {
    std::size_t at = whole.first_value;
    family.first_run = values.runs.size();
    for (std::uint32_t i = 0; i < whole.count; ++i) {
      values.runs.push_back(
          {{whole.labels.text, whole.labels.ends + i}, nullptr, at, 1, whole.kind});
      if (whole.created != nullptr) values.runs.back().created = whole.created + i;
      at += value_count(*family.about, values.values.data() + at);
    }
    family.end_run = values.runs.size();
  }
  return values.runs[family.first_run + series];
}

/// Leaves what a reading would feed out of the snapshot.
void leave_out(snapshot_data& values, family_data& family, reader_entry const& entry) {
  if (entry.series == whole_row)
    family.end_run = family.first_run;
  else if (family.first_run != family.end_run)
    run_of(values, family, entry.series).count = 0;
}

/// Adds a list's values to those of the snapshot; where they begin.
std::size_t take_values(snapshot_data& values, sample_list const& list) {
  std::size_t const first = values.values.size();
  values.values.insert(values.values.end(), list.values().begin(), list.values().end());
  return first;
}

/// Shows a list's samples as the whole family: a run ends where the kind of number changes.
void show_set(snapshot_data& values, family_data& family, sample_list const& list) {
  label_texts labels{values.arena.keep(list.text()), values.arena.keep(list.ends())};
  std::size_t at = take_values(values, list);
  std::size_t const step = list.size() == 0 ? 0 : list.values().size() / list.size();
  family.first_run = values.runs.size();
  for (number::kind const kind : list.kinds()) {
    if (values.runs.size() == family.first_run || values.runs.back().kind != kind)
      values.runs.push_back({labels, nullptr, at, 0, kind});
    ++values.runs.back().count;
    ++labels.ends;
    at += step;
  }
  family.end_run = values.runs.size();
}

/// Shows a list's only sample as one series of the family. When it began, its callback alone knows.
void show_one(snapshot_data& values, family_data& family, std::size_t series,
              sample_list const& list) {
  series_run& shown = run_of(values, family, series);
  shown = {shown.labels, nullptr, take_values(values, list), 1, list.kinds().front()};
}

void count_refused(callback_call const& call, diagnostic::kind kind, std::string_view what,
                   std::string_view detail = {}, std::uint64_t samples = 1) noexcept {
  row_state& row = call.table->rows[call.entry->row];
  std::uint64_t const refused = row.refused.fetch_add(samples, std::memory_order_relaxed) + samples;
  report_refused(row.reports, kind, call.table->info.rows[call.entry->row]->name, what, detail,
                 refused);
}

/// Counts and reports a call that gave nothing, though it should have.
void count_failure(callback_call const& call) noexcept {
  switch (call.is) {
    case outcome::threw:
      return count_refused(call, diagnostic::kind::reading_threw, "a callback of read_from() threw",
                           call.failure);
    case outcome::late:
      return count_refused(call, diagnostic::kind::reading_late,
                           "a callback of read_from() did not return before the gather's deadline");
    case outcome::busy:
      return count_refused(call, diagnostic::kind::reading_late,
                           "a callback of read_from() has not returned from an earlier gather");
    case outcome::no_turn:
      return count_refused(call, diagnostic::kind::reading_late,
                           "a callback of read_from() had no turn before the gather's deadline");
    case outcome::waiting:
    case outcome::running:
    case outcome::done:
    case outcome::removed:
    case outcome::older: break;
  }
}

}  // namespace

pending_gather::pending_gather(std::span<table_link* const> tables,
                               deadline_clock::time_point deadline, round_waiter* waiter,
                               row_filter const* filter)
    : out_(*take_from_pool()), values_(&out_), deadline_(deadline) {
  read_cells(tables, filter, out_);
  bool const fed = std::any_of(tables.begin(), tables.end(),
                               [](table_link* link) { return !state_of(*link).readers.empty(); });
  if (!fed) return;
  if (callback_runner::in_callback()) {
    leave_fed_series_out(tables);
    return;
  }
  callback_runner& runner = callback_runner::instance();
  round_ = runner.new_round();
  round_->is_whole = filter == nullptr;
  {
    std::lock_guard const lock(runner.mutex);
    for (table_link* link : tables) split_fed_families(state_of(*link));
    round_->newest_set.assign(out_.families.size(), callback_call::none);
    round_->newest_one.assign(out_.runs.size(), callback_call::none);
    for (table_link* link : tables) {
      make_calls(state_of(*link), true);
      make_calls(state_of(*link), false);
    }
  }
  submit(waiter);
}

pending_gather::~pending_gather() {
  if (!round_) return;
  callback_runner& runner = callback_runner::instance();
  {
    std::unique_lock lock(runner.mutex);
    if (waits_) runner.withdraw(lock, *round_);
  }
  runner.reuse(std::move(round_));
}

void pending_gather::leave_fed_series_out(std::span<table_link* const> tables) {
  std::lock_guard const lock(callback_runner::instance().mutex);
  for (table_link* link : tables) {
    table_state& table = state_of(*link);
    for (auto const& entry : table.readers.entries()) {
      std::size_t const family = family_of(out_, table, entry->row);
      if (family != out_.families.size()) leave_out(out_, out_.families[family], *entry);
    }
  }
}

/// Has a run for each series that a reading of its own feeds.
void pending_gather::split_fed_families(table_state const& table) {
  for (auto const& entry : table.readers.entries()) {
    std::size_t const family = family_of(out_, table, entry->row);
    if (entry->series == whole_row || family == out_.families.size()) continue;
    static_cast<void>(run_of(out_, out_.families[family], entry->series));
  }
}

/// Adds the calls of a table's readings, newest first: those of whole sets, or those of one series.
/// Sets go first, since a series' own reading is asked only where its row has no set.
void pending_gather::make_calls(table_state& table, bool sets) {
  auto const& entries = table.readers.entries();
  for (auto entry = entries.rbegin(); entry != entries.rend(); ++entry) {
    if (((*entry)->series == whole_row) != sets) continue;
    std::size_t const family = family_of(out_, table, (*entry)->row);
    if (family == out_.families.size()) continue;
    callback_call& added = round_->add_call();
    added.entry = *entry;
    added.table = &table;
    added.family = family;
    std::size_t const place = round_->size - 1;
    std::size_t& newest_set = round_->newest_set[family];
    if (sets) {
      added.newer = std::exchange(newest_set, place);
      continue;
    }
    auto& newest = round_->newest_one[out_.families[family].first_run + (*entry)->series];
    added.newer = std::exchange(newest, place);
    if (added.newer == callback_call::none) added.newer = newest_set;
  }
}

void pending_gather::submit(round_waiter* waiter) {
  callback_runner& runner = callback_runner::instance();
  for (std::size_t i = 0; i < round_->size; ++i) {
    callback_call& call = round_->calls[i];
    if (call.entry->by == asked_by::gather) call.is = callback_runner::ask(call);
  }
  auto const calls = std::span(round_->calls).first(round_->size);
  auto const waiting = std::count_if(calls.begin(), calls.end(), [](callback_call const& each) {
    return each.is == outcome::waiting;
  });
  if (waiting == 0) return;
  std::unique_lock lock(runner.mutex);
  round_->outstanding = static_cast<std::size_t>(waiting);
  round_->waiter = waiter;
  waits_ = true;
  if (!runner.submit(round_)) {  // no thread can be had
    runner.withdraw(lock, *round_);
    waits_ = false;
  }
}

bool pending_gather::ended() {
  if (!waits_) return true;
  callback_runner& runner = callback_runner::instance();
  std::unique_lock lock(runner.mutex);
  if (round_->outstanding != 0 && deadline_clock::now() < deadline_) {
    runner.watch(deadline_);
    return false;
  }
  runner.withdraw(lock, *round_);
  waits_ = false;
  return true;
}

deadline_clock::time_point pending_gather::next_check() const {
  callback_runner& runner = callback_runner::instance();
  std::lock_guard const lock(runner.mutex);
  return runner.next_watch(deadline_);
}

void pending_gather::wait() {
  callback_runner& runner = callback_runner::instance();
  while (!ended()) {
    std::unique_lock lock(runner.mutex);
    if (round_->outstanding != 0) runner.changed.wait_until(lock, runner.next_watch(deadline_));
  }
}

void pending_gather::merge(callback_call& call) {
  family_data& family = out_.families[call.family];
  reader_entry const& entry = *call.entry;
  if (call.is == outcome::removed || call.is == outcome::older) return;
  if (call.is != outcome::done) {
    leave_out(out_, family, entry);
    return count_failure(call);
  }
  if (entry.series == whole_row)
    show_set(out_, family, call.samples);
  else if (call.samples.size() == 0)
    leave_out(out_, family, entry);
  else
    show_one(out_, family, entry.series, call.samples);
  if (call.samples.refused() != 0)
    count_refused(call, diagnostic::kind::refused, "a reading was refused in part",
                  call.samples.why_refused(), call.samples.refused());
}

snapshot pending_gather::take() {
  if (round_)
    for (std::size_t i = 0; i < round_->size; ++i) merge(round_->calls[i]);
  std::sort(out_.families.begin(), out_.families.end(),
            [](auto const& a, auto const& b) { return a.about->name < b.about->name; });
  return std::move(values_);
}

snapshot gather(std::span<table_link* const> tables, gather_options const& options) {
  pending_gather made(tables,
                      deadline_clock::now() + std::chrono::milliseconds(options.deadline_ms));
  made.wait();
  return made.take();
}

}  // namespace stele::core
