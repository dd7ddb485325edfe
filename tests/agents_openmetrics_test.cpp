#include "agents/openmetrics_reader.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "agents_case.hpp"

namespace stele::pushing {
namespace {

std::string read(std::string_view body) { return text_of_body(body, body_type::openmetrics); }
std::string fault(std::string_view body) { return fault_of(body, body_type::openmetrics); }

// "The family's name has no suffix: `# TYPE foo counter`, sample `foo_total`."
TEST(PushedOpenMetrics, EveryTypeIsReadUnderItsNameOfText) {
  EXPECT_EQ(read("# HELP jobs Jobs \\\"done\\\".\\n\\\\\\x\n"
                 "# TYPE jobs counter\n"
                 "jobs_total{b=\"2\",a=\"1\"} 3.0\n"
                 "jobs_created{b=\"2\",a=\"1\"} 1600000000.5\n"
                 "jobs_total 4\n"
                 "# TYPE heat_celsius gauge\n"
                 "# UNIT heat_celsius celsius\n"
                 "heat_celsius -1e-3\n"
                 "# TYPE free unknown\n"
                 "free NaN\n"
                 "bare{x=\"\"} +Inf\n"
                 "# TYPE build info\n"
                 "build_info{version=\"1\"} 1\n"
                 "# TYPE state stateset\n"
                 "state{state=\"a\"} 1\n"
                 "state{state=\"b\"} 0\n"
                 "# TYPE took summary\n"
                 "took{quantile=\"0.5\"} 2\n"
                 "took_sum 12\n"
                 "took_count 5\n"
                 "took_created 1\n"
                 "# TYPE waited histogram\n"
                 "waited_bucket{le=\"1.0\"} 1\n"
                 "waited_bucket{le=\"+Inf\"} 4\n"
                 "waited_sum 9.5\n"
                 "waited_count 4\n"
                 "# EOF\n"),
            "counter jobs_total\n"
            "  help Jobs \"done\".\\n\\\\\\\\x\n"
            "  {a=\"1\",b=\"2\"} 3 created 1600000000500\n"
            "  {} 4\n"
            "gauge heat_celsius\n"
            "  unit celsius\n"
            "  {} -0.001\n"
            "unknown free\n  {} NaN\n"
            "unknown bare\n  {} +Inf\n"
            "info build_info\n  {version=\"1\"} 1\n"
            "gauge state\n  {state=\"a\"} 1\n  {state=\"b\"} 0\n"
            "summary took\n  {} 0.5:2 sum 12 count 5 created 1000\n"
            "histogram waited\n  {} 1:1 +Inf:3 sum 9.5\n");
}

TEST(PushedOpenMetrics, TheEndIsStated) {
  EXPECT_EQ(read("# EOF\n"), "");
  EXPECT_EQ(read("# EOF"), "");
  for (std::string_view const body : {"", "x 1\n", "x 1\n# EO"}) EXPECT_NE(fault(body), "") << body;
  EXPECT_TRUE(fault("").starts_with("1:1: expected '# EOF' as the last line, saw the end"));
  EXPECT_TRUE(fault("# EOF\nx 1\n").starts_with("2:1: expected the end of the body behind"));
  EXPECT_TRUE(fault("# EOF \n").starts_with("1:6: expected the end of the body behind"));
}

// "Exemplars only on `_total` and `_bucket`: ` # {labels} value ts`; at most 128 code points over
// names and values"
TEST(PushedOpenMetrics, ExemplarsAreCheckedAndLeftOut) {
  EXPECT_EQ(read("# TYPE a counter\na_total 3 # {id=\"x\"} 1\n# EOF\n"),
            "counter a_total\n  {} 3\n");
  EXPECT_EQ(read("# TYPE a counter\na_total 3 # {} 1 1600000000.123\n# EOF\n"),
            "counter a_total\n  {} 3\n");
  EXPECT_EQ(read("# TYPE h histogram\nh_bucket{le=\"+Inf\"} 3 # {le=\"x\"} 1\n# EOF\n"),
            "histogram h\n  {} +Inf:3 sum NaN\n");
  std::string const most(126, 'x');
  std::string const accents = [] {
    std::string text;
    for (int i = 0; i < 126; ++i) text += "é";
    return text;
  }();
  for (std::string const& value : {most, accents}) {
    auto const body = [&](std::string const& more) {
      return "# TYPE a counter\na_total 3 # {id=\"" + value + more + "\"} 1\n# EOF\n";
    };
    EXPECT_EQ(fault(body("")), "");
    EXPECT_NE(fault(body("x")).find("at most 128 characters"), std::string::npos);
    EXPECT_NE(fault(body("\\n")).find("saw 129"), std::string::npos);
  }
  for (std::string_view const line :
       {"a_total 3 #{id=\"x\"} 1", "a_total 3 # {id=\"x\"}", "a_total 3 # {id=\"x\"} ",
        "a_total 3 # {id=\"x\"} 1 ", "a_total 3 # {id=\"x\"} 1 NaN", "a_total 3 # {id=\"x\"} 1 2 3",
        "a_total 3 # {id=x} 1", "a_total 3 # 1", "a_total 3 # ", "a_created 3 # {id=\"x\"} 1",
        "a_total 3 # {id=\"x\",id=\"y\"} 1", "a_total 3 # {id=\"x\"}  1"})
    EXPECT_TRUE(fault("# TYPE a counter\n" + std::string(line) + "\n# EOF\n").starts_with("2:"))
        << line;
  EXPECT_TRUE(
      fault("# TYPE g gauge\ng 3 # {id=\"x\"} 1\n# EOF\n").starts_with("2:5: expected no "));
}

TEST(PushedOpenMetrics, TimestampsAreRefusedWithTheFix) {
  for (std::string_view const line : {"a_total 3 1600000000", "a_total 3 1.5 # {} 1"}) {
    std::string const seen = fault("# TYPE a counter\n" + std::string(line) + "\n# EOF\n");
    EXPECT_TRUE(seen.starts_with("2:11: expected no timestamp")) << seen;
  }
}

// "One space between tokens; no blank line, comment, CR, trailing space or trailing comma."
TEST(PushedOpenMetrics, WhatIsNotOpenMetricsIsRefusedWithItsPlace) {
  struct {
    std::string_view body;
    std::string_view fault;
  } const cases[]{
      {"\n# EOF\n", "1:1: expected a metric name or '#', saw the end of the line"},
      {" x 1\n# EOF\n", "1:1: expected a metric name"},
      {"#x\n# EOF\n", "1:2: expected a blank behind '#'"},
      {"# a comment\n# EOF\n", "1:3: expected HELP, TYPE, UNIT or EOF behind '# ', saw 'a'"},
      {"# HELP x\n# EOF\n", "1:9: expected a metric name and a blank behind HELP"},
      {"# TYPE  x gauge\n# EOF\n", "1:8: expected a metric name"},
      {"# TYPE x untyped\n# EOF\n", "1:10: expected one of unknown, gauge, counter"},
      {"# TYPE x Gauge\n# EOF\n", "1:10: expected one of unknown"},
      {"# TYPE x gauge \n# EOF\n", "1:10: expected one of unknown"},
      {"# TYPE x gauge\n# TYPE x gauge\n# EOF\n", "2:3: expected one TYPE line a family"},
      {"# HELP x a\n# HELP x a\n# EOF\n", "2:3: expected one HELP line a family"},
      {"# UNIT x_a a\n# UNIT x_a a\n# EOF\n", "2:3: expected one UNIT line a family"},
      {"x 1\n# HELP x a\n# EOF\n", "2:3: expected metadata before the samples of 'x'"},
      {"x 1\ny 1\nx{a=\"1\"} 1\n# EOF\n", "3:1: expected the lines of a family together"},
      {"# TYPE x gauge\n# UNIT x a\nx 1\n# EOF\n",
       "2:10: expected the unit that the name 'x' ends"},
      {"# TYPE xa gauge\n# UNIT xa a\nx 1\n# EOF\n", "2:11: expected the unit that the name"},
      {"# TYPE x_a info\n# UNIT x_a a\nx_a_info 1\n# EOF\n", "2:12: expected no unit for an info"},
      {"x  1\n# EOF\n", "1:3: expected a number, saw ' 1'"},
      {"x\t1\n# EOF\n", "1:2: expected one blank before the number"},
      {"x 1 \n# EOF\n", "1:5: expected a newline behind the number"},
      {"x{a=\"1\",} 1\n# EOF\n", "1:9: expected a label name, saw '}'"},
      {"x{a=\"1\", b=\"1\"} 1\n# EOF\n", "1:9: expected a label name"},
      {"x {a=\"1\"} 1\n# EOF\n", "1:3: expected a number"},
      {"x{a =\"1\"} 1\n# EOF\n", "1:4: expected '=' and '\"' behind the label name"},
      {"x{a=\"1\",a=\"2\"} 1\n# EOF\n", "1:9: expected each label once"},
      {"x{a=\"1\n# EOF\n", "1:7: expected '\"' behind the label's value"},
      {"x 1\r\n# EOF\n", "1:4: expected lines that end in \\n alone"},
      {"x 0x10\n# EOF\n", "1:3: expected a number"},
  };
  for (auto const& [body, wanted] : cases)
    EXPECT_TRUE(fault(body).starts_with(wanted)) << body << "\n" << fault(body);
}

TEST(PushedOpenMetrics, ABackslashBeforeAnythingElseIsOne) {
  EXPECT_EQ(read("x{a=\"\\d\\\\\\\"\\n\"} 1\n# EOF\n"),
            "unknown x\n  {a=\"\\\\d\\\\\\\"\\n\"} 1\n");
}

TEST(PushedOpenMetrics, WhatIsWrongInOneFamilyRefusesThatOne) {
  auto const refused = [](std::string const& body) {
    return refusals_of(body + "# EOF\n", body_type::openmetrics);
  };
  EXPECT_EQ(refused("# TYPE g gaugehistogram\ng_bucket{le=\"+Inf\"} 1\ng_gcount 1\ng_gsum 1\n"),
            "g type\n");
  EXPECT_EQ(refused("# TYPE s stateset\ns{a=\"b\"} 1\n"), "s label\n");
  EXPECT_EQ(refused("# TYPE s stateset\ns{s=\"b\"} 2\n"), "s value\n");
  EXPECT_EQ(refused("# TYPE i info\ni_info 2\n"), "i_info value\n");
  EXPECT_EQ(refused("# TYPE h histogram\nh_bucket 2\n"), "h label\n");
  EXPECT_EQ(refused("# TYPE h histogram\nh_count{le=\"1\"} 2\n"), "h label\n");
  EXPECT_EQ(refused("# TYPE s summary\ns 2\n"), "s label\n");
  EXPECT_EQ(refused("# TYPE c counter\nc_total -1\n"), "c_total value\n");
  EXPECT_EQ(refused("# TYPE c counter\nc_created 5\n"), "c_created suffix\n");
  EXPECT_EQ(refused("# TYPE c counter\nc_total 1\nc_created -5\n"), "c_created value\n");
}

// A sample that is none of the family's begins one of its own, as the specification's parsers have
// it.
TEST(PushedOpenMetrics, ASampleOfAnotherNameIsAFamilyOfItsOwn) {
  EXPECT_EQ(read("# TYPE c counter\nd 1\n# EOF\n"), "unknown d\n  {} 1\n");
  // `c` clashes with the counter c, which takes the name.
  EXPECT_TRUE(fault("# TYPE c counter\nc_total 1\nc 1\n# EOF\n").starts_with("3:1: expected the "));
}

}  // namespace
}  // namespace stele::pushing
