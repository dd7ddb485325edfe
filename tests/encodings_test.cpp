#include "serve/encodings.hpp"

#include <gtest/gtest.h>

#include <string_view>

using stele::serving::encoding;
using stele::serving::encoding_choice;

namespace {

/// The answer to a single field.
encoding choose_encoding(std::string_view accept) {
  encoding_choice asked;
  asked.add(accept);
  return asked.answer();
}

}  // namespace

TEST(Encodings, CompressesForRealScrapers) {
  for (std::string_view const accept :
       {"gzip", "gzip, deflate", "gzip, deflate, br", "gzip, deflate, br, zstd",
        "gzip;q=1.0,deflate;q=0.6,identity;q=0.3", "deflate, gzip, br, zstd", "x-gzip"})
    EXPECT_EQ(choose_encoding(accept), encoding::gzip) << accept;
  EXPECT_EQ(choose_encoding("identity"), encoding::identity);  // enable_compression: false
}

// "Accept-Encoding with q-values (`gzip;q=0` is a no)"
TEST(Encodings, HeedsWeights) {
  struct {
    std::string_view accept;
    encoding answer;
  } const cases[]{
      {"gzip;q=0", encoding::identity},
      {"gzip;q=0.000", encoding::identity},
      {"gzip ; Q=0", encoding::identity},
      {"gzip;q=0.001", encoding::gzip},
      {"gzip;q=0.0001", encoding::gzip},
      {"gzip;q=0, x-gzip", encoding::identity},
      {"x-gzip, gzip;q=0", encoding::identity},
      {"GZIP;q=0.5, br", encoding::gzip},
      {"gzip;q=0.5, identity", encoding::identity},
      {"gzip;q=0.5, identity;q=0.6", encoding::identity},
      {"gzip;q=0.5, identity;q=0.5", encoding::gzip},
      {"gzip;q=0.5, identity;q=0.4", encoding::gzip},
      {"gzip;q=0.2, gzip;q=0.8, identity;q=0.5", encoding::gzip},
      {"identity;q=0.5, gzip;q=0.8, gzip;q=0.2", encoding::gzip},
      {"gzip;q=1;q=0", encoding::identity},
  };
  for (auto const& each : cases)
    EXPECT_EQ(choose_encoding(each.accept), each.answer) << each.accept;
}

// RFC 9110, 12.5.3: `*` is any coding that the field does not name. Who sends it alone has not said
// that he can read gzip.
TEST(Encodings, TakesAWildcardForGzipWhereIdentityIsLessWelcome) {
  EXPECT_EQ(choose_encoding("*"), encoding::identity);
  EXPECT_EQ(choose_encoding("br, *"), encoding::identity);
  EXPECT_EQ(choose_encoding("identity, *"), encoding::identity);
  EXPECT_EQ(choose_encoding("identity;q=0, *"), encoding::gzip);
  EXPECT_EQ(choose_encoding("identity;q=0.5, *;q=0.6"), encoding::gzip);
  EXPECT_EQ(choose_encoding("gzip;q=0, *"), encoding::identity);
  EXPECT_EQ(choose_encoding("gzip;q=0, identity;q=0, *"), encoding::identity);
  EXPECT_EQ(choose_encoding("gzip, *;q=0"), encoding::gzip);
}

// A scrape is never refused: a body that is not compressed can always be read.
TEST(Encodings, AnswersIdentityToWhatItDoesNotUnderstand) {
  EXPECT_EQ(encoding_choice().answer(), encoding::identity);
  for (std::string_view const accept :
       {"", ",", ";", "br", "zstd", "deflate", "identity;q=0", "*;q=0", "gzip;q=2",
        "gzip;q=", "gzip;q=x", "gzip;q=-1", "gzi", "gzipp", "\"gzip\"", "gzip=1", "\xff", "\""})
    EXPECT_EQ(choose_encoding(accept), encoding::identity) << accept;
}

TEST(Encodings, TakesRepeatedFieldsAsOneList) {
  encoding_choice asked;
  asked.add("deflate");
  asked.add("gzip");
  EXPECT_EQ(asked.answer(), encoding::gzip);
  asked.add("gzip;q=0");
  EXPECT_EQ(asked.answer(), encoding::identity);
}
