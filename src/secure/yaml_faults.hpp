// yaml_faults.hpp: what yaml-cpp says of a text that is no YAML, in words that say what to do.
//
//   catch (YAML::Exception const& failed) { auto const fault = yaml_fault(text, failed); … }
//
// Threads: pure functions.

#pragma once

#include <yaml-cpp/exceptions.h>

#include <string>
#include <string_view>

#include "secure/problems.hpp"

namespace stele::securing {

struct placed_fault {
  place where;
  std::string what;  // `expected …, saw …; fix`
};

/// `text` is what was parsed. No part of it is in the words.
placed_fault yaml_fault(std::string_view text, YAML::Exception const& failed);

}  // namespace stele::securing
