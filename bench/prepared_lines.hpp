// prepared_lines.hpp: the limit of an exposition: all but the numbers is there, in one piece.
//
//   prepared_lines const lines(100'000);
//   char* const end = lines.write(buffer);     // `buffer` has room for all of it
//
// This is the least that text with these numbers can cost where nothing is known of them in
// advance: each `name{labels} ` is copied from one array that is read from its beginning to its
// end, each number is formatted by std::to_chars from another one.
//
// Threads: it does not change.

#pragma once

#include <charconv>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "workspaces.hpp"

namespace bench {

class prepared_lines {
 public:
  /// Room for a number and what ends its line.
  static constexpr std::size_t number_bytes_max = 32;

  explicit prepared_lines(std::size_t count) {
    ends_.reserve(count);
    values_.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
      workspace const one(i);
      texts_ += "coderd_workspace_cpu_usage_cores{owner_name=\"" + one.owner +
                "\",workspace_name=\"" + one.name + "\"} ";
      ends_.push_back(static_cast<std::uint32_t>(texts_.size()));
      values_.push_back(cores(i));
    }
  }

  [[nodiscard]] std::size_t bytes_max() const {
    return texts_.size() + ends_.size() * number_bytes_max;
  }

  /// Returns the end of what is written.
  char* write(char* out) const {
    char const* const texts = texts_.data();
    double const* value = values_.data();
    std::uint32_t begin = 0;
    for (std::uint32_t const end : ends_) {
      std::memcpy(out, texts + begin, end - begin);
      out = std::to_chars(out + (end - begin), out + (end - begin) + number_bytes_max, *value++,
                          std::chars_format::general)
                .ptr;
      *out++ = '\n';
      begin = end;
    }
    return out;
  }

 private:
  std::string texts_;
  std::vector<std::uint32_t> ends_;  // of the texts
  std::vector<double> values_;
};

}  // namespace bench
