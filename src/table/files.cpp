#include "table/files.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>

namespace stele::tables {

namespace {

/// Larger than any page that people write; a device or a wrong file ends here.
constexpr std::size_t page_size_max = std::size_t{64} << 20;

file_error failed(std::string_view what, std::string const& path, int error) {
  return {fmt::format("cannot {} {}: {}", what, path, std::generic_category().message(error))};
}

class descriptor_guard {
 public:
  explicit descriptor_guard(int descriptor) noexcept : descriptor_(descriptor) {}
  descriptor_guard(descriptor_guard const&) = delete;
  descriptor_guard& operator=(descriptor_guard const&) = delete;
  ~descriptor_guard() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  [[nodiscard]] int get() const noexcept { return descriptor_; }

 private:
  int descriptor_;
};

bool write_all(int descriptor, std::string_view bytes) noexcept {
  while (!bytes.empty()) {
    ssize_t const written = ::write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

std::string_view kind_name(mode_t mode) noexcept {
  if (S_ISDIR(mode)) return "a folder";
  if (S_ISCHR(mode)) return "a character device";
  if (S_ISBLK(mode)) return "a block device";
  if (S_ISFIFO(mode)) return "a pipe";
  if (S_ISSOCK(mode)) return "a socket";
  return "something else";
}

bool same_file(struct stat const& a, struct stat const& b) noexcept {
  return a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

/// What a chain of symbolic links ends at, which need not exist; the empty path for a loop.
std::filesystem::path end_of_links(std::filesystem::path path) {
  constexpr int links_max = 40;  // Linux's own limit
  std::error_code error;
  for (int i = 0; i < links_max; ++i) {
    auto const next = std::filesystem::read_symlink(path, error);
    if (error) return path;
    path = path.parent_path() / next;  // an absolute path stands for itself
  }
  return {};
}

}  // namespace

std::optional<file_error> read_file(std::string const& path, std::string& bytes) {
  descriptor_guard const file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) return failed("read", path, errno);
  bytes.clear();
  char buffer[1 << 16];
  for (;;) {
    ssize_t const size = ::read(file.get(), buffer, sizeof buffer);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return failed("read", path, errno);
    if (size == 0) return std::nullopt;
    bytes.append(buffer, static_cast<std::size_t>(size));
    if (bytes.size() > page_size_max) return failed("read", path, EFBIG);
  }
}

std::optional<file_error> find_output(std::string const& page, std::string const& header,
                                      std::string& target) {
  target = end_of_links(header).string();
  if (target.empty()) return failed("write", header, ELOOP);
  struct stat output{};
  if (::stat(header.c_str(), &output) != 0) {
    // What else is wrong shows when the file is written.
    return errno == ELOOP ? std::optional(failed("write", header, errno)) : std::nullopt;
  }
  if (!S_ISREG(output.st_mode))
    return file_error{
        fmt::format("expected a regular file or none at {}, saw {}; name a file with -o and copy "
                    "it from there",
                    header, kind_name(output.st_mode))};

  struct stat input{};
  if (::stat(page.c_str(), &input) == 0 && same_file(input, output))
    return file_error{fmt::format(
        "expected a header beside the page, saw the page itself at {}; name another file with -o",
        header)};

  struct stat end{};  // a link below /proc may name what is no path
  if (::stat(target.c_str(), &end) != 0 || !same_file(end, output))
    return file_error{fmt::format(
        "expected a link to a path at {}, saw one to an open file; name a file with -o", header)};
  return std::nullopt;
}

std::optional<file_error> replace_file(std::string const& path, std::string_view bytes) {
  std::string present;
  if (!read_file(path, present) && present == bytes) return std::nullopt;

  std::error_code ignored;  // opening the file says what is wrong
  std::filesystem::create_directories(std::filesystem::path(path).parent_path(), ignored);
  std::string const temporary = fmt::format("{}.{}.tmp", path, ::getpid());
  int error = 0;
  {
    constexpr mode_t mode = 0666;  // less the umask
    descriptor_guard const file(
        ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
    if (file.get() < 0) return failed("write", path, errno);
    if (!write_all(file.get(), bytes)) error = errno;
  }
  if (error == 0 && std::rename(temporary.c_str(), path.c_str()) == 0) return std::nullopt;
  if (error == 0) error = errno;
  ::unlink(temporary.c_str());
  return failed("write", path, error);
}

}  // namespace stele::tables
