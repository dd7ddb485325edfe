// connections.hpp: the open connections, so that a stop reaches each of them.
//
// Network thread only.

#pragma once

#include <cstddef>
#include <memory>
#include <vector>

namespace service {

class connection {
 public:
  virtual ~connection() = default;

  /// Finishes what has begun and closes. Idempotent.
  virtual void stop() = 0;
};

class connection_list {
 public:
  void add(std::weak_ptr<connection> opened) { open_.push_back(std::move(opened)); }

  [[nodiscard]] std::size_t count() {
    std::erase_if(open_, [](auto const& one) { return one.expired(); });
    return open_.size();
  }

  void stop_all() {
    for (auto const& weak : open_)
      if (auto const one = weak.lock()) one->stop();
  }

 private:
  std::vector<std::weak_ptr<connection>> open_;
};

}  // namespace service
