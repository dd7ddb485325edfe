// thread.cpp: how a thread comes to a slab, and what becomes of it when the thread ends.
//
// The end is told by a pthread key, not by a thread_local object: key destructors run after those
// of thread_local objects, and run again (PTHREAD_DESTRUCTOR_ITERATIONS times) for a thread that
// counts in a later one. So a late update finds a slab like any other; there is no ended state.
// What a thread counts in the last round of all is folded by the next gather. The main thread's
// slab stays attached until the process ends.

#include <pthread.h>

#include <atomic>
#include <cstdint>
#include <new>
#include <utility>

#include "core/exemplar_source.hpp"
#include "core/table_state.hpp"
#include "core/thread.hpp"
#include "stele/slab.hpp"

namespace stele::core {

namespace {

/// How many updates go the long way after a gather: enough to meet what is rare, and few beside
/// what a busy thread does until the next.
constexpr std::uint32_t samples_a_gather = 65'536;

/// From the first round of the thread's end on, its pointers are no longer set: the round may be
/// the last, after which nobody would clear them, and their memory goes with the thread.
constinit thread_local bool ending = false;

void end_thread(void* ended) {
  ending = true;
  for (auto* each = static_cast<attachment*>(ended); each != nullptr;) {
    attachment& last = *std::exchange(each, each->next);
    last.state.fold(last);
  }
}

/// The key, made at its first use; false where the process has no more. No static local: the child
/// of a fork could find that in the making.
bool thread_key(pthread_key_t& key) noexcept {
  constexpr std::int64_t none = -1;
  static constinit std::atomic<std::int64_t> made{none};
  std::int64_t known = made.load(std::memory_order_acquire);
  if (known == none) {
    if (pthread_key_create(&key, end_thread) != 0) return false;
    if (made.compare_exchange_strong(known, key, std::memory_order_acq_rel)) return true;
    pthread_key_delete(key);  // another thread was faster
  }
  key = static_cast<pthread_key_t>(known);
  return true;
}

attachment* make_attachment(table_state& state) {
  pthread_key_t key{};
  if (!thread_key(key)) return nullptr;
  auto* const first = static_cast<attachment*>(pthread_getspecific(key));
  attachment* const made = state.attach_thread();
  if (made == nullptr) return nullptr;
  made->next = first;
  if (pthread_setspecific(key, made) == 0) return made;
  state.fold(*made);
  return nullptr;
}

/// Whether this update is one of those that go the long way, so that the next one may be too.
bool wants_sample(attachment& mine) noexcept {
  if (!has_exemplar_source()) return false;
  std::uint32_t const asked = mine.state.samples_asked.load(std::memory_order_relaxed);
  if (std::exchange(mine.samples_asked, asked) != asked) mine.samples_left = samples_a_gather;
  if (mine.samples_left == 0) return false;
  --mine.samples_left;
  return true;
}

}  // namespace

attachment* attachment_of_this_thread(table_state const& state) noexcept {
  pthread_key_t key{};
  if (!thread_key(key)) return nullptr;
  auto* each = static_cast<attachment*>(pthread_getspecific(key));
  while (each != nullptr && &each->state != &state) each = each->next;
  return each;
}

std::byte* attach(table_link& link, slab_pointer& cached) noexcept try {
  table_state& state = state_of(link);
  attachment* mine = attachment_of_this_thread(state);
  if (mine == nullptr) mine = make_attachment(state);
  if (mine == nullptr) return nullptr;
  std::byte* const slab = mine->slab.cells;
  // Listed at the first update, so that a later one need not wait for a gather.
  if (!ending && state.list_pointer(*mine, cached) && !wants_sample(*mine))
    cached.store(slab, std::memory_order_relaxed);
  return slab;
} catch (std::bad_alloc const&) {
  return nullptr;
}

}  // namespace stele::core
