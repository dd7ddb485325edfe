// What memory does a scrape of a million series take, beside the snapshot?
//
// An endpoint whose heap is counted. bench/scrape_memory.py is the slow scraper, and asks through
// stdin: a line in, a line out, `heap peak snapshots` in bytes; then the peak begins anew. The
// first line out is the port.
//
// The snapshot is there before anything is asked: a gather fills the pool that later ones use. So
// all that a scrape adds to the heap is beside it: what the gather needs besides, the connection,
// the renderer and its chunks, the compressor, and what of them is kept.

#include <stele/serve.hpp>
#include <workspaces_1m.hpp>

#include <cstdio>

#include "core/memory.hpp"
#include "counted_heap.hpp"
#include "workspaces.hpp"

int main() {
  bench::make_workspaces(workspaces_1m::metric<"coderd_workspace_cpu_usage_cores">, 1'000'000);
  auto const endpoint = stele::serve<workspaces_1m::table>({.port = 0});
  if (!endpoint) {
    std::fprintf(stderr, "scrape_memory: %s\n", endpoint.error().message.c_str());
    return 1;
  }
  static_cast<void>(stele::gather<workspaces_1m::table>());
  std::printf("%u\n", static_cast<unsigned>(endpoint->port()));
  std::fflush(stdout);
  for (int seen = 0; (seen = std::getchar()) != EOF;) {
    if (seen != '\n') continue;
    std::printf("%zu %zu %zu\n", bench::heap_bytes(), bench::heap_peak(),
                stele::core::memory_bytes(stele::core::memory_part::snapshots));
    std::fflush(stdout);
    bench::begin_peak();
  }
}
