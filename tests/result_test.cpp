#include <stele/result.hpp>

#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

using stele::error;
using stele::result;

namespace {

error failure() { return {std::make_error_code(std::errc::address_in_use), "a port in use"}; }

}  // namespace

TEST(Result, HoldsAValueOrAnError) {
  result<std::string> const value(std::string("text"));
  EXPECT_TRUE(value);
  EXPECT_EQ(*value, "text");
  EXPECT_EQ(value->size(), 4U);
  result<std::string> const none(failure());
  EXPECT_FALSE(none);
  EXPECT_EQ(none.error().message, "a port in use");
}

// REQUIRES: there is a value. Throws std::logic_error where there is none.
TEST(Result, WrongAccessThrowsAndSaysWhatToDo) {
  result<int> const none(failure());
  EXPECT_THROW(static_cast<void>(*none), std::logic_error);
  result<int> const value(1);
  try {
    static_cast<void>(value.error());
    FAIL() << "error() of a value does not throw";
  } catch (std::logic_error const& wrong) {
    EXPECT_STREQ(wrong.what(),
                 "result: error() requires an error, saw a value; test the result first: "
                 "if (!result) …");
  }
}

TEST(Result, MovesAndEndsEachContentOnce) {
  auto const watched = std::make_shared<int>(7);
  {
    result<std::shared_ptr<int>> a(watched);
    result<std::shared_ptr<int>> b(failure());
    b = std::move(a);
    EXPECT_EQ(watched.use_count(), 2);
    EXPECT_EQ(**b, 7);
    b = result<std::shared_ptr<int>>(failure());
    EXPECT_EQ(watched.use_count(), 1);
    EXPECT_EQ(b.error().message, "a port in use");
    result<std::shared_ptr<int>> c(watched);
    std::shared_ptr<int> const taken = *std::move(c);
    EXPECT_EQ(watched.use_count(), 2);
  }
  EXPECT_EQ(watched.use_count(), 1);
}
