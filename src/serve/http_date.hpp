// http_date.hpp: the time as the Date field of an answer has it (RFC 9110, 5.6.7 and 6.6.1).
//
//   http_date date;
//   date.at(std::time(nullptr));     // "Sun, 06 Nov 1994 08:49:37 GMT"
//
// It is written once a second, whatever the process's locale is. Threads: one.

#pragma once

#include <array>
#include <cstddef>
#include <ctime>
#include <string_view>

namespace stele::serving {

class http_date {
 public:
  /// Of seconds since 1970, up to the year 9999; valid until the next call.
  std::string_view at(std::time_t now) noexcept;

 private:
  std::time_t written_ = -1;
  std::array<char, 64> text_;
  std::size_t size_ = 0;
};

}  // namespace stele::serving
