// builds.hpp: a workspace build from request to result: store, queue and builder together.

#pragma once

#include "builder.hpp"
#include "jobs.hpp"
#include "workspaces.hpp"

namespace service {

class build_service {
 public:
  /// All three outlive the queue's last job.
  build_service(workspace_store& store, job_queue& queue, builder const& builder)
      : store_{store}, queue_{queue}, builder_{builder} {}

  /// Enqueues a build and returns it, pending. Throws a `failure`: not_found, conflict, or busy
  /// when the queue is full.
  build request(std::string_view workspace_id, transition what);

 private:
  workspace_store& store_;
  job_queue& queue_;
  builder const& builder_;
};

}  // namespace service
