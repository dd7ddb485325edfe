// Every call exposes its row, as soon as an object in which the call stands is loaded. Each row of
// tests/data/calls.md has one call here, and none of the calls is ever made.

#include <calls.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <iterator>
#include <regex>
#include <string>

#include "core/table_state.hpp"

using calls::metric;

namespace {

void make_calls_on_counters() {
  metric<"counter_inc_total">.inc();
  metric<"counter_inc_amount_total">.inc(2);
  metric<"counter_inc_exemplar_total">.inc(2, {{"trace_id", "a"}});
  metric<"counter_inc_from_signal_total">.inc_from_signal();
  auto counted = metric<"counter_count_exceptions_total">.count_exceptions();
  auto reading = metric<"counter_read_from_total">.read_from([] { return 1; });
}

void make_calls_on_gauges() {
  metric<"gauge_set">.set(1);
  metric<"gauge_set_to_current_time">.set_to_current_time();
  metric<"gauge_inc">.inc();
  metric<"gauge_inc_amount">.inc(2);
  metric<"gauge_dec">.dec();
  metric<"gauge_dec_amount">.dec(2);
  auto tracked = metric<"gauge_track">.track();
  auto reading = metric<"gauge_read_from">.read_from([] { return 1; });
}

void make_calls_on_distributions() {
  metric<"histogram_observe">.observe(1);
  metric<"histogram_observe_exemplar">.observe(1, {{"trace_id", "a"}});
  auto timed = metric<"histogram_time">.time();
  auto reading = metric<"histogram_read_from">.read_from([](auto& counts) { counts.observe(1); });
  metric<"summary_observe">.observe(1);
  auto timed_too = metric<"summary_time">.time();
}

void make_calls_on_states_and_infos() {
  metric<"stateset_switch_to">.switch_to("on");
  metric<"stateset_enable">.enable("on");
  metric<"stateset_disable">.disable("on");
  metric<"stateset_set">.set("on", true);
  metric<"set_info">.set({.version = "1"});
  metric<"add_info">.add({.version = "1"});
  metric<"remove_info">.remove({.version = "1"});
  metric<"clear_info">.clear();
}

void make_calls_on_rows_with_labels() {
  static_cast<void>(metric<"closed_with">.with({.kind = "a"}));
  static_cast<void>(metric<"open_with">.with({.path = "/"}));
  auto reading = metric<"open_read_from">.read_from([](auto& set) { set.add({.path = "/"}, 1); });
  metric<"open_remove">.remove({.path = "/"});
  metric<"open_clear">.clear();
  metric<"open_limit_series">.limit_series(2);
  metric<"open_expire_after">.expire_after(std::chrono::hours(1));
}

/// What is never called is compiled still, as this is read when the program runs.
void (*volatile const calls_that_are_not_made[])(){
    make_calls_on_counters, make_calls_on_gauges, make_calls_on_distributions,
    make_calls_on_states_and_infos, make_calls_on_rows_with_labels};

}  // namespace

TEST(EveryCall, ExposesItsRow) {
  ASSERT_EQ(std::size(calls_that_are_not_made), 5U);
  auto const& state = stele::core::state_of(stele::link_of<calls::table>);
  for (std::size_t i = 0; i < std::size(calls::table::descriptors); ++i) {
    auto const name = calls::table::descriptors[i]->name;
    EXPECT_EQ(state.rows[i].exposed.load(), name != "uncalled") << name;
  }
}

// A call that is new in include/stele/wrong_call.hpp needs a row of its own here.
TEST(EveryCall, HasARow) {
  std::ifstream file(STELE_SOURCE_ROOT "/include/stele/wrong_call.hpp");
  std::string const text{std::istreambuf_iterator<char>(file), {}};
  std::regex const entry(R"(\n  CALL\((\w+),)");
  std::size_t seen = 0;
  for (std::sregex_iterator at(text.begin(), text.end(), entry), end; at != end; ++at, ++seen) {
    std::string const call = (*at)[1].str() + '(';
    bool described = false;
    for (auto const* const row : calls::table::descriptors)
      described = described || row->help.starts_with(call);
    EXPECT_TRUE(described) << call << ')';
  }
  EXPECT_GE(seen, 18U);
}
