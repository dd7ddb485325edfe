#include "serve/http_date.hpp"

#include <algorithm>
#include <cstdio>

namespace stele::serving {

namespace {

constexpr char const* days[]{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr char const* months[]{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                               "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

}  // namespace

std::string_view http_date::at(std::time_t now) noexcept {
  if (now != written_) {
    std::tm parts{};
    gmtime_r(&now, &parts);
    int const size =
        std::snprintf(text_.data(), text_.size(), "%s, %02d %s %04d %02d:%02d:%02d GMT",
                      days[parts.tm_wday], parts.tm_mday, months[parts.tm_mon],
                      parts.tm_year + 1900, parts.tm_hour, parts.tm_min, parts.tm_sec);
    size_ = std::min(static_cast<std::size_t>(size), text_.size() - 1);
    written_ = now;
  }
  return {text_.data(), size_};
}

}  // namespace stele::serving
