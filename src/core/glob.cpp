#include "core/glob.hpp"

#include <cstddef>

namespace stele::core {

bool matches_glob(std::string_view pattern, std::string_view text) noexcept {
  // Where the last star stands, and how much of the text it was taken for: only the last one can
  // have been taken for too little.
  std::size_t star = pattern.npos;
  std::size_t taken = 0;
  std::size_t p = 0;
  for (std::size_t t = 0; t < text.size();) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      taken = t;
    } else if (p < pattern.size() && pattern[p] == text[t]) {
      ++p;
      ++t;
    } else if (star != pattern.npos) {
      p = star + 1;
      t = ++taken;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', p) == pattern.npos;
}

}  // namespace stele::core
