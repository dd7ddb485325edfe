#include "agents/bundle_rules.hpp"

#include <gtest/gtest.h>
#include <zlib.h>

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

#include "agents/line_numbers.hpp"
#include "agents_case.hpp"

namespace stele::pushing {
namespace {

TEST(BundleRules, LabelsAreSortedAndThoseOfTheGroupLeftOut) {
  body_case pushed;
  pushed.group.emplace_back("zone", "a");
  EXPECT_EQ(pushed.text("x{z=\"1\",a=\"\",zone=\"other\",job=\"j\",instance=\"i\",b=\"2\","
                        "user_id=\"me\",workspace_id=\"mine\"} 1\n"),
            "unknown x\n  {b=\"2\",z=\"1\"} 1\n");
  pushed.group = {{"job", "agent"}};
  EXPECT_EQ(pushed.text("x{user_id=\"me\"} 1\ny 1\n"), "unknown y\n  {} 1\nrefused x label\n");
  EXPECT_EQ(pushed.text("x{workspace_id=\"\"} 1\n"), "refused x label\n");
}

TEST(BundleRules, NamesThatBelongToPrometheusAreRefused) {
  EXPECT_EQ(refusals_of("__x 1\ny{__a=\"1\"} 1\nz{__name__=\"q\"} 1\n"),
            "__x name\ny label\nz label\n");
  EXPECT_EQ(text_of_body("a:b 1\n"), "unknown a:b\n  {} 1\n");
}

// "A conflict that concerns one family only (… a duplicate series …) refuses that family, keeps the
// rest"
TEST(BundleRules, ASeriesTwiceRefusesItsFamily) {
  EXPECT_EQ(text_of_body("x{a=\"1\",b=\"2\"} 1\nx{b=\"2\",a=\"1\"} 2\ny 1\n"),
            "unknown y\n  {} 1\nrefused x duplicate\n");
  // What tells the two apart is not exposed.
  EXPECT_EQ(refusals_of("x{instance=\"1\"} 1\nx{instance=\"2\"} 2\n"), "x duplicate\n");
  EXPECT_EQ(refusals_of("x 1\nx{a=\"\"} 1\n"), "x duplicate\n");
  EXPECT_EQ(refusals_of("# TYPE s summary\ns{quantile=\"0.5\"} 1\ns{quantile=\".5\"} 1\ns_sum 1\n"
                        "s_count 1\n"),
            "s duplicate\n");
  EXPECT_EQ(refusals_of("# TYPE h histogram\nh_bucket{le=\"+Inf\"} 1\nh_sum 1\nh_sum 1\n"),
            "h duplicate\n");
}

std::string histogram(std::string_view lines) {
  return refusals_of("# TYPE h histogram\n" + std::string(lines));
}

// "Histogram: `le` ascending, `+Inf` present and equal to `_count`."
TEST(BundleRules, AHistogramAgreesWithItself) {
  EXPECT_EQ(histogram("h_bucket{le=\"1\"} 1\nh_bucket{le=\"+Inf\"} 2\nh_count 2\nh_sum 1\n"), "");
  EXPECT_EQ(histogram("h_bucket{le=\"1\"} 1\nh_count 1\nh_sum 1\n"), "h value\n");
  EXPECT_EQ(histogram("h_count 1\nh_sum 1\n"), "h value\n");
  EXPECT_EQ(histogram("h_bucket{le=\"+Inf\"} 2\nh_count 3\n"), "h value\n");
  EXPECT_EQ(histogram("h_bucket{le=\"1\"} 3\nh_bucket{le=\"+Inf\"} 2\n"), "h value\n");
  EXPECT_EQ(histogram("h_bucket{le=\"1\"} 1\nh_bucket{le=\"1.0\"} 1\nh_bucket{le=\"+Inf\"} 2\n"),
            "h value\n");
  EXPECT_EQ(histogram("h_bucket{le=\"1\"} 1.5\nh_bucket{le=\"+Inf\"} 2\n"), "h value\n");
  EXPECT_EQ(histogram("h_bucket{le=\"1\"} -1\nh_bucket{le=\"+Inf\"} 2\n"), "h value\n");
  EXPECT_EQ(histogram("h_bucket{le=\"NaN\"} 1\nh_bucket{le=\"+Inf\"} 2\n"), "h value\n");
  EXPECT_EQ(histogram("h_bucket{le=\"-Inf\"} 1\nh_bucket{le=\"+Inf\"} 2\n"), "h value\n");
  EXPECT_EQ(histogram("h_bucket{le=\"+Inf\"} NaN\n"), "h value\n");
  EXPECT_EQ(histogram("h_bucket{le=\"+Inf\"} 18446744073709551616\n"), "h value\n");
}

TEST(BundleRules, BucketsAreSortedAndASumThatIsNotThereIsNaN) {
  EXPECT_EQ(text_of_body("# TYPE h histogram\nh_bucket{le=\"+Inf\"} 6\nh_bucket{le=\"-1\"} 1\n"
                         "h_bucket{le=\"0.5\"} 3\n"),
            "histogram h\n  {} -1:1 0.5:2 +Inf:3 sum NaN\n");
}

TEST(BundleRules, ASummaryHasASumAndACountAndPerhapsQuantiles) {
  EXPECT_EQ(text_of_body("# TYPE s summary\ns_sum -1\ns_count 2\n"),
            "summary s\n  {} sum -1 count 2\n");
  for (std::string_view const lines :
       {"s_sum 1\n", "s_count 1\n", "s{quantile=\"1\"} 1\n", "s_sum 1\ns_count 1.5\n",
        "s_sum 1\ns_count -1\n", "s_sum 1\ns_count 1\ns{quantile=\"1.5\"} 1\n",
        "s_sum 1\ns_count 1\ns{quantile=\"NaN\"} 1\n"})
    EXPECT_EQ(refusals_of("# TYPE s summary\n" + std::string(lines)), "s value\n") << lines;
}

TEST(BundleRules, ACounterIsNeitherNegativeNorNaN) {
  for (std::string_view const value : {"-1", "NaN", "-Inf"})
    EXPECT_EQ(refusals_of("# TYPE c_total counter\nc_total " + std::string(value) + "\n"),
              "c_total value\n");
  EXPECT_EQ(refusals_of("# TYPE c_total counter\nc_total +Inf\n"), "");
}

// `le` and `quantile` belong to their types; elsewhere they are labels like others.
TEST(BundleRules, LeAndQuantileAreLabelsElsewhere) {
  EXPECT_EQ(text_of_body("x_bucket{le=\"1\"} 1\n# TYPE h histogram\nh_bucket{le=\"+Inf\","
                         "quantile=\"1\"} 1\n"),
            "unknown x_bucket\n  {le=\"1\"} 1\nhistogram h\n  {quantile=\"1\"} +Inf:1 sum NaN\n");
}

// "A numeric `*_created` gauge whose counter, histogram or summary is in the bundle becomes that
// one's start time."
TEST(BundleRules, CreatedGaugesAreStartTimes) {
  EXPECT_EQ(text_of_body("# TYPE a_total counter\na_total{x=\"1\"} 3\na_total{x=\"2\"} 4\n"
                         "# HELP a_created A.\n# TYPE a_created gauge\n"
                         "a_created{x=\"1\"} 1.6e+09\n"
                         "# TYPE b counter\nb 1\n# TYPE b_created gauge\nb_created 2.0005\n"
                         "# TYPE h_created gauge\nh_created 3\n"
                         "# TYPE h histogram\nh_bucket{le=\"+Inf\"} 1\n"
                         "# TYPE s summary\ns_sum 1\ns_count 1\n# TYPE s_created gauge\n"
                         "s_created 4\n"),
            "counter a_total\n  {x=\"1\"} 3 created 1600000000000\n  {x=\"2\"} 4\n"
            "counter b\n  {} 1 created 2001\n"
            "histogram h\n  {} +Inf:1 sum NaN created 3000\n"
            "summary s\n  {} sum 1 count 1 created 4000\n");
  // Of nothing that has a start, it is a gauge.
  EXPECT_EQ(text_of_body("# TYPE g gauge\ng 1\n# TYPE g_created gauge\ng_created 2\n"
                         "# TYPE z_created gauge\nz_created 3\n"),
            "gauge g\n  {} 1\ngauge g_created\n  {} 2\ngauge z_created\n  {} 3\n");
}

TEST(BundleRules, AStartTimeOfNothingOrOfNoTimeIsToldAndTheRestKept) {
  EXPECT_EQ(text_of_body("# TYPE a_total counter\na_total 3\n# TYPE a_created gauge\n"
                         "a_created{x=\"1\"} 1\n"),
            "counter a_total\n  {} 3\nrefused a_created suffix\n");
  for (std::string_view const time : {"NaN", "-1", "0", "1e300", "+Inf"})
    EXPECT_EQ(text_of_body("# TYPE a_total counter\na_total 3\n# TYPE a_created gauge\na_created " +
                           std::string(time) + "\n"),
              "counter a_total\n  {} 3\nrefused a_created value\n");
}

// "Suffix clashes count: counter {_total,_created}, summary {"",_count,_sum,_created}, histogram
// {_bucket,_count,_sum,_created}."
TEST(BundleRules, TheLaterOfTwoFamiliesThatClashIsRefused) {
  EXPECT_EQ(
      refusals_of("# TYPE h histogram\nh_bucket{le=\"+Inf\"} 1\n# TYPE h_max gauge\nh_max 1\n"),
      "");
  EXPECT_EQ(refusals_of("# TYPE h_count gauge\nh_count 1\n# TYPE h histogram\n"
                        "h_bucket{le=\"+Inf\"} 1\n"),
            "h suffix\n");
  EXPECT_EQ(refusals_of("# TYPE s_sum gauge\ns_sum 1\n# TYPE s summary\ns{quantile=\"1\"} 1\n"),
            "s suffix\n");
  EXPECT_EQ(refusals_of("# TYPE c_total counter\nc_total 1\n# TYPE c_created counter\n"
                        "c_created 1\n"),
            "c_created suffix\n");
  EXPECT_EQ(refusals_of("# TYPE c counter\nc_total 1\n# TYPE c_total gauge\nc_total 2\n# EOF\n",
                        body_type::openmetrics),
            "c_total suffix\n");
  EXPECT_EQ(refusals_of("# TYPE i info\ni_info 1\n# TYPE i_info gauge\ni_info{a=\"1\"} 2\n# EOF\n",
                        body_type::openmetrics),
            "i_info suffix\n");
}

// "The table has one: gauge `go_memstats_alloc_bytes` and counter `go_memstats_alloc_bytes_total`.
// … the counter as `unknown` under its full name is legal"
TEST(BundleRules, ACounterBesideItsNameWithoutTotalIsNoClash) {
  EXPECT_EQ(refusals_of("# TYPE a gauge\na 1\n# TYPE a_total counter\na_total 1\n"), "");
  EXPECT_EQ(refusals_of("# TYPE a_total counter\na_total 1\n# TYPE a gauge\na 1\n"), "");
}

TEST(BundleRules, RefusalsSayWhereAndWhatToDo) {
  body_case pushed;
  auto const read = pushed.read("x 1\n# TYPE c_total counter\nc_total -1\n");
  auto const& refused = std::get<bundle>(read).of->refused;
  ASSERT_EQ(refused.size(), 1U);
  EXPECT_EQ(refused[0].why, "line 3: expected a counter of 0 or more, saw less, or NaN");
}

TEST(BundleRules, ALongNameIsCutInWhatIsSaid) {
  body_case pushed;
  std::string const name = "__" + std::string(200, 'a');
  auto const read = pushed.read("x{" + name + "=\"1\"} 1\n");
  auto const& refused = std::get<bundle>(read).of->refused;
  ASSERT_EQ(refused.size(), 1U);
  EXPECT_TRUE(refused[0].why.ends_with("saw '" + name.substr(0, 80) + "…'")) << refused[0].why;
}

double seconds_of_reading(std::string_view body, body_type type, std::string_view refusals) {
  body_case pushed({.series_per_push_max = body.size()});
  auto const began = std::chrono::steady_clock::now();
  auto const read = pushed.read(body, type);
  std::chrono::duration<double> const took = std::chrono::steady_clock::now() - began;
  std::string all;
  if (auto const* fault = std::get_if<body_fault>(&read))
    all = fault->text();
  else
    for (family_refusal const& each : std::get<bundle>(read).of->refused)
      all.append(each.family).append(": ").append(each.why).append("\n");
  EXPECT_TRUE(all.starts_with(refusals)) << all.substr(0, 200);
  return took.count();
}

std::string repeated(std::string_view text, std::size_t count) {
  std::string all;
  for (std::size_t i = 0; i < count; ++i) all += text;
  return all;
}

// A body that is faulty everywhere holds up nobody: its square would be the better part of a
// minute.
TEST(BundleRules, RefusalsTakeNoLongerInALargeBody) {
  constexpr double seconds_max = 4;
  std::size_t const many = std::size_t{1} << 17;
  EXPECT_LT(seconds_of_reading("# TYPE h histogram\n" + repeated("h 1\n", many), body_type::text,
                               "h: line 2: expected a histogram's _bucket"),
            seconds_max);
  EXPECT_LT(seconds_of_reading("# TYPE s summary\n" + repeated("s 1\n", many), body_type::text,
                               "s: line 2: expected the label quantile, saw none"),
            seconds_max);
  EXPECT_LT(seconds_of_reading("# TYPE s summary\n" + repeated("s 1\n", many) + "# EOF\n",
                               body_type::openmetrics,
                               "s: line 2: expected the label quantile, saw none"),
            seconds_max);
  EXPECT_LT(seconds_of_reading("# TYPE x stateset\n" + repeated("x 2\n", many) + "# EOF\n",
                               body_type::openmetrics,
                               "x: line 2: expected a stateset's label x, saw none"),
            seconds_max);
  // Each of many families far behind in it, the last one first.
  std::string body;
  for (int i = 0; i < 2'000; ++i)
    body.append("# TYPE c").append(std::to_string(i)).append("_total counter\n");
  body += repeated("#\n", std::size_t{1} << 21);
  for (int i = 2'000; i-- > 0;) body.append("c").append(std::to_string(i)).append("_total -1\n");
  EXPECT_LT(seconds_of_reading(body, body_type::text,
                               "c0_total: line 2101152: expected a counter of 0 or more"),
            seconds_max);
}

TEST(LineNumbers, AreToldInAnyOrder) {
  std::string const text = repeated("a\n\nbcd\n", 2'000) + "e";
  line_numbers lines;
  for (int round = 0; round < 2; ++round) {
    lines.start(text);
    for (std::size_t const offset : {text.size(), std::size_t{0}, std::size_t{4095},
                                     std::size_t{4096}, std::size_t{4097}, std::size_t{9'001}})
      EXPECT_EQ(lines.of(offset), place_of(text, offset).line) << offset;
  }
  lines.start("\n");
  EXPECT_EQ(lines.of(1), 2U);
  lines.start("");
  EXPECT_EQ(lines.of(0), 1U);
}

// "an oversize or a limit refuses the whole bundle"
TEST(BundleRules, LimitsRefuseTheWholeBody) {
  struct limit_case {
    push_limits limits;
    std::string body;
    body_fault::kind kind;
  };
  using kind = body_fault::kind;
  limit_case const cases[]{
      {{.body_bytes_max = 3}, "x 1\n", kind::too_large},
      {{.series_per_push_max = 1}, "x{a=\"1\"} 1\nx{a=\"2\"} 1\n", kind::too_many},
      {{.series_per_push_max = 1}, "x 1\ny 1\n", kind::too_many},
      {{.series_per_push_max = 1},
       "# TYPE s summary\ns_sum{a=\"1\"} 1\ns_count{a=\"1\"} 1\ns_sum{a=\"2\"} 1\n",
       kind::too_many},
      // Of one series, too, and in a family that is refused: a sum, a count and no more are its
      // own.
      {{.series_per_push_max = 1},
       "# TYPE h histogram\nh_sum 1\nh_sum 1\nh_sum 1\nh_sum 1\nh_sum 1\n",
       kind::too_many},
      {{.series_per_push_max = 1},
       "# TYPE s summary\ns_sum 1\ns_sum 1\ns_sum 1\n# TYPE h histogram\nh 1\nh 1\n",
       kind::too_many},
      {{.series_per_push_max = 1, .buckets_per_histogram_max = 1},
       "# TYPE h histogram\nh_bucket{le=\"1\"} 1\nh_bucket{le=\"1\"} 1\nh_bucket 1\n",
       kind::too_many},
      {{.families_per_push_max = 1}, "x 1\ny 1\n", kind::too_many},
      {{.labels_per_series_max = 1}, "x{a=\"1\",b=\"1\"} 1\n", kind::too_many},
      {{.label_name_bytes_max = 2}, "x{abc=\"1\"} 1\n", kind::too_large},
      {{.label_value_bytes_max = 2}, "x{a=\"123\"} 1\n", kind::too_large},
      {{.help_bytes_max = 2}, "# HELP x abc\n", kind::too_large},
      {{.buckets_per_histogram_max = 1},
       "# TYPE h histogram\nh_bucket{le=\"1\"} 1\nh_bucket{le=\"2\"} 1\nh_bucket{le=\"+Inf\"} 1\n",
       kind::too_many},
      {{.buckets_per_histogram_max = 1},
       "# TYPE s summary\ns{quantile=\"0\"} 1\ns{quantile=\"1\"} 1\ns_sum 1\ns_count 1\n",
       kind::too_many},
  };
  for (auto const& [limits, body, wanted] : cases) {
    body_case pushed(limits);
    auto const read = pushed.read(body);
    auto const* fault = std::get_if<body_fault>(&read);
    ASSERT_NE(fault, nullptr) << body;
    EXPECT_EQ(fault->is, wanted) << body;
    EXPECT_TRUE(fault->what.starts_with("expected ")) << fault->what;
    body_case usual;
    EXPECT_TRUE(std::holds_alternative<bundle>(usual.read(body))) << body;
  }
  // What is at the limit is taken: an escape is one byte.
  body_case pushed({.label_value_bytes_max = 2});
  EXPECT_TRUE(std::holds_alternative<bundle>(pushed.read("x{a=\"\\\\\\n\"} 1\n")));
}

std::string gzip(std::string_view text) {
  z_stream stream{};
  deflateInit2(&stream, 1, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, text.size()) + 32, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

TEST(GzipBodies, AreUnpackedWithinTheBound) {
  body_case pushed({.body_bytes_max = 1'000});
  auto const read = [&](std::string_view body) {
    return body_case::text_of(pushed.read(body, body_type::text, nullptr, true));
  };
  std::string const packed = gzip("x 1\n");
  EXPECT_EQ(read(packed), "unknown x\n  {} 1\n");
  EXPECT_EQ(read(gzip("x ") + gzip("2\n")), "unknown x\n  {} 2\n");
  std::string most = "#" + std::string(998, ' ') + "\n";
  EXPECT_EQ(read(gzip(most)), "");
  most.insert(1, " ");
  EXPECT_TRUE(read(gzip(most)).starts_with("expected at most 1000 bytes in the unpacked body"));
  EXPECT_TRUE(read(gzip(std::string(10'000'000, ' '))).starts_with("expected at most 1000 bytes"));
  for (std::size_t size = 0; size < packed.size(); ++size)
    EXPECT_TRUE(read(packed.substr(0, size)).starts_with("expected all of a gzip body")) << size;
  EXPECT_TRUE(read(packed + "x").starts_with("expected "));
  EXPECT_TRUE(read("x 1\n").starts_with("expected a gzip body"));
  std::string broken = packed;
  broken[packed.size() - 5] ^= 1;  // the checksum
  EXPECT_TRUE(read(broken).starts_with("expected a gzip body"));
  EXPECT_EQ(read(packed), "unknown x\n  {} 1\n");  // and goes on after all that
}

// "`Content-Type: application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily;
// encoding=delimited` (all three parts) is protobuf; anything else is tried as text 0.0.4."
TEST(BodyType, IsWhatContentTypeSays) {
  EXPECT_EQ(body_type_of("application/vnd.google.protobuf; "
                         "proto=io.prometheus.client.MetricFamily; encoding=delimited"),
            body_type::protobuf);
  EXPECT_EQ(body_type_of("Application/vnd.google.protobuf;encoding=delimited;"
                         "proto=\"io.prometheus.client.MetricFamily\""),
            body_type::protobuf);
  EXPECT_EQ(body_type_of("application/openmetrics-text; version=1.0.0; charset=utf-8"),
            body_type::openmetrics);
  for (std::string_view const type :
       {"", "text/plain", "text/plain; version=0.0.4", "application/x-www-form-urlencoded",
        "application/vnd.google.protobuf", "application/vnd.google.protobuf; encoding=delimited",
        "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=text",
        ";;;", "\"", "application/openmetrics-textual"})
    EXPECT_EQ(body_type_of(type), body_type::text) << type;
}

}  // namespace
}  // namespace stele::pushing
