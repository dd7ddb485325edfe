// workspaces_rival.hpp: prometheus-cpp with the gauges of workspaces.hpp.
//
//   bench::rival_workspaces const rival(100'000);
//   std::string const text = prometheus::TextSerializer().Serialize(rival.registry().Collect());
//
// Threads: as prometheus-cpp.

#pragma once

#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/registry.h>

#include <memory>

#include "workspaces.hpp"

namespace bench {

class rival_workspaces {
 public:
  explicit rival_workspaces(std::size_t count) {
    auto& family = prometheus::BuildGauge()
                       .Name("coderd_workspace_cpu_usage_cores")
                       .Help("The CPU usage of a workspace.")
                       .Register(*registry_);
    for (std::size_t i = 0; i < count; ++i) {
      workspace const one(i);
      family.Add({{"owner_name", one.owner}, {"workspace_name", one.name}}).Set(cores(i));
    }
  }

  [[nodiscard]] prometheus::Registry const& registry() const { return *registry_; }
  [[nodiscard]] std::shared_ptr<prometheus::Registry> const& shared() const { return registry_; }

 private:
  std::shared_ptr<prometheus::Registry> registry_ = std::make_shared<prometheus::Registry>();
};

}  // namespace bench
