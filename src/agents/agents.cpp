// agents.cpp: the agents as their user holds them.

#include <unistd.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "agents/agents_epoch.hpp"
#include "agents/running.hpp"
#include "push/base64.hpp"
#include "stele/agents.hpp"
#include "stele/clock.hpp"

namespace stele {

using namespace pushing;

agent_directory::~agent_directory() = default;

class [[gnu::visibility("hidden")]] agents::impl {
 public:
  explicit impl(std::shared_ptr<running> all) noexcept : all_(std::move(all)) {}
  ~impl() { all_->stop(); }

  /// Whether this is the process that made it. The thread is not in the child of a fork.
  [[nodiscard]] bool is_here() const noexcept { return process_ == ::getpid(); }
  [[nodiscard]] running& all() const noexcept { return *all_; }

 private:
  pid_t const process_ = ::getpid();
  std::shared_ptr<running> all_;
};

namespace {

/// The path that an agent would push to: there is one way to a group.
std::string path_of(push_origin const& from) {
  using sending::base64;  // which every value can be in
  std::string path = "/metrics/job@base64/" + base64(from.job);
  auto const add = [&](std::string_view name, std::string_view value) {
    path.append("/").append(name).append("@base64/").append(base64(value));
  };
  add("user_id", from.user_id);
  add("workspace_id", from.workspace_id);
  for (pushed_label const& each : from.labels) add(each.name, each.value);
  return path;
}

pushed_answer to_public(answer said) {
  return {static_cast<unsigned>(said.status), std::move(said.body)};
}

pushed_answer stopped() { return {503, "the agents have been stopped\n"}; }

/// Nothing, and `fault` is set, where an origin is none.
std::optional<push_head> head_of(push_origin const& from, push_limits const& limits,
                                 pushed_answer& fault) {
  if (from.user_id.empty() || from.workspace_id.empty()) {
    fault = {400, "expected a user_id and a workspace_id, saw an empty one\n"};
    return std::nullopt;
  }
  if (from.epoch != 0 && !is_agents_epoch(from.epoch, core::unix_milliseconds())) {
    fault = {400, std::string(agents_epoch_words) + "\n"};
    return std::nullopt;
  }
  auto key = read_grouping_key(path_of(from), limits);
  if (!key) {
    fault = {status_of_key(key.error()), key.error().message + "\n"};
    return std::nullopt;
  }
  push_head head;
  head.who = {std::string(from.user_id), std::string(from.workspace_id)};
  head.key = *std::move(key);
  head.how = from.adds ? replace::families : replace::all;
  if (from.epoch != 0) head.agents_epoch = from.epoch;
  head.arrived = core::unix_milliseconds();
  return head;
}

}  // namespace

agents pushing::to_agents(std::shared_ptr<running> all) {
  return agents(new agents::impl(std::move(all)));
}

agents::agents(impl* running) noexcept : impl_(running) {}
agents::agents(agents&& other) noexcept : impl_(std::exchange(other.impl_, nullptr)) {}
agents& agents::operator=(agents&& other) noexcept {
  if (this != &other) {
    agents const ended(std::move(*this));
    impl_ = std::exchange(other.impl_, nullptr);
  }
  return *this;
}
agents::~agents() {
  if (impl_ != nullptr && impl_->is_here()) delete impl_;
}

std::uint16_t agents::port() const noexcept {
  return impl_ != nullptr && impl_->is_here() ? impl_->all().port() : 0;
}

void agents::stop() noexcept {
  if (impl_ != nullptr && impl_->is_here()) impl_->all().stop();
}

pushed_answer agents::push(push_origin const& from, std::string_view body,
                           std::string_view content_type) {
  if (impl_ == nullptr || !impl_->is_here()) return stopped();
  pushed_answer fault;
  auto const head = head_of(from, impl_->all().limits(), fault);
  if (!head) return fault;
  return to_public(impl_->all().ask([&](push_desk& desk, answer_function reply) {
    desk.take(*head, body, content_type, false, std::move(reply));
  }));
}

pushed_answer agents::push(push_origin const& from, pushed const& what) {
  return push(from, what.text());
}

pushed_answer agents::remove(push_origin const& from) {
  if (impl_ == nullptr || !impl_->is_here()) return stopped();
  pushed_answer fault;
  auto const head = head_of(from, impl_->all().limits(), fault);
  if (!head) return fault;
  return to_public(impl_->all().ask(
      [&](push_desk& desk, answer_function reply) { desk.remove(*head, std::move(reply)); }));
}

void agents::remove_workspace(std::string_view workspace_id) {
  if (impl_ == nullptr || !impl_->is_here()) return;
  epoch const at = core::unix_milliseconds();
  impl_->all().ask([&](push_desk& desk, answer_function const& reply) {
    desk.held().remove_workspace(workspace_id, at);
    reply({});
  });
}

}  // namespace stele
