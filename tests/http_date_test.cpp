#include "serve/http_date.hpp"

#include <gtest/gtest.h>

using stele::serving::http_date;

// RFC 9110, 5.6.7: "An example of the preferred format is Sun, 06 Nov 1994 08:49:37 GMT"
TEST(HttpDate, IsAsTheSpecificationHasIt) {
  http_date date;
  EXPECT_EQ(date.at(784111777), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(date.at(784111777), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(date.at(784111778), "Sun, 06 Nov 1994 08:49:38 GMT");
  EXPECT_EQ(date.at(0), "Thu, 01 Jan 1970 00:00:00 GMT");
  EXPECT_EQ(date.at(951782400), "Tue, 29 Feb 2000 00:00:00 GMT");
  EXPECT_EQ(date.at(253402300799), "Fri, 31 Dec 9999 23:59:59 GMT");
}
