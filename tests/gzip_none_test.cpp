// -Dgzip=disabled: a build that compresses nothing says so.

#include "expose/gzip.hpp"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

using stele::exposition::gzip_encoder;

// Stated of available(): whether this build can compress; of the constructor: std::logic_error.
TEST(GzipNone, SaysThatItIsNotThere) {
  EXPECT_FALSE(gzip_encoder::available());
  try {
    gzip_encoder const encoder;
    FAIL() << "it was made";
  } catch (std::logic_error const& error) {
    EXPECT_NE(std::string(error.what()).find("-Dgzip=disabled"), std::string::npos);
  }
}
