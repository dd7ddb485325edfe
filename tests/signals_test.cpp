// inc_from_signal(): nothing is lost, neither of the handler nor of what it interrupts.

#include <sample.hpp>
#include <stele/testing.hpp>

#include <gtest/gtest.h>
#include <pthread.h>

#include <atomic>
#include <cmath>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <thread>

using sample::metric;
using stele::testing::value;

namespace {

std::atomic<std::uint64_t> handled{0};
constinit thread_local bool in_handler = false;

extern "C" void count_signal(int) {
  in_handler = true;
  metric<"sample_jobs_total">.inc_from_signal();
  metric<"sample_wait_seconds_total">.inc_from_signal(0.5);
  metric<"sample_transfers_total">.with({.direction = sample::direction::out}).inc_from_signal(2);
  in_handler = false;
  handled.fetch_add(1, std::memory_order_relaxed);
}

}  // namespace

namespace {

/// Signals interrupt a thread that counts the same rows. Where a source is set, `meanwhile`
/// gathers, which sends the thread the long way.
template <class Meanwhile>
void count_among_signals(int signals, Meanwhile meanwhile) {
  struct sigaction action{};
  struct sigaction before{};
  action.sa_handler = count_signal;
  ASSERT_EQ(sigaction(SIGUSR1, &action, &before), 0);
  auto const jobs = value(metric<"sample_jobs_total">);
  auto const wait = value(metric<"sample_wait_seconds_total">);
  auto const out = metric<"sample_transfers_total">.with({.direction = sample::direction::out});
  auto const sent = value(out);
  std::atomic<bool> end{false};
  std::uint64_t counted = 0;
  std::thread counting([&] {
    while (!end) {
      metric<"sample_jobs_total">.inc();
      metric<"sample_wait_seconds_total">.inc(0.5);
      out.inc(2);
      ++counted;
    }
  });
  // A signal that is sent while another is pending is not delivered: wait for each.
  for (int i = 0; i < signals; ++i) {
    std::uint64_t const seen = handled;
    pthread_kill(counting.native_handle(), SIGUSR1);
    meanwhile(i);
    while (handled == seen) std::this_thread::yield();
  }
  end = true;
  counting.join();
  sigaction(SIGUSR1, &before, nullptr);
  std::uint64_t const total = counted + static_cast<std::uint64_t>(signals);
  EXPECT_EQ(value(metric<"sample_jobs_total">) - jobs, total);
  EXPECT_EQ(value(metric<"sample_wait_seconds_total">) - wait, 0.5 * static_cast<double>(total));
  EXPECT_EQ(value(out) - sent, 2 * total);
}

}  // namespace

TEST(Signals, NothingIsLostAmongSignalsThatInterruptUpdates) {
  count_among_signals(5000, [](int) {});
}

// inc_from_signal() takes no exemplar, and so calls no source; a handler may interrupt the source
// of the update under way, or the taking of its exemplar.
TEST(Signals, NothingIsLostWhileExemplarsAreTaken) {
  static std::atomic<int> asked{0};
  stele::set_exemplar_source([](stele::exemplar_writer& labels) {
    EXPECT_FALSE(in_handler) << "the source was called in a signal handler";
    labels.add("trace_id", std::string(static_cast<std::size_t>(asked++ % 100), 'x'));
  });
  count_among_signals(5000, [](int i) {
    if (i % 10 == 0) static_cast<void>(stele::testing::exposition<sample::table>());
  });
  stele::clear_exemplar_source();
  EXPECT_GT(asked, 100);
}

// "Negative and NaN increments are refused and counted"
TEST(Signals, WhatACounterCannotHaveIsRefusedAndCounted) {
  using stele::testing::refused;
  auto const wait = value(metric<"sample_wait_seconds_total">);
  auto const before = refused(metric<"sample_wait_seconds_total">);
  constexpr double infinity = std::numeric_limits<double>::infinity();
  for (double const amount : {-1.0, -infinity, infinity, std::nan("")})
    metric<"sample_wait_seconds_total">.inc_from_signal(amount);
  EXPECT_EQ(refused(metric<"sample_wait_seconds_total">) - before, 4U);
  EXPECT_EQ(value(metric<"sample_wait_seconds_total">), wait);

  // An integral row, whose cell could not say that it was negative.
  auto const jobs = value(metric<"sample_jobs_total">);
  auto const jobs_before = refused(metric<"sample_jobs_total">);
  metric<"sample_jobs_total">.inc_from_signal(-1);
  EXPECT_EQ(refused(metric<"sample_jobs_total">) - jobs_before, 1U);
  EXPECT_EQ(value(metric<"sample_jobs_total">), jobs);

  // A label value that is not in its closed set.
  auto const sideways = metric<"sample_transfers_total">.with({.direction = "sideways"});
  auto const transfers_before = refused(metric<"sample_transfers_total">);
  sideways.inc_from_signal();
  EXPECT_EQ(refused(metric<"sample_transfers_total">) - transfers_before, 1U);
}

TEST(Signals, RefusalsOfAHandlerThatInterruptsARefusalAreAllCounted) {
  struct sigaction action{};
  struct sigaction before{};
  action.sa_handler = [](int) {
    metric<"sample_wait_seconds_total">.inc_from_signal(-0.5);
    handled.fetch_add(1, std::memory_order_relaxed);
  };
  ASSERT_EQ(sigaction(SIGUSR2, &action, &before), 0);
  auto const refused_before = stele::testing::refused(metric<"sample_wait_seconds_total">);
  std::atomic<bool> end{false};
  std::uint64_t counted = 0;
  std::thread counting([&] {
    for (; !end; ++counted) metric<"sample_wait_seconds_total">.inc_from_signal(-1.0);
  });
  for (int i = 0; i < 1000; ++i) {
    std::uint64_t const seen = handled;
    pthread_kill(counting.native_handle(), SIGUSR2);
    while (handled == seen) std::this_thread::yield();
  }
  end = true;
  counting.join();
  sigaction(SIGUSR2, &before, nullptr);
  EXPECT_EQ(stele::testing::refused(metric<"sample_wait_seconds_total">) - refused_before,
            counted + 1000);
}

TEST(Signals, ACounterThatOnlyHandlersCountIsExposedAtZero) {
  EXPECT_EQ(value(metric<"sample_alloc_bytes_total">), 0U);
  if (handled == 0) metric<"sample_alloc_bytes_total">.inc_from_signal();
  EXPECT_NE(stele::testing::exposition<sample::table>().find("sample_alloc_bytes_total "),
            std::string::npos);
}
