// The cells of a row that is set: side by side, kept by whoever refers to them, used again.

#include "core/shared_cells.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <set>
#include <thread>
#include <vector>

#include "stele/cell.hpp"

namespace {

using namespace stele;
using namespace stele::core;

constexpr descriptor row{.name = "sessions"};

std::size_t bytes() { return memory_bytes(memory_part::open_series); }

std::vector<shared_cells::cell> take_many(shared_cells& from, std::size_t count) {
  std::vector<shared_cells::cell> taken;
  for (std::size_t i = 0; i < count; ++i) taken.push_back(from.take());
  return taken;
}

gauge_cell<std::int64_t>& gauge(shared_cells::cell const& cell) {
  return *reinterpret_cast<gauge_cell<std::int64_t>*>(cell.at);
}

}  // namespace

// "never on a line with another's cell"
TEST(SharedCells, HaveALineEach) {
  shared_cells cells(row);
  std::set<std::byte*> lines;
  for (auto const& each : take_many(cells, 10'000)) {
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(each.at) % cache_line_bytes, 0U);
    EXPECT_TRUE(lines.insert(each.at).second);
    EXPECT_EQ(gauge(each).read(), 0);
    gauge(each).set(1);
  }
}

TEST(SharedCells, AreUsedAgainAtZeroWhenNobodyKeepsThem) {
  shared_cells cells(row);
  auto const taken = take_many(cells, 1'000);
  for (auto const& each : taken) gauge(each).set(5);
  std::size_t const before = bytes();
  taken[17].add_use();
  for (std::size_t i = 10; i < 20; ++i) taken[i].drop_use();
  std::set<std::byte*> again;
  for (auto const& each : take_many(cells, 9)) {
    EXPECT_EQ(gauge(each).read(), 0);
    again.insert(each.at);
  }
  std::set<std::byte*> dropped;
  for (std::size_t i = 10; i < 20; ++i)
    if (i != 17) dropped.insert(taken[i].at);
  EXPECT_EQ(again, dropped);
  EXPECT_EQ(gauge(taken[17]).read(), 5);
  EXPECT_EQ(bytes(), before);
}

TEST(SharedCells, GiveTheirMemoryBackWhenAWholePageIsFree) {
  std::size_t const before = bytes();
  shared_cells cells(row);
  auto taken = take_many(cells, 5'000);
  EXPECT_GT(bytes(), before + 5'000 * cache_line_bytes);
  for (auto const& each : taken) each.drop_use();
  EXPECT_GT(bytes(), before + 5'000 * cache_line_bytes);
  cells.trim();
  EXPECT_LE(bytes(), before + 1'000);  // the list of pages
  EXPECT_EQ(gauge(cells.take()).read(), 0);
}

// A thread that makes a new series lets go of its blocks of ended ones first.
TEST(SharedCells, GiveTheirMemoryBackAlsoWhereOneIsTakenInBetween) {
  std::size_t const before = bytes();
  shared_cells cells(row);
  for (auto const& each : take_many(cells, 5'000)) each.drop_use();
  cells.take();
  cells.trim();
  EXPECT_LT(bytes(), before + 5'000 * cache_line_bytes / 2);
}

// A handle may end on any thread, while the table's makes new series.
TEST(SharedCells, MayBeDroppedByAnyThread) {
  shared_cells cells(row);
  for (int round = 0; round < 20; ++round) {
    auto const taken = take_many(cells, 500);
    std::thread dropping([&] {
      for (auto const& each : taken) each.drop_use();
    });
    auto const others = take_many(cells, 500);
    cells.trim();
    for (auto const& each : others) gauge(each).set(round);
    for (auto const& each : others) each.drop_use();
    dropping.join();
  }
  cells.trim();
  std::size_t const before = bytes();
  take_many(cells, 1);
  EXPECT_LE(bytes(), before + 1'000);
}
