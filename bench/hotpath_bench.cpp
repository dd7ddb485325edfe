// What does an update cost, beside the limit of the machine and beside prometheus-cpp? The benches
// are in the other files of this program: figures are ratios, and a ratio needs one run.

#include <benchmark/benchmark.h>

BENCHMARK_MAIN();
