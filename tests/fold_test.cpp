// What ended threads counted is folded in another order than that in which a gather saw it, and a
// sum of doubles depends on the order. "A double counter or sum is never exposed lower than
// before."
//
// The fold is driven directly here, as thread.cpp does it; tests/threads_test.cpp has real threads.

#include <sample.hpp>

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <random>
#include <string_view>
#include <vector>

#include "core/snapshot_data.hpp"
#include "core/table_state.hpp"
#include "sanitized.hpp"

namespace {

using namespace stele;
namespace rows = sample::rows;

core::table_link& the_link() { return link_of<sample::table>; }

/// A thread's cells, without the thread.
class ended_thread {
 public:
  ended_thread() : of_(*core::state_of(the_link()).attach_thread()), cached_(of_.slab.cells) {}
  void fold() { of_.state.fold(of_); }

  /// Counts `value` in a series of each kind that adds doubles up.
  void count(double value) {
    reinterpret_cast<counter_cell<double>*>(cell<rows::sample_wait_seconds_total>())->add(value);
    observe<rows::sample_hold_seconds>(cell<rows::sample_hold_seconds>(), value);
    summarize(cell<rows::sample_pause_seconds>(), value);
    observe<rows::sample_open_latency_seconds>(block<rows::sample_open_latency_seconds>(), value);
    summarize(block<rows::sample_open_pause_seconds>(), value);
  }

 private:
  template <class Row>
  std::byte* cell() {
    return of_.slab.cells + layout_of<sample::table>.offsets[Row::index];
  }
  template <class Row>
  std::byte* block() {
    std::string_view const label = "folded";
    core::open_block* const found = core::find_block(the_link(), Row::index, &label, 1, cached_);
    --found->own_handles;
    return found->cell;
  }
  template <class Row>
  static void observe(std::byte* cell, double value) {
    reinterpret_cast<histogram_cell*>(cell)->observe(value, Row::about.bounds.size());
  }
  static void summarize(std::byte* cell, double value) {
    EXPECT_TRUE(core::observe_slowly(*reinterpret_cast<sketch*>(cell), value));
  }

  core::attachment& of_;
  core::slab_pointer cached_;
};

struct seen {
  std::string_view name;
  double value;
  std::uint64_t count;  // 0 of a counter
};

/// What a scrape shows of the rows above.
std::vector<seen> look() {
  core::table_link* const tables[]{&the_link()};
  snapshot const now = core::gather(tables);
  auto const& data = now.data();
  std::vector<seen> found;
  for (auto const& family : data.families) {
    descriptor const& row = *family.about;
    if (data.series_of(family) == 0 || row.integral()) continue;
    std::size_t const first = data.runs_of(family).front().first_value;
    auto const* const values = data.values.data() + first;
    if (row.type == metric_type::counter) found.push_back({row.name, data.floating(first), 0});
    if (row.type == metric_type::histogram) {
      std::size_t const sum = row.bounds.size() + 1;
      std::uint64_t count = 0;
      for (std::size_t i = 0; i < sum; ++i) count += values[i];
      found.push_back({row.name, data.floating(first + sum), count});
    }
    if (row.type == metric_type::summary) {
      std::size_t const sum = row.quantiles.size();
      found.push_back({row.name, data.floating(first + sum), values[sum + 1]});
    }
  }
  return found;
}

template <class... Row>
void expose() {
  (core::expose_row(the_link(), Row::index), ...);
}

}  // namespace

// "10^5 folds", with a look at all five after every step. Of eight folds one would lower one.
TEST(Fold, OfAHundredThousandThreadsNeverLowersWhatIsExposed) {
  constexpr int folds = 100'000 / stele::test::scale;
  expose<rows::sample_wait_seconds_total, rows::sample_hold_seconds, rows::sample_pause_seconds,
         rows::sample_open_latency_seconds, rows::sample_open_pause_seconds>();
  std::mt19937_64 random(20'261'123);
  std::uniform_real_distribution<double> amounts(0.001, 1000);
  std::vector<std::unique_ptr<ended_thread>> live;
  std::vector<seen> before;
  double counted = 0;
  auto const look_again = [&] {
    auto const now = look();
    ASSERT_GE(now.size(), before.size());
    for (std::size_t i = 0; i < before.size(); ++i) {
      ASSERT_EQ(now[i].name, before[i].name);
      ASSERT_GE(now[i].value, before[i].value) << now[i].name;
      ASSERT_GE(now[i].count, before[i].count) << now[i].name;
    }
    before = now;
  };
  auto const start_one = [&](double amount) {
    live.push_back(std::make_unique<ended_thread>());
    live.back()->count(amount);
    counted += amount;
  };
  start_one(1);
  look_again();
  for (int folded = 0; folded < folds && !testing::Test::HasFatalFailure(); ++folded) {
    while (live.size() < 4) start_one(amounts(random));
    look_again();
    std::size_t const which = random() % live.size();
    live[which]->fold();
    live.erase(live.begin() + static_cast<std::ptrdiff_t>(which));
    look_again();
  }
  ASSERT_EQ(before.size(), 5U);
  for (seen const& each : before) {
    EXPECT_NEAR(each.value, counted, 1e-9 * counted) << each.name;
    if (each.count != 0) {
      EXPECT_EQ(each.count, static_cast<std::uint64_t>(folds) + live.size());
    }
  }
  for (auto const& each : live) each->fold();
  look_again();
}
