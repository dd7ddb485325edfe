// One thread changes the store, others gather: every snapshot is consistent.

#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <random>
#include <set>
#include <thread>

#include "core/snapshot_data.hpp"
#include "pushed_bundles.hpp"
#include "stele/naming.hpp"

using namespace pushed;

namespace {

/// What is wrong with a snapshot; empty where nothing is. All that is observed is 1.0.
std::string fault_of(stele::core::snapshot_data const& data) {
  std::set<std::string> seen;
  for (auto const& family : data.families) {
    for (auto const& other : data.families)
      if (&other != &family && stele::naming::clash(*family.about, *other.about))
        return std::string(family.about->name) + " clashes with " + std::string(other.about->name);
    for (auto const& run : data.runs_of(family)) {
      auto const& about = data.about(family, run);
      std::uint64_t const* values = data.values.data() + run.first_value;
      for (std::uint32_t i = 0; i < run.count; ++i) {
        std::string const name =
            std::string(family.about->name).append("{").append(run.labels[i]).append("}");
        if (!seen.insert(name).second) return name + " is there twice";
        if (about.type == metric_type::histogram) {
          std::uint64_t count = 0;
          for (std::size_t b = 0; b <= about.bounds.size(); ++b) count += values[b];
          double const sum = std::bit_cast<double>(values[about.bounds.size() + 1]);
          if (sum != static_cast<double>(count)) return name + " has another sum than count";
        }
        values += stele::core::value_count(about, values);
      }
    }
  }
  return {};
}

/// Does something at random with one of few workspaces.
class changes {
 public:
  explicit changes(pushed_store& agents) : agents_(agents) {}

  void step() {
    std::string const workspace = "w" + std::to_string(pick(6));
    switch (pick(16)) {
      case 0: agents_->remove_group(workspace, "job=0"); break;
      case 1: agents_->release_workspace(workspace, epoch_); break;
      case 2: now += 400; break;
      case 3: agents_->reclaim(now, pick(4)); break;
      default: push(workspace);
    }
  }

 private:
  std::size_t pick(std::size_t below) { return random_() % below; }

  series counted(std::string labels) {
    ++observed_;
    std::uint64_t const first = observed_ / 3;
    if (pick(3) == 0)
      return buckets(std::move(labels), {1, 2, 3}, {first, observed_ - first, 0, 0},
                     static_cast<double>(observed_));
    return buckets(std::move(labels), {1}, {first, observed_ - first},
                   static_cast<double>(observed_));
  }

  void push(std::string const& workspace) {
    std::vector<family> families;
    std::vector<series> all;
    for (std::size_t i = 0; i < 4; ++i)
      if (pick(3) != 0) all.push_back(counted("a=\"" + std::to_string(i) + "\""));
    families.push_back(histogram("wait", all));
    all.clear();
    for (std::size_t i = 0; i < 8; ++i)
      if (pick(3) != 0)
        all.emplace_back("a=\"" + std::to_string(i) + "\"", static_cast<double>(++observed_));
    families.push_back(pick(5) == 0 ? counter("jobs", all) : gauge("jobs", all));
    if (pick(3) == 0) families.push_back(gauge("wait_count", {{"", 1}}));
    if (pick(2) == 0) families.push_back(counter("runs_total", {{"", 1}}));
    if (pick(4) == 0) families.push_back(gauge("runs", {{"", 1}}));
    pusher by{.workspace = workspace,
              .group = "job=" + std::to_string(pick(2)),
              .how = pick(3) == 0 ? pushing::replace::families : pushing::replace::all,
              .arrived = ++epoch_};
    auto const bundle = bundle_of(families);
    agents_.push(by, bundle);
    for (auto times = pick(4); times > 0; --times) {
      by.arrived = ++epoch_;
      agents_.push(by, bundle);
    }
  }

  pushed_store& agents_;
  std::mt19937 random_{7};
  std::uint64_t observed_ = 0;
  pushing::epoch epoch_ = 1'000;
};

void change_and_gather(pushing::store_settings settings, int steps) {
  pushed_store agents(std::move(settings));
  std::atomic<bool> ends{false};
  std::atomic<int> gathers{0};
  auto const gather = [&] {
    while (!ends || gathers < 10) {
      auto const snapshot = stele::gather<sample::table>();
      std::string const fault = fault_of(snapshot.data());
      EXPECT_EQ(fault, "");
      ++gathers;
      if (!fault.empty()) return;
    }
  };
  std::thread first(gather);
  std::thread second([&] {
    while (!ends) {
      EXPECT_LE(agents->count(now).workspaces, 6U);
      gather();
    }
  });
  changes all(agents);
  for (int i = 0; i < steps; ++i) all.step();
  ends = true;
  first.join();
  second.join();
  EXPECT_GT(gathers, 10);
}

}  // namespace

TEST(AgentsThreads, ShowConsistentSnapshotsWhileAllChanges) {
  change_and_gather({.ttl_ms = 3'000}, 4'000);
}

TEST(AgentsThreads, ShowConsistentSnapshotsOfJoinedSeries) {
  change_and_gather(
      {.ttl_ms = 3'000,
       .rules = {.drop_labels = {"a"}, .functions = {{"*", pushing::join_function::last}}}},
      4'000);
}

// What counts does not fall while sources end, start anew and come.
TEST(AgentsThreads, NeverShowAJoinedCounterLower) {
  pushed_store agents(
      {.ttl_ms = 3'000, .rules = {.keep = {pushing::kept_labels::which::none, {}}}});
  auto const bundle = bundle_of({counter("runs_total", {{"", 1}})});
  agents.push({.workspace = "stays"}, bundle);
  std::atomic<bool> ends{false};
  std::thread reader([&] {
    double last = 0;
    while (!ends) {
      auto const snapshot = stele::gather<sample::table>();
      double const shown = snapshot.data().floating(0);
      EXPECT_GE(shown, last);
      if (shown < last) return;
      last = shown;
    }
  });
  for (int i = 0; i < 3'000; ++i) {
    std::string const workspace = "w" + std::to_string(i % 5);
    // Goes up, and from time to time begins anew.
    agents.push({.workspace = workspace, .arrived = 1'000 + i},
                again(bundle, {counter("runs_total", {{"", double(i % 11)}})}));
    if (i % 17 == 0) agents->release_workspace(workspace, 1'001 + i);
    if (i % 23 == 0) agents->reclaim(now, 1);
  }
  ends = true;
  reader.join();
}

// Its removal waits for a gather that reads it.
TEST(AgentsThreads, LeaveATableWhileItIsGathered) {
  std::atomic<bool> ends{false};
  std::thread reader([&] {
    while (!ends) EXPECT_LE(stele::gather<sample::table>().family_count(), 1U);
  });
  for (int i = 0; i < 300; ++i) {
    pushed_store agents;
    agents.push({}, {gauge("jobs", {{"", 1}})});
  }
  ends = true;
  reader.join();
}
