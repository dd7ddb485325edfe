// What a gather makes of a histogram's cell whose owner is in the middle of an update, forced here
// without a second thread: what happens in an update's more() happens in mid-update.

#include <stele/histogram.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <thread>
#include <vector>

#include "core/cells.hpp"
#include "core/histogram_reader.hpp"
#include "core/native_cell.hpp"

using namespace stele;
using namespace stele::core;
using counts = std::vector<std::uint64_t>;

namespace {

constexpr double bounds[]{1, 2};
constexpr descriptor row{
    .name = "both", .type = metric_type::histogram, .bounds = bounds, .native_schema = 3};

/// A thread's cell and its shadow.
class owned_cell {
 public:
  owned_cell() {
    construct_cells(row, 1, at());
    construct_shadow(row, shadow());
  }
  ~owned_cell() { destroy_cell(row, at()); }
  owned_cell(owned_cell const&) = delete;
  owned_cell& operator=(owned_cell const&) = delete;

  std::byte* at() noexcept { return memory_; }
  std::byte* shadow() noexcept { return memory_ + cell_bytes(row); }

  void observe(double value) {
    ASSERT_TRUE(
        observe_native(row, at(), value, static_cast<std::size_t>((value > 1) + (value > 2))));
  }
  void begin_copies() { cell().begin_copies(owners_copy(row, shadow())); }
  bool has_copies() { return cell().has_copies(); }
  void end_copies() { cell().end_copies(); }
  template <class More>
  void observe_and(More more) {
    cell().update(5, 2, more);
  }

 private:
  histogram_cell& cell() noexcept { return *reinterpret_cast<histogram_cell*>(at()); }

  alignas(cache_line_bytes) std::byte memory_[3 * cell_bytes(row)];
};

struct seen {
  counts buckets;
  double sum;
  std::uint64_t in_native;

  bool operator==(seen const&) const = default;
};

seen read(owned_cell& cell) {
  histogram_reader reader;
  reader.start(row);
  reader.add(cell.at(), cell.shadow());
  seen result{{reader.counts().begin(), reader.counts().end()}, reader.sum(), 0};
  for (auto const& window : reader.native().windows)
    result.in_native +=
        std::accumulate(window.counts.begin(), window.counts.end(), std::uint64_t{0});
  return result;
}

}  // namespace

TEST(HistogramReader, ReadsAQuietCell) {
  owned_cell cell;
  for (double const value : {0.5, 1.5, 2.5, 3.5}) cell.observe(value);
  EXPECT_EQ(read(cell), (seen{{1, 1, 2}, 8, 4}));
}

// "a thread preempted in mid-update contributes its last snapshot"
TEST(HistogramReader, ReadsTheLastCopyWhereTheOwnerIsInMidUpdate) {
  owned_cell cell;
  cell.observe(0.5);
  cell.observe(1.5);
  seen const last = read(cell);
  cell.observe(2.5);
  cell.observe_and([&] { EXPECT_EQ(read(cell), last); });
}

// "after 16 failed reads the scraper posts a request and the owner copies its cells into a mailbox
// at its next observation"
TEST(HistogramReader, ReadsWhatTheOwnerCopiedWhenItWasAsked) {
  owned_cell cell;
  cell.observe(0.5);
  cell.observe(1.5);
  cell.observe_and([&] { EXPECT_EQ(read(cell), (seen{{0, 0, 0}, 0, 0})); });
  cell.observe(2.5);
  cell.observe_and([&] { EXPECT_EQ(read(cell), (seen{{1, 1, 1}, 7, 2})); });
}

TEST(HistogramReader, NeverFallsBehindAnEarlierRead) {
  owned_cell cell;
  cell.observe(0.5);
  cell.observe_and([&] { read(cell); });  // asks: the owner copies two observations
  for (int i = 0; i < 3; ++i) cell.observe(1.5);
  seen const five = read(cell);
  cell.observe_and([&] { EXPECT_EQ(read(cell), five); });
}

