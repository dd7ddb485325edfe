// thread.cpp: how a thread comes to a slab, and what becomes of it when the thread ends.
//
// The end is told by a pthread key, not by a thread_local object: key destructors run after those
// of thread_local objects, and run again (PTHREAD_DESTRUCTOR_ITERATIONS times) for a thread that
// counts in a later one. So a late update finds a slab like any other; there is no ended state. The
// main thread's slab stays attached until the process ends.

#include <pthread.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "core/memory.hpp"
#include "core/table_state.hpp"
#include "core/thread.hpp"
#include "stele/slab.hpp"

namespace stele::core {

namespace {

/// One table that a thread has attached to.
struct attachment {
  table_state* state;
  std::byte* slab;
  std::uint32_t samples_asked;  // of the state, when it was last looked at
  std::uint32_t samples_left;   // how many more updates go the long way
};

/// How many updates go the long way after a gather: enough to meet what is rare, and few beside
/// what a busy thread does until the next.
constexpr std::uint32_t samples_a_gather = 65'536;

using attachments = vector<attachment>;

/// From the first round of the thread's end on, its pointers are no longer set: the round may be
/// the last, after which nobody would clear them, and their memory goes with the thread.
constinit thread_local bool ending = false;

void end_thread(void* ended) {
  ending = true;
  std::unique_ptr<attachments, destroyer> const all(static_cast<attachments*>(ended));
  for (attachment const& each : *all) each.state->fold(each.slab);
}

pthread_key_t thread_key() {
  static pthread_key_t const key = [] {
    pthread_key_t made{};
    if (pthread_key_create(&made, end_thread) != 0) throw std::bad_alloc();
    return made;
  }();
  return key;
}

attachments& this_thread() {
  pthread_key_t const key = thread_key();
  if (auto* mine = static_cast<attachments*>(pthread_getspecific(key))) return *mine;
  std::unique_ptr<attachments, destroyer> made(make<attachments>());
  if (pthread_setspecific(key, made.get()) != 0) throw std::bad_alloc();
  return *made.release();
}

/// Whether this update is one of those that go the long way, so that the next one may be too.
bool wants_sample(attachment& mine) noexcept {
  if (!has_exemplar_source()) return false;
  std::uint32_t const asked = mine.state->samples_asked.load(std::memory_order_relaxed);
  if (std::exchange(mine.samples_asked, asked) != asked) mine.samples_left = samples_a_gather;
  if (mine.samples_left == 0) return false;
  --mine.samples_left;
  return true;
}

}  // namespace

void make_thread_key() noexcept { static_cast<void>(thread_key()); }

std::byte* slab_of_this_thread(table_state const& state) noexcept {
  auto const* const mine = static_cast<attachments const*>(pthread_getspecific(thread_key()));
  if (mine == nullptr) return nullptr;
  auto const found = std::find_if(mine->begin(), mine->end(),
                                  [&](attachment const& each) { return each.state == &state; });
  return found == mine->end() ? nullptr : found->slab;
}

std::byte* attach(table_link& link, slab_pointer& cached) noexcept try {
  table_state& state = state_of(link);
  attachments& mine = this_thread();
  auto found = std::find_if(mine.begin(), mine.end(),
                            [&](attachment const& each) { return each.state == &state; });
  if (found == mine.end()) {
    reserve_one(mine);
    std::byte* const slab = state.new_slab();
    if (slab == nullptr) return nullptr;
    found = mine.insert(mine.end(), attachment{&state, slab, 0, 0});
  }
  if (ending || wants_sample(*found)) return found->slab;
  if (state.list_pointer(found->slab, cached)) cached.store(found->slab, std::memory_order_relaxed);
  return found->slab;
} catch (std::bad_alloc const&) {
  return nullptr;
}

}  // namespace stele::core
