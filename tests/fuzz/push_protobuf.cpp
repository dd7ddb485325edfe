// Pushed bodies: delimited protobuf.

#include "push.hpp"

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  stele::fuzz::check_body(stele::fuzz::text_of(data, size), stele::pushing::body_type::protobuf);
  return 0;
}
