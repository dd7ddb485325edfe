// An exposition that is pulled, as a server does that asks for the next part of a body.

#include <sample.hpp>

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>

using sample::metric;
using stele::exposition_stream;
using stele::format;

namespace {

class ExpositionStream : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    for (int i = 0; i < 5'000; ++i)
      metric<"sample_rooms">.with({.house = std::to_string(i) + std::string(50, 'x')}).set(i);
  }
};

/// With a callback, at once.
std::string exposed(stele::snapshot const& values, format which, stele::expose_options with = {}) {
  std::string all;
  stele::expose(values, which, [&all](std::string_view chunk) { all += chunk; }, with);
  return all;
}

std::string rest_of(exposition_stream& stream) {
  std::string all;
  for (auto chunk = stream.next(); !chunk.empty(); chunk = stream.next()) {
    EXPECT_LE(chunk.size(), 64U * 1024);
    all += chunk;
  }
  return all;
}

}  // namespace

TEST_F(ExpositionStream, GivesWhatExposeGives) {
  for (format const which : {format::text, format::openmetrics, format::protobuf})
    for (bool const created : {false, true}) {
      auto values = stele::gather<sample::table>();
      std::string const expected = exposed(values, which, {.created = created});
      ASSERT_GT(expected.size(), 3U * 64 * 1024);
      exposition_stream stream(std::move(values), which, {.created = created});
      EXPECT_EQ(rest_of(stream), expected);
      EXPECT_TRUE(stream.next().empty()) << "the end stays the end";
    }
}

// "each renders for itself, at its reader's pace"
TEST_F(ExpositionStream, ShowsTheMomentOfItsSnapshotHoweverSlowlyItIsRead) {
  auto values = stele::gather<sample::table>();
  std::string const expected = exposed(values, format::text);
  exposition_stream slow(std::move(values), format::text);
  std::string read(slow.next());
  metric<"sample_rooms">.with({.house = "new"}).set(1);
  exposition_stream other(stele::gather<sample::table>(), format::openmetrics);
  EXPECT_NE(rest_of(other).find("house=\"new\""), std::string::npos);
  EXPECT_EQ(read += rest_of(slow), expected);
  metric<"sample_rooms">.remove({.house = "new"});
}

TEST_F(ExpositionStream, GoesOnWhereItIsMovedTo) {
  auto values = stele::gather<sample::table>();
  std::string const expected = exposed(values, format::text);
  std::optional<exposition_stream> first(std::in_place, std::move(values), format::text);
  std::string read(first->next());
  exposition_stream second(std::move(*first));
  first.reset();
  read += second.next();
  exposition_stream third(stele::gather<sample::table>(), format::protobuf);
  EXPECT_FALSE(third.next().empty());
  third = std::move(second);
  EXPECT_EQ(read += rest_of(third), expected);
}
