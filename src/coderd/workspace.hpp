// workspace.hpp: the values that the store, the builder and the API hand to one another.

#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "templates.hpp"

namespace service {

enum class transition : std::uint8_t { start, stop, remove };

/// As the API and the metrics write it: `start`, `stop`, `delete`.
[[nodiscard]] constexpr std::string_view to_text(transition value) noexcept {
  switch (value) {
    case transition::start: return "start";
    case transition::stop: return "stop";
    case transition::remove: break;
  }
  return "delete";
}

/// Throws a `failure` that lists the three.
[[nodiscard]] transition parse_transition(std::string_view text);

enum class workspace_status : std::uint8_t { stopped, running, failed, deleted };
enum class build_status : std::uint8_t { pending, running, succeeded, failed };

[[nodiscard]] constexpr std::string_view to_text(workspace_status value) noexcept {
  constexpr std::string_view texts[]{"stopped", "running", "failed", "deleted"};
  return texts[static_cast<std::size_t>(value)];
}

[[nodiscard]] constexpr std::string_view to_text(build_status value) noexcept {
  constexpr std::string_view texts[]{"pending", "running", "succeeded", "failed"};
  return texts[static_cast<std::size_t>(value)];
}

/// What its creator says of a workspace; it never changes.
struct workspace_spec {
  std::string name;
  std::string owner_id;
  std::string owner_name;
  std::string template_name;  // looked up by each build, not before
  variable_map variables;
  std::int64_t size_kib = 64;  // of the sources that a start renders, see size_kib_max
};

inline constexpr std::int64_t size_kib_max = 65536;

struct workspace {
  std::string id;
  workspace_spec spec;
  workspace_status status = workspace_status::stopped;
  std::string build_id;       // of the latest build; empty before the first
  bool build_active = false;  // the latest build is pending or running
  std::chrono::sys_seconds created_at;
};

/// What a build made or removed, or why it could not.
struct build_outcome {
  std::string error;  // empty: the build succeeded
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;

  [[nodiscard]] bool succeeded() const noexcept { return error.empty(); }
};

struct build {
  std::string id;
  std::string workspace_id;
  service::transition transition = transition::start;
  build_status status = build_status::pending;
  build_outcome outcome;  // once it has ended
  std::chrono::sys_seconds created_at;
};

}  // namespace service
