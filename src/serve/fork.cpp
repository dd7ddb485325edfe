#include "serve/fork.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <mutex>
#include <utility>

#include "core/fork.hpp"
#include "core/memory.hpp"
#include "serve/handler_counts.hpp"

namespace stele::serving {

namespace {

struct noted_socket {
  int descriptor;
  ino_t inode;

  bool operator==(noted_socket const&) const = default;
};

struct sockets {
  std::mutex mutex;
  core::vector<noted_socket> all;
};

constinit core::immortal<sockets> the_sockets;  // a destructor of the program may fork

/// 0 where it is no socket, which has another number in its file system.
ino_t inode_of(int descriptor) noexcept {
  struct stat seen{};
  return ::fstat(descriptor, &seen) == 0 && S_ISSOCK(seen.st_mode) ? seen.st_ino : 0;
}

constexpr core::fork_part part{
    []() noexcept { the_sockets.value.mutex.lock(); },
    []() noexcept { the_sockets.value.mutex.unlock(); },
    []() noexcept {
      for (noted_socket const& each : the_sockets.value.all)
        if (each.inode != 0 && inode_of(each.descriptor) == each.inode) ::close(each.descriptor);
      the_sockets.value.all.clear();
      handler_counts::instance().forget_in_flight();
    },
};

/// When this library is loaded.
[[maybe_unused]] bool const registered = (core::set_endpoint_part(part), true);

}  // namespace

parents_socket::lock::lock() noexcept { the_sockets.value.mutex.lock(); }

parents_socket::lock::~lock() { the_sockets.value.mutex.unlock(); }

parents_socket::parents_socket(parents_socket&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), inode_(other.inode_) {}

parents_socket& parents_socket::operator=(parents_socket&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  std::swap(inode_, other.inode_);
  return *this;
}

void parents_socket::reserve() { core::reserve_one(the_sockets.value.all); }

void parents_socket::note(int descriptor) noexcept {
  int const opened = errno;
  descriptor_ = descriptor;
  inode_ = inode_of(descriptor);
  the_sockets.value.all.push_back({descriptor_, inode_});
  errno = opened;
}

void parents_socket::forget() noexcept {
  if (descriptor_ < 0) return;
  lock const no_fork;
  auto& all = the_sockets.value.all;
  auto const noted = std::find(all.begin(), all.end(), noted_socket{descriptor_, inode_});
  if (noted != all.end()) all.erase(noted);
  descriptor_ = -1;
}

}  // namespace stele::serving
