// process.cpp: the process_* rows, from Linux's /proc and getrlimit.

#include "stele/process.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/types.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <iterator>
#include <optional>

#include "core/feed.hpp"
#include "core/memory.hpp"
#include "stele/reading.hpp"

namespace stele::core {

namespace {

/// A file as text. Nothing where it cannot be read.
std::optional<string> read_file(char const* path) {
  int const file = ::open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return std::nullopt;
  string text;
  std::array<char, 4096> part{};
  ssize_t size = 0;
  while ((size = ::read(file, part.data(), part.size())) > 0)
    text.append(part.data(), static_cast<std::size_t>(size));
  ::close(file);
  if (size < 0) return std::nullopt;
  return text;
}

template <class Number>
std::optional<Number> parse(std::string_view text) noexcept {
  Number value{};
  auto const [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc()) return std::nullopt;
  return value;
}

/// Field `position` of /proc/self/stat as proc(5) counts them, from 3 on: the ones behind the
/// command's name, which is in parentheses and may itself hold spaces and parentheses.
std::optional<std::uint64_t> stat_field(int position) noexcept {
  std::array<char, 2048> line;  // 52 numbers, and a name of 64 bytes at most
  int const file = ::open("/proc/self/stat", O_RDONLY | O_CLOEXEC);
  if (file < 0) return std::nullopt;
  ssize_t const size = ::read(file, line.data(), line.size());
  ::close(file);
  if (size <= 0) return std::nullopt;
  std::string_view const text(line.data(), static_cast<std::size_t>(size));
  std::size_t at = text.rfind(')');
  for (int i = 2; i < position && at != text.npos; ++i) at = text.find(' ', at + 1);
  if (at == text.npos) return std::nullopt;
  return parse<std::uint64_t>(text.substr(at + 1));
}

std::optional<number> cpu_seconds() {
  rusage used{};
  if (::getrusage(RUSAGE_SELF, &used) != 0) return std::nullopt;
  auto const seconds = [](timeval const& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return number::of(seconds(used.ru_utime) + seconds(used.ru_stime));
}

std::optional<number> max_fds() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return std::nullopt;
  return number::of(static_cast<double>(limit.rlim_cur));
}

/// Not with opendir(), which allocates.
std::optional<number> open_fds() {
  int const directory = ::open("/proc/self/fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (directory < 0) return std::nullopt;
  alignas(dirent64) std::array<char, 8192> entries;
  std::uint64_t count = 0;
  ssize_t size = 0;
  while ((size = ::getdents64(directory, entries.data(), entries.size())) > 0)
    for (ssize_t at = 0; at < size;) {
      auto const* const entry = reinterpret_cast<dirent64 const*>(entries.data() + at);
      if (entry->d_name[0] != '.') ++count;
      at += entry->d_reclen;
    }
  ::close(directory);
  if (size < 0) return std::nullopt;
  return number::of(count - 1);  // without the descriptor that counts
}

std::optional<number> resident_memory() {
  auto const pages = stat_field(24);
  if (!pages) return std::nullopt;
  return number::of(*pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)));
}

std::optional<number> virtual_memory() {
  auto const bytes = stat_field(23);
  if (!bytes) return std::nullopt;
  return number::of(*bytes);
}

/// Seconds since 1970: the boot time plus the ticks from boot to the start of the process.
std::optional<double> find_start_time() {
  auto const ticks = stat_field(22);
  auto const stat = read_file("/proc/stat");
  if (!ticks || !stat) return std::nullopt;
  constexpr std::string_view key = "\nbtime ";
  std::size_t const at = stat->find(key);
  if (at == string::npos) return std::nullopt;
  auto const boot = parse<std::uint64_t>(std::string_view(*stat).substr(at + key.size()));
  if (!boot) return std::nullopt;
  double const ticks_a_second = static_cast<double>(::sysconf(_SC_CLK_TCK));
  return static_cast<double>(*boot) + static_cast<double>(*ticks) / ticks_a_second;
}

/// Looked for once a process, which the child of a fork is another one than its parent.
std::optional<number> start_time() {
  static constinit std::atomic<double> found{0};
  static constinit std::atomic<pid_t> found_for{0};
  if (found_for.load(std::memory_order_acquire) != ::getpid()) {
    auto const seconds = find_start_time();
    if (!seconds) return std::nullopt;
    found.store(*seconds, std::memory_order_relaxed);
    found_for.store(::getpid(), std::memory_order_release);
  }
  return number::of(found.load(std::memory_order_relaxed));
}

/// As a double: without a limit it is 2^64 - 1, shown as 1.8446744073709552e+19.
std::optional<number> virtual_memory_max() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_AS, &limit) != 0) return std::nullopt;
  return number::of(static_cast<double>(limit.rlim_cur));
}

using read_function = std::optional<number> (*)();

constexpr std::array<read_function, std::size(process_rows)> functions{
    cpu_seconds, max_fds, open_fds, resident_memory, start_time, virtual_memory, virtual_memory_max,
};

class process_reader final : public reader {
 public:
  explicit process_reader(read_function function) noexcept : function_(function) {}
  void read(sample_list& to) override {
    if (auto const seen = function_()) add_number(to, nullptr, *seen);
  }

 private:
  read_function function_;
};

}  // namespace

void feed_process_rows(table_link& link) {
  for (std::size_t i = 0; i < std::size(process_rows); ++i)
    feed_row(link, process_rows[i], [&](std::size_t row) {
      add_reader(link, row, 0, new process_reader(functions[i]), asked_by::gather);
    });
}

}  // namespace stele::core
