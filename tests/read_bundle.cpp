// read_bundle: reads bodies as pushes have them and prints what was understood, for
// agents_clients_test.py.
//
//   read_bundle text|openmetrics|protobuf FILE…
//
// For each file its bundle as agents_bundle_text.hpp has it, or `fault …`, and then a line `---`.

#include <cstdio>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

#include "agents/body_reader.hpp"
#include "agents/shape_cache.hpp"
#include "agents_bundle_text.hpp"

int main(int argc, char** argv) {
  using namespace stele::pushing;
  std::string_view const named = argc > 1 ? argv[1] : "";
  body_type const type = named == "openmetrics" ? body_type::openmetrics
                         : named == "protobuf"  ? body_type::protobuf
                                                : body_type::text;
  body_reader reads(push_limits{}, std::make_shared<shape_cache>());
  for (int i = 2; i < argc; ++i) {
    std::ifstream file(argv[i], std::ios::binary);
    if (!file) {
      std::fprintf(stderr, "read_bundle: expected a file, saw '%s'\n", argv[i]);
      return 1;
    }
    std::string const body((std::istreambuf_iterator<char>(file)),
                           std::istreambuf_iterator<char>());
    auto const read = reads.read(body, {.type = type}, nullptr);
    auto const* fault = std::get_if<body_fault>(&read);
    std::string const text =
        fault ? "fault " + fault->text() + '\n' : bundle_text(std::get<bundle>(read));
    std::printf("%s---\n", text.c_str());
  }
}