TEST(HistogramReader, AFoldedCellLosesNothing) {
  owned_cell retired;
  owned_cell cell;
  for (double const value : {0.5, 1.5}) cell.observe(value);
  retired.observe(100);
  fold_cell(row, cell.at(), cell.shadow(), retired.at());
  EXPECT_EQ(read(retired), (seen{{1, 1, 1}, 102, 3}));
}

// "Memory: bounded by live threads and touched series"
TEST(HistogramReader, NativeBucketsTakeMemoryWhileTheirThreadLivesAndAfterItOncePerSign) {
  auto const native_bytes = [] { return memory_bytes(memory_part::native_buckets); };
  constexpr std::size_t half =  // on lines of its own
      (sizeof(native_half) + stele::cache_line_bytes - 1) / stele::cache_line_bytes *
      stele::cache_line_bytes;
  std::size_t const before = native_bytes();
  {
    owned_cell retired;
    EXPECT_EQ(native_bytes(), before);
    for (int i = 0; i < 10; ++i) {
      owned_cell cell;
      cell.observe(0);  // the zero bucket needs none
      EXPECT_EQ(native_bytes(), before + (i == 0 ? 0 : half));
      cell.observe(1.5);
      EXPECT_EQ(native_bytes(), before + (i == 0 ? 1 : 2) * half);
      fold_cell(row, cell.at(), cell.shadow(), retired.at());
      EXPECT_EQ(native_bytes(), before + half);
    }
  }
  EXPECT_EQ(native_bytes(), before);
}

// A fork leaves other threads behind where they are.
TEST(HistogramReader, ACellThatStoppedInMidUpdateIsFoldedAsItsLastCopy) {
  owned_cell retired;
  owned_cell cell;
  for (double const value : {0.5, 1.5}) cell.observe(value);
  seen const last = read(cell);
  cell.observe(2.5);
  cell.observe_and([&] {
    fold_cell(row, cell.at(), cell.shadow(), retired.at());
    EXPECT_EQ(read(retired), last);
  });
}

// "what is missing is the one that was under way"
TEST(HistogramReader, ACellThatIsCopiedForAForkIsFoldedAsBeforeTheUpdateUnderWay) {
  owned_cell retired;
  owned_cell cell;
  cell.observe(0.5);
  read(cell);
  cell.begin_copies();
  for (double const value : {1.5, 2.5, 3.5}) cell.observe(value);
  cell.observe_and([&] {
    fold_cell(row, cell.at(), cell.shadow(), retired.at());
    EXPECT_EQ(read(retired), (seen{{1, 1, 2}, 8, 4}));
  });
}

TEST(HistogramReader, AGatherIsAnsweredAfterAFork) {
  owned_cell cell;
  cell.observe(0.5);
  cell.observe_and([&] { read(cell); });  // asks, and is not answered before the fork
  cell.begin_copies();
  cell.observe(1.5);
  cell.end_copies();
  seen const before = read(cell);
  cell.observe_and([&] { EXPECT_EQ(read(cell), before); });  // asks anew
  cell.observe(1.5);
  cell.observe_and([&] { EXPECT_GT(read(cell).sum, before.sum); });
}

// One copy is never read while another is made, whatever a fork and a gather ask for.
TEST(HistogramReader, CopiesOfAForkAndOfAGatherAreWhole) {
  owned_cell cell;
  std::atomic<bool> end{false};
  std::thread owner([&] {
    while (!end) cell.observe(1.0);
  });
  double last = 0;
  for (int i = 0; i < 2000; ++i) {
    cell.begin_copies();
    while (i % 2 == 0 && !cell.has_copies()) std::this_thread::yield();
    cell.end_copies();
    seen const now = read(cell);
    ASSERT_EQ(now.sum, static_cast<double>(now.buckets[0]));
    ASSERT_EQ(now.in_native, now.buckets[0]);
    ASSERT_GE(now.sum, last);
    last = now.sum;
  }
  end = true;
  owner.join();
}
