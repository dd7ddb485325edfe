#include "core/fork.hpp"

#include <pthread.h>

#include "core/snapshot_pool.hpp"
#include "core/tables.hpp"
#include "core/thread.hpp"
#include "stele/fork.hpp"

namespace stele::core {

namespace {

void before_fork() {
  all_tables().mutex.lock();
  for (table_state* state : all_tables().all) state->mutex.lock();
  pool_mutex().lock();
}

void after_fork() {
  pool_mutex().unlock();
  for (table_state* state : all_tables().all) state->mutex.unlock();
  all_tables().mutex.unlock();
}

void after_fork_in_child() {
  for (table_state* state : all_tables().all) state->keep_only(attachment_of_this_thread(*state));
  after_fork();
}

}  // namespace

void survive_forks() noexcept {
  static_cast<void>(pthread_atfork(before_fork, after_fork, after_fork_in_child));
}

void start_from_zero(table_link& link) noexcept { state_of(link).start_from_zero(); }

}  // namespace stele::core
