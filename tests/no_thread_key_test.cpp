// A process that has no pthread key left counts, and forks, all the same.

#include <sample.hpp>
#include <stele/testing.hpp>

#include <gtest/gtest.h>
#include <pthread.h>

#include <thread>
#include <vector>

#include "in_child.hpp"

using sample::metric;
using stele::testing::value;

namespace {

/// Takes all of the process's keys while it lives.
class all_keys {
 public:
  all_keys() {
    for (pthread_key_t key{}; pthread_key_create(&key, nullptr) == 0;) keys_.push_back(key);
  }
  ~all_keys() {
    for (pthread_key_t const key : keys_) pthread_key_delete(key);
  }
  all_keys(all_keys const&) = delete;
  all_keys& operator=(all_keys const&) = delete;

 private:
  std::vector<pthread_key_t> keys_;
};

}  // namespace

// The only test of this program: nothing has counted before.
TEST(NoThreadKey, CountsInTheRetiredCellsUntilThereIsOne) {
  {
    all_keys const taken;
    metric<"sample_jobs_total">.inc();
    std::thread([] { metric<"sample_jobs_total">.inc(2); }).join();
    EXPECT_EQ(value(metric<"sample_jobs_total">), 3U);
    EXPECT_EQ(in_child([] {
                metric<"sample_jobs_total">.inc();
                return value(metric<"sample_jobs_total">) == 4U;
              }),
              0);
  }
  metric<"sample_jobs_total">.inc();
  std::thread([] { metric<"sample_jobs_total">.inc(); }).join();
  EXPECT_EQ(value(metric<"sample_jobs_total">), 5U);
}
