// builder.hpp: does the work of a build: files are rendered, packed, restored and removed.
//
// A start renders the workspace's template, or restores what an earlier stop has packed; a stop
// packs the folder and removes it; a delete removes both. Different workspaces may be built by
// several threads at once; one workspace has one build at a time, which the store sees to.

#pragma once

#include <filesystem>

#include "workspace.hpp"

namespace service {

class builder {
 public:
  /// Keeps everything below `folder`, which exists and is nobody else's.
  explicit builder(std::filesystem::path folder) : folder_{std::move(folder)} {}

  /// Never throws for what a workspace or a disk can do wrong: that is an outcome.
  [[nodiscard]] build_outcome run(workspace const& target, transition what) const;

 private:
  build_outcome start(workspace const& target) const;
  build_outcome stop(workspace const& target) const;
  build_outcome remove(workspace const& target) const;

  std::filesystem::path live(workspace const& target) const { return folder_ / target.id; }
  std::filesystem::path packed(workspace const& target) const {
    return folder_ / (target.id + ".archive");
  }

  std::filesystem::path const folder_;
};

}  // namespace service
