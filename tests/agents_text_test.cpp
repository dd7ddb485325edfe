#include "agents/text_reader.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <iterator>
#include <limits>
#include <string>
#include <string_view>

#include "agents/number_text.hpp"
#include "agents_case.hpp"

namespace stele::pushing {
namespace {

TEST(PushedText, EveryTypeIsRead) {
  EXPECT_EQ(text_of_body("# HELP jobs_total Jobs \\\\ done.\\nAll.\n"
                         "# TYPE jobs_total counter\n"
                         "jobs_total{queue=\"b\",kind=\"x\"} 3\n"
                         "jobs_total{queue=\"a\"} 4.5\n"
                         "# TYPE heat gauge\n"
                         "heat -1e-3\n"
                         "free 7\n"
                         "# TYPE size untyped\n"
                         "size 8\n"
                         "# TYPE took summary\n"
                         "took{quantile=\"0.9\",path=\"/\"} 2\n"
                         "took{quantile=\"0.5\",path=\"/\"} NaN\n"
                         "took_sum{path=\"/\"} 12\n"
                         "took_count{path=\"/\"} 5\n"
                         "# TYPE waited histogram\n"
                         "waited_bucket{le=\"1\"} 1\n"
                         "waited_bucket{le=\"2.5\"} 1\n"
                         "waited_bucket{le=\"+Inf\"} 4\n"
                         "waited_sum 9.5\n"
                         "waited_count 4\n"),
            "counter jobs_total\n"
            "  help Jobs \\\\ done.\\nAll.\n"
            "  {kind=\"x\",queue=\"b\"} 3\n"
            "  {queue=\"a\"} 4.5\n"
            "gauge heat\n"
            "  {} -0.001\n"
            "unknown free\n"
            "  {} 7\n"
            "unknown size\n"
            "  {} 8\n"
            "summary took\n"
            "  {path=\"/\"} 0.5:NaN 0.9:2 sum 12 count 5\n"
            "histogram waited\n"
            "  {} 1:1 2.5:0 +Inf:3 sum 9.5\n");
}

TEST(PushedText, NothingIsNoFamilies) {
  EXPECT_EQ(text_of_body(""), "");
  EXPECT_EQ(text_of_body("\n\n# a comment\n#\n"), "");
  EXPECT_EQ(text_of_body("# HELP jobs Jobs.\n# TYPE jobs counter\n"), "");
}

// expfmt: tokens are separated by any number of blanks and tabs; a comma may stand behind the last
// label; a `#` line that is neither HELP nor TYPE is a comment.
TEST(PushedText, BlanksAndCommentsAreAsExpfmtTakesThem) {
  EXPECT_EQ(text_of_body(" \t# \tTYPE\t x  gauge\n"
                         "#comment\n"
                         "  x\t{ a = \"1\" ,\tb=\"2\", } \t 3\n"
                         "#\tHELPS\n"
                         "  \n"
                         "\ty 4\n"
                         "z{}5\n"
                         " \t"),
            "gauge x\n  {a=\"1\",b=\"2\"} 3\nunknown y\n  {} 4\nunknown z\n  {} 5\n");
}

TEST(PushedText, MetadataMayStandAnywhereBeforeTheSamplesAndFamiliesMayBeMixed) {
  EXPECT_EQ(text_of_body("# TYPE a counter\n# TYPE b gauge\nb 1\na{x=\"1\"} 2\nb{y=\"1\"} 3\n"
                         "a 4\n# HELP a Late.\n"),
            "counter a\n  help Late.\n  {x=\"1\"} 2\n  {} 4\ngauge b\n  {} 1\n  {y=\"1\"} 3\n");
  // The series of a histogram, too.
  EXPECT_EQ(text_of_body("# TYPE h histogram\nh_count 2\nh_bucket{le=\"+Inf\"} 2\nx 1\n"
                         "h_bucket{le=\"1\"} 1\nh_sum 3\n"),
            "histogram h\n  {} 1:1 +Inf:1 sum 3\nunknown x\n  {} 1\n");
}

TEST(PushedText, TypesAreTakenInAnyCase) {
  EXPECT_EQ(text_of_body("# TYPE x GAUGE\nx 1\n"), "gauge x\n  {} 1\n");
}

TEST(PushedText, LabelValuesHaveTheEscapesOfAScrape) {
  EXPECT_EQ(text_of_body("x{a=\"\\\\ \\\" \\n {},=# é\"} 1\n"),
            "unknown x\n  {a=\"\\\\ \\\" \\n {},=# é\"} 1\n");
}

struct fault_case {
  std::string_view body;
  std::string_view fault;  // how it begins
};

// "A syntax error … refuses the whole bundle: … with line and column where there is text"
TEST(PushedText, WhatIsNoTextIsRefusedWithItsPlace) {
  fault_case const cases[]{
      {"x 1\ny", "2:2: expected a number, saw the end of the body"},
      {"x 1\ny 2", "2:4: expected a newline behind the number, saw the end of the body"},
      {"x 1\n# comment", "2:10: expected the end of the comment's line, saw the end of the body"},
      {"x\n", "1:2: expected a number, saw the end of the line"},
      {"1x 1\n", "1:1: expected a metric name, a comment or an empty line, saw '1x'"},
      {"x 1 \n", "1:5: expected the end of the line directly behind the number, saw the end of"},
      {"x 1a\n", "1:3: expected a number, saw '1a'"},
      {"x{ 1\n", "1:4: expected a label name or '}', saw '1'"},
      {"x{a} 1\n", "1:4: expected '=' behind the label name, saw '}'"},
      {"x{a=1} 1\n", "1:5: expected '\"' before the label's value, saw '1'"},
      {"x{a=\"1} 1\n", "1:10: expected '\"' behind the label's value, saw the end of the line"},
      {"x{a=\"1\"b=\"2\"} 1\n", "1:8: expected ',' or '}' behind the label's value, saw 'b'"},
      {"x{,} 1\n", "1:3: expected a label name or '}'"},
      {"x{a=\"1\",,} 1\n", "1:9: expected a label name or '}'"},
      {"x{a=\"\\t\"} 1\n", "1:7: expected \\\\, \\\" or \\n in a label's value, saw 't\"'"},
      {"x{a=\"1\",a=\"2\"} 1\n", "1:9: expected each label once, saw 'a' again"},
      {"x{a:b=\"1\"} 1\n", "1:4: expected '=' behind the label name"},
      {"# HELP x a\\tb\n", "1:11: expected \\\\ or \\n in a HELP text, saw '\\tb'"},
      {"# HELP x a\\\"b\n", "1:11: expected \\\\ or \\n in a HELP text"},
      {"# HELP x a\\\n", "1:11: expected \\\\ or \\n in a HELP text"},
      {"# HELP x a\n# HELP x a\n", "2:10: expected one HELP line a family"},
      {"# HELP 1 a\n", "1:8: expected a metric name behind HELP, saw '1'"},
      {"# HELP a-b c\n", "1:9: expected a blank behind the metric name, saw '-b'"},
      {"# TYPE x thing\n", "1:10: expected one of counter, gauge, histogram, summary, untyped, "},
      {"# TYPE x info\n", "1:10: expected one of counter, gauge, histogram, summary, untyped, "},
      {"# TYPE x gauge \n", "1:10: expected one of counter, gauge"},
      {"# TYPE x gauge\n# TYPE x gauge\n", "2:10: expected one TYPE line a family"},
      {"x 1\n# TYPE x gauge\n", "2:10: expected one TYPE line a family, before its samples"},
      {"# TYPE s summary\ns{quantile=\"a\"} 1\n",
       "2:3: expected a number as the value of quantile"},
      {"# TYPE h histogram\nh_bucket{le=\"\"} 1\n", "2:10: expected a number as the value of le"},
      {"x 1\r\n", "1:4: expected lines that end in \\n alone, saw \\r\\n"},
      {"x{a=\"\xff\"} 1\n", "1:6: expected UTF-8 without NUL, saw a byte \\xff"},
      {"x 1\n# \xc0\xaf\n", "2:3: expected UTF-8 without NUL, saw a byte \\xc0"},
      {std::string_view("x 1\ny\0 2\n", 9), "2:2: expected UTF-8 without NUL, saw a NUL"},
      {"\xef\xbb\xbfx 1\n", "1:1: expected a metric name"},
  };
  for (auto const& [body, fault] : cases)
    EXPECT_TRUE(fault_of(body).starts_with(fault)) << body << "\n" << fault_of(body);
}

// "Samples with explicit timestamps are refused."
TEST(PushedText, TimestampsAreRefusedWithTheFix) {
  for (std::string_view const body : {"x 1\ny 2 1600000000000\n", "x 1\ny 2\t-1\n"}) {
    std::string const fault = fault_of(body);
    EXPECT_TRUE(fault.starts_with("2:5: expected no timestamp")) << fault;
    EXPECT_NE(fault.find("leave it out"), std::string::npos);
  }
}

TEST(PushedText, WhatIsWrongInOneFamilyRefusesThatOne) {
  // expfmt drops these samples.
  EXPECT_EQ(text_of_body("x 1\n# TYPE h histogram\nh 1\n"), "unknown x\n  {} 1\nrefused h value\n");
  EXPECT_EQ(text_of_body("# TYPE h histogram\nh_bucket 1\nx 1\n"),
            "unknown x\n  {} 1\nrefused h label\n");
  EXPECT_EQ(text_of_body("# TYPE h histogram\nh_sum{le=\"1\"} 1\n"), "refused h label\n");
  EXPECT_EQ(text_of_body("# TYPE s summary\ns 1\ns_sum 1\ns_count 1\n"), "refused s label\n");
  EXPECT_EQ(text_of_body("# TYPE g gauge_histogram\ng 1\n"), "refused g type\n");
}

// Go's strconv.ParseFloat without what expfmt refuses beyond it.
TEST(PushedText, NumbersAreTakenAsExpfmtTakesThem) {
  struct {
    std::string_view text;
    double value;
  } const taken[]{{"0", 0},
                  {"-0", -0.0},
                  {"+1", 1},
                  {"1.", 1},
                  {".5", 0.5},
                  {"-.5e1", -5},
                  {"1e5", 1e5},
                  {"1E+05", 1e5},
                  {"123456789012345678", 123456789012345678.0},
                  {"9999999999999999999", 1e19},
                  {"18446744073709551616", 18446744073709551616.0},
                  {"0.1", 0.1},
                  {"1.7976931348623157e308", std::numeric_limits<double>::max()},
                  {"4.9e-324", 4.9e-324},
                  {"1e-400", 0},
                  {"-0.0000000000000000000001e-310", -0.0},
                  {"0e99999", 0},
                  {"123456789012345.678", 123456789012345.678},
                  {"0.000000000000000000012345", 0.000000000000000000012345}};
  for (auto const& [text, value] : taken) {
    double read = -1;
    char const* at = text.data();
    ASSERT_TRUE(read_number(at, text.data() + text.size(), read)) << text;
    EXPECT_EQ(at, text.data() + text.size()) << text;
    EXPECT_EQ(std::bit_cast<std::uint64_t>(read), std::bit_cast<std::uint64_t>(value)) << text;
  }
  for (std::string_view const text :
       {"inf", "+Inf", "Infinity", "+INFINITY", "-inf", "-Infinity"}) {
    double read = 0;
    ASSERT_TRUE(number_of(text, read)) << text;
    EXPECT_EQ(read, text[0] == '-' ? -HUGE_VAL : HUGE_VAL);
  }
  for (std::string_view const text : {"nan", "NaN", "NAN"}) {
    double read = 0;
    ASSERT_TRUE(number_of(text, read)) << text;
    EXPECT_TRUE(std::isnan(read));
  }
  for (std::string_view const text :
       {"",     "+",     "-",      ".",     "e5",  "1e",    "1e+", "+nan",  "-nan",   "nan(1)",
        "infi", "0x10",  "0x1p-2", "1_000", "1,5", "--1",   "+-1", "1e309", "-1e999", "1f",
        " 1",   "1.5.2", "1d",     "0x",    "½",   "1e5.0", "in",  "na"}) {
    double read = 0;
    EXPECT_FALSE(number_of(text, read)) << text;
    char const* at = text.data();
    EXPECT_FALSE(read_number(at, text.data() + text.size(), read)) << text;
  }
}

TEST(PushedText, ARealExpositionIsRead) {
  std::ifstream file(std::string(STELE_SOURCE_ROOT) +
                     "/../shared/corpus/exposition/alltypes.237mfs.prom.txt");
  if (!file) GTEST_SKIP() << "../shared/corpus is not beside the repository";
  std::string const body((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  body_case pushed;
  read_result const read = pushed.read(body);
  ASSERT_TRUE(std::holds_alternative<bundle>(read)) << std::get<body_fault>(read).text();
  bundle const& all = std::get<bundle>(read);
  EXPECT_EQ(all.of->families.size(), 237U);
  for (family_refusal const& each : all.of->refused)
    ADD_FAILURE() << each.family << ": " << each.why;
  ASSERT_TRUE(all.of->plan);
  read_result const again = pushed.read(body, body_type::text, all.of);
  EXPECT_EQ(body_case::text_of(again), body_case::text_of(read));
}

}  // namespace
}  // namespace stele::pushing
