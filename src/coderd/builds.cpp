// builds.cpp: a build as a background job, and the row that shows its duration.

#include "builds.hpp"

#include <coderd.hpp>

#include "failure.hpp"

using coderd::metric;

namespace service {

namespace {

build_outcome run_build(builder const& builder, workspace const& target, transition what) {
  auto const begin = std::chrono::steady_clock::now();
  auto outcome = builder.run(target, what);
  metric<"coderd_background_workspace_build_duration_s">
      .with({.workspace_transition = to_text(what),
             .status = outcome.succeeded() ? coderd::status::success : coderd::status::failed})
      .observe(std::chrono::steady_clock::now() - begin);
  return outcome;
}

}  // namespace

build build_service::request(std::string_view workspace_id, transition what) {
  auto const made = store_.begin_build(workspace_id, what);
  auto const outcome = std::make_shared<build_outcome>();
  bool const accepted = queue_.enqueue(
      {.type = "workspace_build",
       .run =
           [=, this] {
             store_.build_running(made.id);
             *outcome = run_build(builder_, store_.get(made.workspace_id), what);
           },
       .done = [=, this] { store_.build_ended(made.id, *outcome); },
       .abandon =
           [=, this] {
             store_.build_ended(made.id, {.error = "coderd stopped before the build's turn came"});
           }});
  if (accepted) return made;
  store_.withdraw_build(made.id);
  throw failure{reason::busy, "the build queue is full; try again later"};
}

}  // namespace service
