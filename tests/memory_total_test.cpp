// The parts of memory leave nothing out: their sum is what the core took from malloc.
//
// This program's malloc notes what is taken while a thread says that the library is at work, with
// what the C library itself takes for a thread or a shared object left out.

#include <dlfcn.h>
#include <pthread.h>
#include <sample.hpp>
#include <stele/testing.hpp>

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <new>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "core/memory.hpp"
#include "native_table.hpp"

using sample::metric;

extern "C" {
void* __libc_malloc(std::size_t bytes);
void* __libc_memalign(std::size_t alignment, std::size_t bytes);
void __libc_free(void* memory);
}

namespace {

/// Whether what this thread takes from malloc is the library's.
constinit thread_local bool noting = false;

/// Sets `noting` for a scope.
class noted_as {
 public:
  explicit noted_as(bool library) noexcept : before_(noting) { noting = library; }
  ~noted_as() { noting = before_; }
  noted_as(noted_as const&) = delete;
  noted_as& operator=(noted_as const&) = delete;

 private:
  bool before_;
};

/// What is noted: open addressing without erasure but by a mark, in static memory.
struct note {
  void* memory;
  std::size_t bytes;
};
constinit std::array<note, std::size_t{1} << 18> notes{};
constinit std::atomic_flag notes_lock{};
constinit std::atomic<std::size_t> noted_bytes{0};
char erased_mark{};

std::size_t place_of(void* memory) noexcept {
  return (reinterpret_cast<std::uintptr_t>(memory) >> 4) * 0x9E3779B97F4A7C15U >> 46;
}

void* note_taken(void* memory, std::size_t bytes) noexcept {
  if (!noting || memory == nullptr) return memory;
  while (notes_lock.test_and_set(std::memory_order_acquire)) {
  }
  std::size_t at = place_of(memory);
  while (notes[at].memory != nullptr && notes[at].memory != &erased_mark)
    at = (at + 1) % notes.size();
  notes[at] = {memory, bytes};
  noted_bytes += bytes;
  notes_lock.clear(std::memory_order_release);
  return memory;
}

void note_released(void* memory) noexcept {
  if (memory == nullptr || noted_bytes == 0) return;
  while (notes_lock.test_and_set(std::memory_order_acquire)) {
  }
  std::size_t at = place_of(memory);
  while (notes[at].memory != nullptr && notes[at].memory != memory) at = (at + 1) % notes.size();
  if (notes[at].memory == memory) {
    noted_bytes -= notes[at].bytes;
    notes[at].memory = &erased_mark;
  }
  notes_lock.clear(std::memory_order_release);
}

constinit std::atomic<int> news_of_library{0};

}  // namespace

extern "C" {
void* malloc(std::size_t bytes) { return note_taken(__libc_malloc(bytes), bytes); }
int posix_memalign(void** memory, std::size_t alignment, std::size_t bytes) {
  *memory = note_taken(__libc_memalign(alignment, bytes), bytes);
  return *memory == nullptr ? ENOMEM : 0;
}
void free(void* memory) {
  note_released(memory);
  __libc_free(memory);
}

int pthread_create(pthread_t* made, pthread_attr_t const* attributes, void* (*run)(void*),
                   void* argument) {
  static auto* const real =
      reinterpret_cast<decltype(&pthread_create)>(::dlsym(RTLD_NEXT, "pthread_create"));
  noted_as const libcs(false);
  return real(made, attributes, run, argument);
}
void* dlopen(char const* name, int flags) {
  static auto* const real = reinterpret_cast<decltype(&dlopen)>(::dlsym(RTLD_NEXT, "dlopen"));
  noted_as const libcs(false);
  return real(name, flags);
}
}

