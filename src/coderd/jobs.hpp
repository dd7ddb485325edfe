// jobs.hpp: the background job queue: worker threads take jobs in the order of their enqueuing.
//
//   job_queue queue{2};
//   queue.enqueue({.type = "workspace_build", .run = [] { … }, .done = [] { … }});
//
// Any thread may enqueue. One mutex guards the queue; it is not held while a job runs. A job's
// functions run on a worker thread and must not throw.

#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <string_view>
#include <thread>
#include <vector>

namespace service {

struct job {
  std::string_view type;          // the metrics' job_type: a constant of the program
  std::function<void()> run;      // the work
  std::function<void()> done;     // tells whoever waits, after the job has been counted
  std::function<void()> abandon;  // instead of both, when the queue stops before the job's turn
};

class job_queue {
 public:
  static constexpr std::size_t waiting_max = 4096;

  explicit job_queue(unsigned workers);
  ~job_queue() { stop(); }
  job_queue(job_queue const&) = delete;
  job_queue& operator=(job_queue const&) = delete;

  /// False, with nothing counted, when `waiting_max` jobs wait already or the queue has stopped.
  [[nodiscard]] bool enqueue(job next);

  /// Waits for the jobs that run, and abandons those that wait. Idempotent.
  void stop();

 private:
  struct waiting_job {
    job what;
    std::chrono::steady_clock::time_point enqueued_at;
  };

  void work();
  static void run(waiting_job const& next);

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<waiting_job> waiting_;
  bool stopping_ = false;
  std::vector<std::jthread> workers_;  // the last member: joined before the rest goes
};

}  // namespace service
