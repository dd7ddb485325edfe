// failure.hpp: the one exception of the service: a request or a file that cannot be honoured.
//
// Stores and readers throw it; the API turns it into a JSON error, main into a line on stderr.
// The message is for the person who sent the input: what was expected, what was seen, what to do.

#pragma once

#include <stdexcept>
#include <string>

namespace service {

enum class reason {
  bad_input,  // malformed or out of range: the sender must change it
  forbidden,  // understood, and refused by the licence
  not_found,  // names something that does not exist (any more)
  conflict,   // contradicts what exists now; may work later
  busy,       // a bounded queue is full; the same request works later
};

class failure : public std::runtime_error {
 public:
  failure(reason why, std::string const& message) : std::runtime_error{message}, why_{why} {}

  [[nodiscard]] reason why() const noexcept { return why_; }

 private:
  reason why_;
};

}  // namespace service
