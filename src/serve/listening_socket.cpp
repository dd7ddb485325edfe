#include "serve/listening_socket.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>

namespace stele::serving {

namespace {

using boost::asio::ip::tcp;

constexpr std::string_view unix_scheme = "unix:";

error failure(int code, std::string message) {
  return {std::error_code(code, std::system_category()), std::move(message)};
}

std::string shown(serve_options const& options) {
  std::string const address(options.address);
  if (address.starts_with(unix_scheme)) return address;
  bool const bare_v6 = address.find(':') != std::string::npos && address.front() != '[';
  return (bare_v6 ? "[" + address + "]" : address) + ":" + std::to_string(options.port);
}

bool is_socket(char const* path) noexcept {
  struct stat seen{};
  return ::lstat(path, &seen) == 0 && S_ISSOCK(seen.st_mode);
}

char const* fix_of_file(int code, std::string const& path) noexcept {
  if (path.starts_with('@')) return "choose another name";
  switch (code) {
    case EADDRINUSE:
      return is_socket(path.c_str()) ? "end the process that listens there, or choose another path"
                                     : "what stands there is no socket: choose another path";
    case ENOENT: return "make the folder, or choose another path";
    case EACCES: return "let this process write to the folder, or choose another path";
    default: return "choose another path";
  }
}

char const* fix_of_address(int code) noexcept {
  switch (code) {
    case EADDRINUSE:
      return "end the process that listens there, or choose another port, or 0 for a free one";
    case EADDRNOTAVAIL:
      return "choose an address that this machine has; 0.0.0.0 and :: stand for all of them";
    case EACCES: return "choose a port from 1024 on, or give the process CAP_NET_BIND_SERVICE";
    default: return "choose another address";
  }
}

/// With what errno says.
error call_failed(serve_options const& options, char const* call) {
  int const code = errno;
  bool const too_many = code == EMFILE || code == ENFILE;
  char const* const fix =
      too_many ? "raise the limit on open files"
      : options.address.starts_with(unix_scheme)
          ? fix_of_file(code, std::string(options.address.substr(unix_scheme.size())))
          : fix_of_address(code);
  return failure(code, "serve: expected to listen on " + shown(options) + ", saw '" +
                           std::system_category().message(code) + "' from " + call + "; " + fix);
}

/// Held while it is decided whether a file is stale: of two processes that start at once, the
/// second would else remove the socket of the first. The lock is on the folder, so that no file is
/// left behind; who cannot have it goes on without.
class folder_lock {
 public:
  explicit folder_lock(std::string const& file) {
    std::string folder = file.substr(0, file.rfind('/') + 1);
    if (folder.empty()) folder = ".";
    descriptor_ = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    for (int tries = 0; descriptor_ >= 0 && tries < 100; ++tries) {
      if (::flock(descriptor_, LOCK_EX | LOCK_NB) == 0) return;
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
  }
  ~folder_lock() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  folder_lock(folder_lock const&) = delete;
  folder_lock& operator=(folder_lock const&) = delete;

 private:
  int descriptor_ = -1;
};

/// Whether a file is a socket behind which nobody listens.
bool is_stale(sockaddr const* file, socklen_t size, char const* path) {
  if (!is_socket(path)) return false;
  int const asks = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (asks < 0) return false;
  bool const refused = ::connect(asks, file, size) != 0 && errno == ECONNREFUSED;
  ::close(asks);
  return refused;
}

}  // namespace

std::optional<error> listening_socket::open(serve_options const& options) {
  auto failed = options.address.starts_with(unix_scheme) ? open_unix(options) : open_ip(options);
  if (failed) return failed;
  if (::listen(descriptor_, SOMAXCONN) != 0) return call_failed(options, "listen");
  return std::nullopt;
}

/// Asio would open it without SOCK_CLOEXEC, and in its own time.
int listening_socket::open_socket(int family) {
  protocol_ = {family, 0};
  descriptor_ =
      noted_.open([&] { return ::socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0); });
  return descriptor_;
}

std::optional<error> listening_socket::open_ip(serve_options const& options) {
  std::string address(options.address);
  if (address.size() >= 2 && address.front() == '[' && address.back() == ']')
    address = address.substr(1, address.size() - 2);
  boost::system::error_code ec;
  bool const has_nul = address.find('\0') != std::string::npos;  // where Asio would stop to read
  auto const parsed = boost::asio::ip::make_address(has_nul ? "" : address, ec);
  if (ec)
    return failure(ec.value(),
                   "serve: expected an IP address (127.0.0.1, 0.0.0.0, ::1, ::) or unix:/path, "
                   "saw '" +
                       std::string(options.address) + "'; a host name is not looked up");
  tcp::endpoint const wanted(parsed, options.port);
  if (open_socket(wanted.protocol().family()) < 0) return call_failed(options, "socket");
  int const on = 1;
  ::setsockopt(descriptor_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  int const only_v6 = 0;
  if (parsed.is_v6() && parsed.is_unspecified())  // both families
    ::setsockopt(descriptor_, IPPROTO_IPV6, IPV6_V6ONLY, &only_v6, sizeof only_v6);
  if (::bind(descriptor_, wanted.data(), static_cast<socklen_t>(wanted.size())) != 0)
    return call_failed(options, "bind");
  tcp::endpoint bound;
  auto size = static_cast<socklen_t>(bound.capacity());
  if (::getsockname(descriptor_, bound.data(), &size) != 0)
    return call_failed(options, "getsockname");
  port_ = bound.port();
  return std::nullopt;
}

std::optional<error> listening_socket::open_unix(serve_options const& options) {
  std::string const path(options.address.substr(unix_scheme.size()));
  sockaddr_un to{};
  to.sun_family = AF_UNIX;
  bool const abstract = path.starts_with('@');
  if (path.empty() || path == "@" || path.find('\0') != std::string::npos)
    return failure(EINVAL, "serve: expected unix: and a path, or unix:@ and a name, saw '" +
                               std::string(options.address) + "'; add it: unix:/run/shop.sock");
  if (path.size() >= sizeof to.sun_path)
    return failure(ENAMETOOLONG,
                   "serve: expected a path of at most " + std::to_string(sizeof to.sun_path - 1) +
                       " bytes for a Unix-domain socket, saw " + std::to_string(path.size()) +
                       " in '" + std::string(options.address) + "'; choose a shorter one");
  std::copy(path.begin(), path.end(), to.sun_path);
  if (abstract) to.sun_path[0] = '\0';
  auto const size =
      static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size() + (abstract ? 0 : 1));
  if (open_socket(AF_UNIX) < 0) return call_failed(options, "socket");
  if (abstract) {
    if (::bind(descriptor_, reinterpret_cast<sockaddr const*>(&to), size) != 0)
      return call_failed(options, "bind");
    return std::nullopt;
  }
  folder_lock const one_at_a_time(path);
  ::fchmod(descriptor_, options.socket_mode);  // so that the file never has a wider one
  if (bind_file(&to, size) != 0) return call_failed(options, "bind");
  ::chmod(path.c_str(), options.socket_mode);  // whatever the umask is
  struct stat made{};
  std::error_code no_folder;
  if (::lstat(path.c_str(), &made) == 0) {
    file_ = std::filesystem::absolute(path, no_folder).string();  // a program may change its folder
    if (no_folder) file_ = path;
    device_ = made.st_dev;
    inode_ = made.st_ino;
  }
  if (::listen(descriptor_, SOMAXCONN) != 0)  // from here on the file is not stale
    return call_failed(options, "listen");
  return std::nullopt;
}

int listening_socket::bind_file(void const* to, std::uint32_t size) {
  auto const* const file = static_cast<sockaddr const*>(to);
  if (::bind(descriptor_, file, size) == 0) return 0;
  char const* const path = static_cast<sockaddr_un const*>(to)->sun_path;
  if (errno != EADDRINUSE) return -1;
  if (!is_stale(file, size, path)) {
    errno = EADDRINUSE;
    return -1;
  }
  if (::unlink(path) != 0) return -1;
  return ::bind(descriptor_, file, size);
}

void listening_socket::close() noexcept {
  if (descriptor_ < 0) return;
  struct stat seen{};
  if (!file_.empty() && ::lstat(file_.c_str(), &seen) == 0 && seen.st_dev == device_ &&
      seen.st_ino == inode_)
    ::unlink(file_.c_str());
  ::close(descriptor_);
  noted_.forget();
  descriptor_ = -1;
}

}  // namespace stele::serving
