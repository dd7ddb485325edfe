// Pushed bodies: text 0.0.4.

#include "push.hpp"

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  stele::fuzz::check_body(stele::fuzz::text_of(data, size), stele::pushing::body_type::text);
  return 0;
}
