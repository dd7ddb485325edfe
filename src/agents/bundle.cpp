#include "agents/bundle.hpp"

namespace stele::pushing {

std::string body_fault::text() const {
  if (line == 0) return what;
  return std::to_string(line) + ':' + std::to_string(column) + ": " + what;
}

}  // namespace stele::pushing
