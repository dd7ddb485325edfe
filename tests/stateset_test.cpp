// Statesets: which of a row's states are on, and how both text formats show them.

#include <sample.hpp>
#include <stele/testing.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

using sample::metric;
using sample::sample_switch;
using stele::testing::refused;
using stele::testing::value;

namespace {

constexpr std::uint64_t off = 1;
constexpr std::uint64_t on = 2;
constexpr std::uint64_t automatic = 4;

std::string text(stele::format which = stele::format::text) {
  return stele::testing::exposition<sample::table>(which);
}

/// The lines of one family, from its HELP to the next one's.
std::string family(std::string_view name, stele::format which) {
  std::string const all = text(which);
  std::size_t const start = all.find("# HELP " + std::string(name) + " ");
  if (start == std::string::npos) return {};
  return all.substr(start, all.find("\n# ", all.find("\n" + std::string(name), start)) + 1 - start);
}

}  // namespace

TEST(Stateset, HasNoStateOnAtFirst) { EXPECT_EQ(value(metric<"sample_drains">), 0U); }

// "`switch_to(state)` (exactly this one)"
TEST(Stateset, SwitchesToExactlyOneState) {
  metric<"sample_switch">.switch_to(sample_switch::off);
  EXPECT_EQ(value(metric<"sample_switch">), off);
  metric<"sample_switch">.switch_to(sample_switch::auto_);
  EXPECT_EQ(value(metric<"sample_switch">), automatic);
  metric<"sample_switch">.enable(sample_switch::on);
  metric<"sample_switch">.switch_to("off");
  EXPECT_EQ(value(metric<"sample_switch">), off);
}

TEST(Stateset, EnablesAndDisablesOneStateAndLeavesTheOthers) {
  metric<"sample_switch">.switch_to(sample_switch::off);
  metric<"sample_switch">.enable(sample_switch::auto_);
  EXPECT_EQ(value(metric<"sample_switch">), off | automatic);
  metric<"sample_switch">.disable(sample_switch::off);
  metric<"sample_switch">.disable(sample_switch::on);
  EXPECT_EQ(value(metric<"sample_switch">), automatic);
  metric<"sample_switch">.set(sample_switch::on, true);
  metric<"sample_switch">.set("auto", false);
  EXPECT_EQ(value(metric<"sample_switch">), on);
}

// "also text as closed labels take it (not in the set: refused and counted; `other` is not special
// here unless the set has it)"
TEST(Stateset, RefusesAndCountsWhatIsNoState) {
  metric<"sample_switch">.switch_to("on");
  auto const before = refused(metric<"sample_switch">);
  metric<"sample_switch">.switch_to("other");
  metric<"sample_switch">.enable("");
  metric<"sample_switch">.disable("ON");
  metric<"sample_switch">.set(std::string("nothing"), true);
  metric<"sample_switch">.switch_to(static_cast<sample_switch>(7));
  EXPECT_EQ(refused(metric<"sample_switch">) - before, 5U);
  EXPECT_EQ(value(metric<"sample_switch">), on);
}

TEST(Stateset, TakesOtherForTextThatIsNoStateWhereTheSetHasIt) {
  auto const before = refused(metric<"sample_features">);
  metric<"sample_features">.switch_to("whatever");
  EXPECT_EQ(value(metric<"sample_features">), 4U);
  EXPECT_EQ(refused(metric<"sample_features">), before);
}

TEST(Stateset, HasASeriesForEachSetOfItsOtherLabels) {
  auto const up = metric<"sample_zone_bytes">.with({.zone = sample::zone::a});
  up.switch_to(sample::sample_zone_bytes::up);
  EXPECT_EQ(value(up), 1U);
  EXPECT_EQ(value(metric<"sample_zone_bytes">.with({.zone = "b"})), 0U);
  auto const node = metric<"sample_node">.with({.node = "n1"});
  node.switch_to("down");
  metric<"sample_node">.with({.node = "n2"}).enable("up");
  EXPECT_EQ(value(node), 2U);
  auto const before = refused(metric<"sample_zone_bytes">);
  metric<"sample_zone_bytes">.with({.zone = "c"}).enable("up");
  EXPECT_EQ(refused(metric<"sample_zone_bytes">), before + 1);
}

