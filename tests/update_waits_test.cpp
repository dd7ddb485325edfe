// What an update waits for: not for a gather, also where exemplars are taken of it.

#include <sample.hpp>
#include <stele/testing.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <future>
#include <mutex>
#include <thread>

#include "core/table_state.hpp"

using sample::metric;

// A gather holds the table's mutex; after one, a thread's next updates go the long way, and then
// the short one again.
TEST(UpdateWaits, NotForAGatherWhileExemplarsAreTaken) {
  stele::set_exemplar_source(
      [](stele::exemplar_writer& labels) { labels.add("trace_id", "4bf92f3577b34da6"); });
  std::promise<void> attached;
  std::promise<void> held;
  std::promise<void> done;
  auto const finished = done.get_future();
  std::thread updates([&] {
    metric<"sample_jobs_total">.inc();
    metric<"sample_hold_seconds">.observe(1.0);
    attached.set_value();
    held.get_future().wait();
    for (int i = 0; i < 200'000; ++i) {
      metric<"sample_jobs_total">.inc();
      metric<"sample_hold_seconds">.observe(1.0);
    }
    done.set_value();
  });
  attached.get_future().wait();
  static_cast<void>(stele::testing::exposition<sample::table>());
  {
    std::lock_guard const gather(stele::core::state_of(stele::link_of<sample::table>).mutex);
    held.set_value();
    if (finished.wait_for(std::chrono::seconds(20)) != std::future_status::ready) {
      ADD_FAILURE() << "an update waits for the mutex";
      std::quick_exit(1);
    }
  }
  updates.join();
  stele::clear_exemplar_source();
}
