// loop.hpp: the loops in which everything is timed, so that rivals and limits run in the same one.
//
//   void counter_inc(benchmark::State& state) {
//     repeat(state, [] { metric<"bench_jobs_total">.inc(); });
//   }
//
// Threads: each of a bench's threads runs the loop; what they share is the update's own affair.

#pragma once

#include <benchmark/benchmark.h>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

namespace bench {

/// Times update(). What an update does only once a thread happens before.
template <class Update>
[[gnu::flatten]] void repeat(benchmark::State& state, Update update) {
  update();
  for (auto _ : state) {
    update();
    benchmark::ClobberMemory();
  }
  state.SetItemsProcessed(state.iterations());
}

/// Times update(input) over prepared inputs, whose number is a power of two. The access to the
/// array is part of the time, on every side. Two threads begin at different places.
template <class Input, class Update>
[[gnu::flatten]] void repeat_over(benchmark::State& state, std::vector<Input> const& inputs,
                                  Update update) {
  std::size_t const last = inputs.size() - 1;
  std::size_t i = static_cast<std::size_t>(state.thread_index()) * (inputs.size() / 2 + 1);
  Input const* const first = inputs.data();
  update(first[0]);
  for (auto _ : state) {
    update(first[i++ & last]);
    benchmark::ClobberMemory();
  }
  state.SetItemsProcessed(state.iterations());
}

inline constexpr std::size_t inputs_count = 4096;

/// Durations in seconds, each power of ten from 1 ms to 30 s as likely as the other: every bucket
/// of the histogram gets its share, and no branch predictor learns which is next.
inline std::vector<double> const& durations() {
  static std::vector<double> const values = [] {
    std::mt19937_64 random(20'261'123);
    std::uniform_real_distribution<double> exponent(std::log(0.001), std::log(30.0));
    std::vector<double> made(inputs_count);
    for (double& value : made) value = std::exp(exponent(random));
    return made;
  }();
  return values;
}

/// The thread's own cell of a limit, reached through a pointer as Stele reaches its slab, and alone
/// on its cache lines.
template <class Cell>
struct own_cell {
  alignas(64) static inline thread_local Cell cell{};
  static inline constinit thread_local Cell* pointer = nullptr;

  static void attach() { pointer = &cell; }
};

}  // namespace bench

/// For one thread CPU time counts, which a busy machine disturbs less; for two the wall's.
#define STELE_BENCH_1T(function) BENCHMARK(function)
#define STELE_BENCH_2T(function) BENCHMARK(function)->Threads(2)->UseRealTime()
