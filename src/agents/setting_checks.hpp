// setting_checks.hpp: what is wrong with a value of the settings, wherever it was read.
//
//   ttl_fault(0) == "expected 1s to 7 days, saw 0 ms; …"
//
// Each gives a sentence, or nothing where the value is right. Threads: pure functions.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace stele::pushing {

std::string size_fault(std::size_t value);
/// What a size is, as a message begins.
std::string size_words();
std::string ttl_fault(std::int64_t milliseconds);
std::string prefix_fault(std::string_view prefix);
std::string label_fault(std::string_view name);
/// A metric's name, in which `*` stands for any characters.
std::string glob_fault(std::string_view pattern);
std::string url_fault(std::string_view url);

}  // namespace stele::pushing
