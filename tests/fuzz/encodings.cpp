// Accept-Encoding fields, one a line: gzip where it is asked for, and never where it is refused.

#include "serve/encodings.hpp"

#include <string>
#include <string_view>

#include "fuzz.hpp"

using namespace stele::fuzz;
using stele::serving::encoding;
using stele::serving::encoding_choice;

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  std::string_view const text = text_of(data, size);
  encoding_choice asked;
  for (std::string_view rest = text; !rest.empty();) asked.add(take(rest, '\n'));

  bool const is_gzip = asked.answer() == encoding::gzip;
  always(!is_gzip || mentions(text, "gzip") || text.find('*') != text.npos,
         "gzip has to be asked for, or anything at all");

  encoding_choice refusing = asked;
  refusing.add("gzip;q=0");
  always(refusing.answer() == encoding::identity, "gzip with a q of 0 is never answered");
  encoding_choice more = asked;
  more.add("br, zstd;q=0.7, ;, deflate;q=x");
  always(more.answer() == asked.answer(), "other codings change nothing");

  if (text.find('"') == text.npos) {
    std::string joined(text);
    std::replace(joined.begin(), joined.end(), '\n', ',');
    encoding_choice one;
    one.add(joined);
    always(one.answer() == asked.answer(), "several fields are one list");
  }
  return 0;
}
