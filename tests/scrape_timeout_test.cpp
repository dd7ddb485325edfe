#include "serve/scrape_timeout.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

using namespace std::chrono_literals;
using stele::serving::parse_scrape_timeout;
using stele::serving::scrape_timeout_max;

// "`X-Prometheus-Scrape-Timeout-Seconds` (`4`, `0.5`, `10.000`) bounds the gather"
TEST(ScrapeTimeout, ReadsWhatServersSend) {
  EXPECT_EQ(parse_scrape_timeout("4"), 4s);
  EXPECT_EQ(parse_scrape_timeout("0.5"), 500ms);
  EXPECT_EQ(parse_scrape_timeout("10.000"), 10s);
  EXPECT_EQ(parse_scrape_timeout("10.000000"), 10s);
  EXPECT_EQ(parse_scrape_timeout("9.999999999"), 9'999'999'999ns);
  EXPECT_EQ(parse_scrape_timeout("0.000000001"), 1ns);
  EXPECT_EQ(parse_scrape_timeout("0.0000000019"), 1ns);
  EXPECT_EQ(parse_scrape_timeout("007.250"), 7'250ms);
}

TEST(ScrapeTimeout, TakesALongTimeForTheLongest) {
  EXPECT_EQ(parse_scrape_timeout("86399"), 86399s);
  for (std::string const& text : {std::string("86400"), std::string("86400.5"),
                                  std::string("1000000000"), std::string(400, '9')})
    EXPECT_EQ(parse_scrape_timeout(text), scrape_timeout_max) << text;
}

// A field that states no time is as none: the endpoint's own bound holds.
TEST(ScrapeTimeout, IsNothingWhereTheFieldStatesNoTime) {
  for (std::string_view const text :
       {"",         "0",    "0.0", "000",  "0.0000000001", "-1",  "+1",  "-0",       " 1",
        "1 ",       ".5",   "5.",  ".",    "1.2.3",        "1,5", "inf", "Infinity", "nan",
        "NaN",      "0x10", "1e9", "1e-3", "1E3",          "4s",  "4 s", "10 000",   "1_000",
        "\xd9\xa4", "4\n",  "four"})
    EXPECT_EQ(parse_scrape_timeout(text), std::nullopt) << text;
  EXPECT_EQ(parse_scrape_timeout(std::string_view("4\0", 2)), std::nullopt);
}
