// Pushed bodies: OpenMetrics.

#include "push.hpp"

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  stele::fuzz::check_body(stele::fuzz::text_of(data, size), stele::pushing::body_type::openmetrics);
  return 0;
}
