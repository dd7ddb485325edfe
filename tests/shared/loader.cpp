// loader.cpp: a program that counts once through each of the plugins that it is given, in order.
//
//   loader PLUGIN…          prints the value that the last one sees
//
// With LOADER_USES_STELE it counts once itself before.

#include <cstdint>
#include <cstdio>
#include <exception>

#include "loaded.hpp"

#if defined(LOADER_USES_STELE)
#include <sample.hpp>
#endif

int main(int count, char** arguments) try {
#if defined(LOADER_USES_STELE)
  sample::metric<"sample_jobs_total">.inc();
#endif
  unsigned long long seen = 0;
  for (int i = 1; i < count; ++i) {
    loaded const plugin(arguments[i]);
    plugin.function<void(std::uint64_t)>("plugin_count")(1);
    seen = plugin.function<std::uint64_t()>("plugin_value")();
  }
  std::printf("%llu\n", seen);
} catch (std::exception const& failure) {
  std::fprintf(stderr, "loader: %s\n", failure.what());
  return 3;
}
