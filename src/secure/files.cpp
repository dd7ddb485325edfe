#include "secure/files.hpp"

#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
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
  auto got = read_whole(path, bytes_max);
  seen_[path] = {bytes_max, digest_of(got)};
  return got;
}

bool file_set::changed() const {
  for (auto const& [path, before] : seen_)
    if (digest_of(read_whole(path, before.bytes_max)) != before.content) return true;
  return false;
}

std::string path_beside(std::string_view file, std::string_view path) {
  if (path.starts_with('/')) return std::string(path);
  std::size_t const slash = file.rfind('/');
  if (slash == std::string_view::npos) return std::string(path);
  return std::string(file.substr(0, slash + 1)).append(path);
}

}  // namespace stele::securing
