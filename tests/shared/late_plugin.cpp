// A shared object whose static object counts when it is loaded and after main(), and prints then.

#include <sample.hpp>
#include <stele/testing.hpp>

#include <cstdio>

namespace {

struct counts_and_prints {
  counts_and_prints() { sample::metric<"sample_events">.inc(); }
  ~counts_and_prints() {
    sample::metric<"sample_events">.inc(10);
    std::printf(
        "plugin: events %llu\n",
        static_cast<unsigned long long>(stele::testing::value(sample::metric<"sample_events">)));
  }
} object;

}  // namespace
