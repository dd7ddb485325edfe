// jobs.cpp: the job queue and the rows that show it.

#include "jobs.hpp"

#include <coderd.hpp>

using coderd::metric;

namespace service {

job_queue::job_queue(unsigned workers) {
  for (unsigned i = 0; i < workers; ++i) workers_.emplace_back([this] { work(); });
}

bool job_queue::enqueue(job next) {
  auto const type = next.type;
  {
    std::lock_guard const lock{mutex_};
    if (stopping_ || waiting_.size() >= waiting_max) return false;
    waiting_.push_back({std::move(next), std::chrono::steady_clock::now()});
    // Counted under the mutex: a worker that takes the job at once cannot count it down first.
    metric<"coderd_backgroundjob_enqueued_total">.with({.job_type = type}).inc();
    metric<"coderd_backgroundjob_current_enqueued_jobs">.with({.job_type = type}).inc();
  }
  changed_.notify_one();
  return true;
}

void job_queue::stop() {
  std::deque<waiting_job> abandoned;
  {
    std::lock_guard const lock{mutex_};
    stopping_ = true;
    abandoned.swap(waiting_);
  }
  changed_.notify_all();
  for (auto const& left : abandoned) {
    metric<"coderd_backgroundjob_current_enqueued_jobs">.with({.job_type = left.what.type}).dec();
    left.what.abandon();
  }
  workers_.clear();  // joins
}

void job_queue::work() {
  for (;;) {
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
    if (waiting_.empty()) return;
    auto const next = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    run(next);
  }
}

void job_queue::run(waiting_job const& next) {
  auto const type = next.what.type;
  auto const waited = std::chrono::steady_clock::now() - next.enqueued_at;
  metric<"coderd_backgroundjob_current_enqueued_jobs">.with({.job_type = type}).dec();
  metric<"coderd_backgroundjob_started_total">.with({.job_type = type}).inc();
  metric<"coderd_backgroundjob_enqueue_time_seconds">.with({.job_type = type}).observe(waited);
  {
    auto const timer =
        metric<"coderd_backgroundjob_execution_time_seconds">.with({.job_type = type}).time();
    next.what.run();
  }
  metric<"coderd_backgroundjob_completed_total">.with({.job_type = type}).inc();
  next.what.done();
}

}  // namespace service