TEST(Stateset, IsChangedFromEveryThread) {
  auto const node = metric<"sample_node">.with({.node = "threads"});
  std::thread([&] { node.switch_to("down"); }).join();
  EXPECT_EQ(value(node), 2U);
  node.switch_to("up");
  EXPECT_EQ(value(node), 1U);
}

// "Map unknown→untyped, info and stateset→gauge"; "the renderer writes one line a state"
TEST(Stateset, IsAGaugeALineAStateInText) {
  metric<"sample_switch">.switch_to("auto");
  metric<"sample_node">.with({.node = "a\"b"}).switch_to("up");
  EXPECT_EQ(family("sample_switch", stele::format::text),
            "# HELP sample_switch One at a time.\n"
            "# TYPE sample_switch gauge\n"
            "sample_switch{sample_switch=\"off\"} 0\n"
            "sample_switch{sample_switch=\"on\"} 0\n"
            "sample_switch{sample_switch=\"auto\"} 1\n");
  EXPECT_NE(text().find("sample_node{node=\"a\\\"b\",sample_node=\"up\"} 1\n"
                        "sample_node{node=\"a\\\"b\",sample_node=\"down\"} 0\n"),
            std::string::npos);
}

// "label values escape `\\`, `\"`, `\n`."
TEST(Stateset, EscapesItsStates) {
  metric<"sample_features">.switch_to(sample::sample_features::c_d);
  EXPECT_NE(text().find("sample_features{sample_features=\"a\\\"b\"} 0\n"
                        "sample_features{sample_features=\"c\\\\d\"} 1\n"),
            std::string::npos)
      << text();
}

// "A StateSet's family name has no suffix, its UNIT must be empty, its values are 0 or 1"
TEST(Stateset, IsAStatesetInOpenMetricsWithoutAUnit) {
  metric<"sample_zone_bytes">.with({.zone = "a"}).switch_to("down");
  EXPECT_EQ(family("sample_zone_bytes", stele::format::openmetrics),
            "# HELP sample_zone_bytes A closed label beside the states.\n"
            "# TYPE sample_zone_bytes stateset\n"
            "sample_zone_bytes{zone=\"a\",sample_zone_bytes=\"up\"} 0\n"
            "sample_zone_bytes{zone=\"a\",sample_zone_bytes=\"down\"} 1\n"
            "sample_zone_bytes{zone=\"b\",sample_zone_bytes=\"up\"} 0\n"
            "sample_zone_bytes{zone=\"b\",sample_zone_bytes=\"down\"} 0\n");
}

// "so that a scrape never sees two states of an exclusive switch"
TEST(Stateset, AScrapeNeverSeesTwoStatesOfASwitch) {
  auto const node = metric<"sample_node">.with({.node = "switched"});
  node.switch_to("up");
  std::atomic<bool> stop{false};
  std::thread writer([&] {
    while (!stop.load(std::memory_order_relaxed)) {
      node.switch_to(sample::sample_node::down);
      node.switch_to(sample::sample_node::up);
    }
  });
  // Until the reader has met the writer often, which a loaded machine may put off for a while.
  int wrong = 0;
  int changes = 0;
  std::uint64_t last = 1;
  for (int i = 0; i < 100'000 && changes < 2'000; ++i) {
    auto const states = value(node);
    if (states != 1 && states != 2) ++wrong;
    if (std::exchange(last, states) != states) ++changes;
  }
  stop = true;
  writer.join();
  EXPECT_EQ(wrong, 0);
}

TEST(Stateset, ChangesOfDifferentStatesNeverUndoEachOther) {
  auto const node = metric<"sample_node">.with({.node = "two threads"});
  int lost = 0;
  std::atomic<bool> stop{false};
  std::thread other([&] {
    while (!stop.load(std::memory_order_relaxed)) {
      node.enable("down");
      node.disable("down");
    }
  });
  auto const& cell = *reinterpret_cast<stele::state_cell*>(node.series().handle.made_with()->cell);
  auto const end = std::chrono::steady_clock::now() + std::chrono::milliseconds(500);
  while (std::chrono::steady_clock::now() < end) {
    for (int i = 0; i < 1000; ++i) {
      node.enable("up");
      if ((cell.read() & 1) == 0) ++lost;
      node.disable("up");
      if ((cell.read() & 1) != 0) ++lost;
    }
  }
  stop = true;
  other.join();
  EXPECT_EQ(lost, 0);
}
