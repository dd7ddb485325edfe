#include "secure/files.hpp"

#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <ctime>
#include <new>
#include <system_error>
#include <utility>

namespace stele::securing {

namespace {

struct descriptor_guard {
  int number;
  ~descriptor_guard() {
    if (number >= 0) ::close(number);
  }
};

error cannot_read(int number) {
  std::error_code const code(number, std::system_category());
  return {code, "cannot be read: " + code.message()};
}

/// O_NONBLOCK: a pipe at that place must not hold the reader up.
result<std::string> read_whole(std::string const& path, std::size_t bytes_max) {
  descriptor_guard const opened{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  if (opened.number < 0) return cannot_read(errno);
  struct stat seen{};
  if (::fstat(opened.number, &seen) != 0) return cannot_read(errno);
  if (!S_ISREG(seen.st_mode))
    return error{std::make_error_code(std::errc::invalid_argument), "is not a regular file"};
  std::string text;
  char buffer[16 * 1024];
  for (;;) {
    ssize_t const got = ::read(opened.number, buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return cannot_read(errno);
    if (got == 0) return text;
    text.append(buffer, static_cast<std::size_t>(got));
    if (text.size() > bytes_max)
      return error{std::make_error_code(std::errc::file_too_large),
                   "is larger than " + std::to_string(bytes_max / 1024) + " KiB"};
  }
}

digest digest_of(result<std::string> const& got) {
  return sha256(got ? "t" + *got : "e" + got.error().message);
}

}  // namespace

digest sha256(std::string_view text) {
  digest made;
  unsigned size = 0;
  if (EVP_Digest(text.data(), text.size(), made.data(), &size, EVP_sha256(), nullptr) != 1)
    throw std::bad_alloc();
  return made;
}

result<std::string> file_set::read(std::string const& path, std::size_t bytes_max) {
  stamp const now = stamp_of(path);
  auto got = read_whole(path, bytes_max);
  seen_[path] = {bytes_max, digest_of(got), now};
  return got;
}

bool file_set::changed() {
  for (auto& [path, before] : seen_) {
    stamp const now = stamp_of(path);
    if (now.is_old && now == before.of) continue;
    if (digest_of(read_whole(path, before.bytes_max)) != before.content) return true;
    before.of = now;
  }
  return false;
}

/// Taken before the content is read, so that a write in between is seen the next time.
file_set::stamp file_set::stamp_of(std::string const& path) noexcept {
  constexpr std::int64_t large = 256 * 1024;
  constexpr std::int64_t old_ns = 3'000'000'000;  // some file systems have whole seconds, or two
  constexpr std::int64_t second_ns = 1'000'000'000;
  struct stat seen{};
  timespec now{};
  if (::stat(path.c_str(), &seen) != 0 || seen.st_size < large) return {};
  if (::clock_gettime(CLOCK_REALTIME, &now) != 0) return {};
  std::int64_t const changed = seen.st_ctim.tv_sec * second_ns + seen.st_ctim.tv_nsec;
  return {.device = seen.st_dev,
          .inode = seen.st_ino,
          .bytes = seen.st_size,
          .changed_ns = changed,
          .is_old = now.tv_sec * second_ns + now.tv_nsec - changed > old_ns};
}

std::string path_beside(std::string_view file, std::string_view path) {
  if (path.starts_with('/')) return std::string(path);
  std::size_t const slash = file.rfind('/');
  if (slash == std::string_view::npos) return std::string(path);
  return std::string(file.substr(0, slash + 1)).append(path);
}

}  // namespace stele::securing