// The program's own memory is not noted.
void* operator new(std::size_t bytes) {
  if (noting) ++news_of_library;
  if (void* const memory = __libc_malloc(bytes)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { __libc_free(memory); }
void operator delete(void* memory, std::size_t) noexcept { __libc_free(memory); }

namespace {

/// What the parts say beyond what was noted. The same at all times, if they leave nothing out.
std::int64_t beyond_noted() {
  std::size_t sum = 0;
  for (std::size_t i = 0; i < stele::core::memory_parts; ++i)
    sum += stele::core::memory_bytes(static_cast<stele::core::memory_part>(i));
  return static_cast<std::int64_t>(sum) - static_cast<std::int64_t>(noted_bytes.load());
}

void gather_noted() {
  noted_as const library(true);
  auto const values = stele::gather<sample::table>();
}

void update_everything(int thread) {
  for (int i = 0; i < 300; ++i) {
    std::string const page = std::to_string(i * (thread + 1));
    noted_as const library(true);
    metric<"sample_visits_total">.with({.page = page, .user = "u"}).inc();
    metric<"sample_open_pause_seconds">.with({.cause = page.substr(0, 1)}).observe(0.5 + i);
    metric<"sample_open_latency_seconds">.with({.path = page.substr(0, 1)}).observe(0.5);
    metric<"sample_rooms">.with({.house = page.substr(0, 1)}).inc();
  }
  noted_as const library(true);
  metric<"sample_jobs_total">.inc(1, {{"trace_id", "abc"}});
  metric<"sample_jobs_total">.inc(1,
                                  {{"trace_id", std::string_view("a long one, so that it has "
                                                                 "to have a larger place than "
                                                                 "the others, of 96 bytes, x")}});
  metric<"sample_wide_total">.with({.x = "a", .y = "b", .z = "c"}).inc();
  metric<"sample_wide_level">.with({.x = "a", .y = "b"}).set(1);
  metric<"sample_wide_seconds">.with({.x = "a", .y = "b"}).observe(0.5);
  metric<"sample_pause_seconds">.observe(0.5);
  metric<"sample_pause_seconds">.observe(-0.5);
  native::alone.observe(1.5);
  native::alone.observe(-1.5);
}

/// Everything that the core takes memory for, looked at in between.
template <class Look>
void exercise(Look look) {
  std::atomic<int> ready{0};
  std::atomic<bool> end{false};
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i)
    threads.emplace_back([&, i] {
      update_everything(i);
      ++ready;
      while (!end) std::this_thread::yield();
      noting = true;  // from here on the thread folds what it has
    });
  while (ready < 3) std::this_thread::yield();
  look("threads that live");
  gather_noted();
  look("a gather");
  end = true;
  for (auto& each : threads) each.join();
  look("threads that ended");
  {
    noted_as const library(true);
    metric<"sample_visits_total">.clear();
    metric<"sample_rooms">.remove({.house = "1"});
  }
  look("series that ended");
  {
    noted_as const library(true);
    auto set = metric<"sample_sessions">.read_from([](auto& samples) {
      noting = true;  // this is the library's thread
      for (char user = 'a'; user <= 'z'; ++user)
        samples.add({.user = std::string_view(&user, 1)}, 1);
    });
    auto value = metric<"sample_queue_length">.read_from([] { return 7; });
    auto histogram =
        metric<"sample_response_bytes">.read_from([](auto& counts) { counts.observe(100); });
    auto throws = metric<"sample_events">.read_from([]() -> int { throw 1; });
    look("readings");
    gather_noted();
    gather_noted();
    look("a gather of readings");
  }
  gather_noted();
  look("readings that ended");
  {
    noted_as const library(true);
    ASSERT_TRUE(
        stele::set_constant_labels<sample::table>({{"region", "a region with a long name"}}));
    ASSERT_TRUE(stele::set_constant_labels<sample::table>({}));
  }
  gather_noted();
  look("constant labels");
}

}  // namespace

TEST(MemoryTotal, IsAllThatTheCoreTakes) {
  // What was made before main() was not noted; some of it goes at the first use.
  exercise([](char const*) {});
  std::int64_t const at_first = beyond_noted();
  std::size_t const noted_at_first = noted_bytes;
  EXPECT_GT(noted_at_first, 100'000U);
  for (int i = 0; i < 3; ++i)
    exercise([&](char const* after) { EXPECT_EQ(beyond_noted(), at_first) << "after " << after; });
  EXPECT_EQ(news_of_library, 0) << "the core called operator new";
}
