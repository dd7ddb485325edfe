// process.cpp: the process_* rows, from Linux's /proc and getrlimit.

#include "stele/process.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <iterator>
#include <optional>
#include <string>

#include "core/readers.hpp"
#include "stele/reading.hpp"

namespace stele::core {

namespace {

/// A small file as text. Nothing where it cannot be read.
std::optional<std::string> read_file(char const* path) {
  int const file = ::open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return std::nullopt;
  std::string text;
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
std::optional<std::uint64_t> stat_field(int position) {
  auto const text = read_file("/proc/self/stat");
  if (!text) return std::nullopt;
  std::size_t at = text->rfind(')');
  for (int i = 2; i < position && at != std::string::npos; ++i) at = text->find(' ', at + 1);
  if (at == std::string::npos) return std::nullopt;
  return parse<std::uint64_t>(std::string_view(*text).substr(at + 1));
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

std::optional<number> open_fds() {
  DIR* const directory = ::opendir("/proc/self/fd");
  if (directory == nullptr) return std::nullopt;
  std::uint64_t count = 0;
  while (dirent const* entry = ::readdir(directory))
    if (entry->d_name[0] != '.') ++count;
  ::closedir(directory);
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
std::optional<number> start_time() {
  auto const ticks = stat_field(22);
  auto const stat = read_file("/proc/stat");
  if (!ticks || !stat) return std::nullopt;
  constexpr std::string_view key = "\nbtime ";
  std::size_t const at = stat->find(key);
  if (at == std::string::npos) return std::nullopt;
  auto const boot = parse<std::uint64_t>(std::string_view(*stat).substr(at + key.size()));
  if (!boot) return std::nullopt;
  double const ticks_a_second = static_cast<double>(::sysconf(_SC_CLK_TCK));
  return number::of(static_cast<double>(*boot) + static_cast<double>(*ticks) / ticks_a_second);
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
  feeding const now(link, feeder::process);
  if (!now.first()) return;
  for (std::size_t row = 0; row < link.info->rows.size(); ++row)
    for (std::size_t i = 0; i < std::size(process_rows); ++i) {
      descriptor const& about = *link.info->rows[row];
      if (about.name != process_rows[i] || about.source != source::sdk) continue;
      add_reader(link, row, 0, new process_reader(functions[i]), asked_by::gather);
      expose_row(link, row);
    }
}

}  // namespace stele::core
