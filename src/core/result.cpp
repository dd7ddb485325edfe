#include "stele/result.hpp"

#include <stdexcept>

namespace stele::core {

void wrong_result_access(char const* call) {
  std::string const wanted = call[0] == '*' ? "a value, saw an error" : "an error, saw a value";
  throw std::logic_error(std::string("result: ") + call + " requires " + wanted +
                         "; test the result first: if (!result) …");
}

}  // namespace stele::core
