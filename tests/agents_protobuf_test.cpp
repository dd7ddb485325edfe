#include "agents/protobuf_reader.hpp"

#include <gtest/gtest.h>

#include <initializer_list>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include <protozero/pbf_writer.hpp>

#include "agents_case.hpp"

namespace stele::pushing {
namespace {

using protozero::pbf_writer;
using labels = std::initializer_list<std::pair<char const*, char const*>>;

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr int counter = 0;
constexpr int gauge = 1;
constexpr int summary = 2;
constexpr int untyped = 3;
constexpr int histogram = 4;
constexpr int gauge_histogram = 5;
// Metric's field for a type's value.
constexpr int value_tags[]{3, 2, 4, 5, 7, 7};

std::string message(auto&& write) {
  std::string bytes;
  pbf_writer writer(bytes);
  write(writer);
  return bytes;
}

std::string metric(int type, std::string const& value, labels of = {}) {
  return message([&](pbf_writer& to) {
    for (auto const& [name, text] : of)
      to.add_message(1, message([&](pbf_writer& label) {
                       label.add_string(1, name);
                       label.add_string(2, text);
                     }));
    to.add_message(static_cast<protozero::pbf_tag_type>(value_tags[type]), value);
  });
}

std::string delimited(std::string const& bytes) {
  std::string out;
  protozero::add_varint_to_buffer(&out, bytes.size());
  return out + bytes;
}

std::string family(std::string_view name, int type, std::vector<std::string> const& metrics,
                   std::string_view help = {}) {
  return delimited(message([&](pbf_writer& to) {
    to.add_string(1, name.data(), name.size());
    if (!help.empty()) to.add_string(2, help.data(), help.size());
    to.add_enum(3, type);
    for (std::string const& each : metrics) to.add_message(4, each);
  }));
}

std::string number(double value) {
  return message([&](pbf_writer& to) { to.add_double(1, value); });
}

std::string timestamp(std::int64_t seconds, std::int32_t nanoseconds) {
  return message([&](pbf_writer& to) {
    to.add_int64(1, seconds);
    to.add_int32(2, nanoseconds);
  });
}

struct span {
  std::int32_t offset;
  std::uint32_t length;
};
struct native_sign {
  std::vector<span> spans;
  std::vector<std::int64_t> deltas;
};
struct histogram_value {
  std::uint64_t count = 0;
  double sum = 0;
  std::vector<std::pair<double, std::uint64_t>> buckets{};
  std::int32_t schema = 0;
  double zero_threshold = 0;
  std::uint64_t zero_count = 0;
  native_sign positive{};
  native_sign negative{};
  bool packed = true;

  [[nodiscard]] std::string bytes() const {
    return message([&](pbf_writer& to) {
      to.add_uint64(1, count);
      to.add_double(2, sum);
      for (auto const& [bound, cumulative] : buckets)
        to.add_message(3, message([&](pbf_writer& bucket) {
                         bucket.add_uint64(1, cumulative);
                         bucket.add_double(2, bound);
                       }));
      to.add_sint32(5, schema);
      to.add_double(6, zero_threshold);
      to.add_uint64(7, zero_count);
      write(to, 9, negative);
      write(to, 12, positive);
    });
  }
  void write(pbf_writer& to, protozero::pbf_tag_type tag, native_sign const& sign) const {
    for (span const& each : sign.spans)
      to.add_message(tag, message([&](pbf_writer& out) {
                       out.add_sint32(1, each.offset);
                       out.add_uint32(2, each.length);
                     }));
    if (packed)
      to.add_packed_sint64(tag + 1, sign.deltas.begin(), sign.deltas.end());
    else
      for (std::int64_t const delta : sign.deltas) to.add_sint64(tag + 1, delta);
  }
};

std::string read(std::string const& body) { return text_of_body(body, body_type::protobuf); }
std::string refused(std::string const& body) { return refusals_of(body, body_type::protobuf); }

TEST(PushedProtobuf, EveryTypeIsRead) {
  std::string const counted = message([](pbf_writer& to) {
    to.add_double(1, 3);
    to.add_message(2, std::string("anything"));  // an exemplar
    to.add_message(3, timestamp(1'600'000'000, 500'000'000));
  });
  std::string const summed = message([](pbf_writer& to) {
    to.add_uint64(1, 5);
    to.add_double(2, 12);
    for (double const quantile : {0.9, 0.5})
      to.add_message(3, message([&](pbf_writer& q) {
                       q.add_double(1, quantile);
                       q.add_double(2, quantile * 10);
                     }));
    to.add_message(4, timestamp(1, 0));
  });
  EXPECT_EQ(
      read(family("jobs_total", counter, {metric(counter, counted, {{"b", "\"\\\n"}, {"a", "1"}})},
                  "Jobs.") +
           family("heat", gauge, {metric(gauge, number(-1.5)), metric(gauge, "", {{"a", "é"}})}) +
           family("took", summary, {metric(summary, summed)}) +
           family("free", untyped, {metric(untyped, number(7))}) +
           family("waited", histogram,
                  {metric(histogram,
                          histogram_value{.count = 4, .sum = 9.5, .buckets = {{1, 1}}}.bytes())})),
      "counter jobs_total\n  help Jobs.\n"
      "  {a=\"1\",b=\"\\\"\\\\\\n\"} 3 created 1600000000500\n"
      "gauge heat\n  {} -1.5\n  {a=\"é\"} 0\n"
      "summary took\n  {} 0.5:5 0.9:9 sum 12 count 5 created 1000\n"
      "unknown free\n  {} 7\n"
      "histogram waited\n  {} 1:1 +Inf:3 sum 9.5\n");
}

// Counts are exact where a double is not.
TEST(PushedProtobuf, CountsAreExact) {
  constexpr std::uint64_t many = 9'007'199'254'740'993;
  EXPECT_EQ(
      read(family(
          "h", histogram,
          {metric(histogram,
                  histogram_value{.count = many, .buckets = {{1, 1}, {infinity, many}}}.bytes())})),
      "histogram h\n  {} 1:1 +Inf:9007199254740992 sum 0\n");
}

TEST(PushedProtobuf, NativeBucketsAreReadPackedOrNot) {
  for (bool const packed : {true, false}) {
    histogram_value const value{.count = 13,
                                .sum = 3,
                                .schema = 3,
                                .zero_threshold = 0.25,
                                .zero_count = 2,
                                .positive = {{{-2, 2}, {1, 1}}, {1, 2, -1}},
                                .negative = {{{5, 2}}, {4, -4}},
                                .packed = packed};
    // 1, 3, gap, 2; and 4, 0, of which the last is cut.
    EXPECT_EQ(read(family("h", histogram, {metric(histogram, value.bytes())})),
              "refused h value\n");  // 2 + 6 + 4 is not 13
    histogram_value right = value;
    right.count = 12;
    EXPECT_EQ(read(family("h", histogram, {metric(histogram, right.bytes())})),
              "histogram h\n  {} +Inf:12 sum 3 native 3 0.25:2 +-2[1 3 0 2] -5[4]\n");
    right.buckets = {{1, 10}, {2, 11}};
    EXPECT_EQ(read(family("h", histogram, {metric(histogram, right.bytes())})),
              "histogram h\n  {} 1:10 2:1 +Inf:1 sum 3 native 3 0.25:2 +-2[1 3 0 2] -5[4]\n");
  }
}

TEST(PushedProtobuf, AnEmptyNativeHistogramIsOne) {
  EXPECT_EQ(
      read(family(
          "h", histogram,
          {metric(histogram,
                  histogram_value{.schema = 2, .zero_threshold = 0.5, .positive = {{{0, 0}}, {}}}
                      .bytes())})),
      "histogram h\n  {} +Inf:0 sum 0 native 2 0.5:0\n");
}

// "count == zero_count + all buckets, unless sum is NaN"
TEST(PushedProtobuf, NaNIsCountedInNoNativeBucket) {
  histogram_value value{
      .count = 3, .sum = std::numeric_limits<double>::quiet_NaN(), .positive = {{{0, 1}}, {2}}};
  EXPECT_EQ(read(family("h", histogram, {metric(histogram, value.bytes())})),
            "histogram h\n  {} +Inf:3 sum NaN native 0 0:0 +0[2]\n");
  value.count = 1;
  EXPECT_EQ(refused(family("h", histogram, {metric(histogram, value.bytes())})), "h value\n");
}

// However far the buckets are apart, 160 positions a sign are enough at a lower resolution.
TEST(PushedProtobuf, FarBucketsHalveTheResolution) {
  histogram_value const value{
      .count = 3, .schema = 8, .positive = {{{-200'000, 1}, {400'000, 1}}, {1, 1}}};
  std::string const text = read(family("h", histogram, {metric(histogram, value.bytes())}));
  EXPECT_TRUE(text.starts_with("histogram h\n  {} +Inf:3 sum 0 native -4 0:0 +")) << text;
  // Indexes that no double has, lengths and gaps that no memory has.
  for (native_sign const& hostile :
       {native_sign{{{std::numeric_limits<std::int32_t>::max(), 1}}, {3}},
        native_sign{{{std::numeric_limits<std::int32_t>::min(), 1}}, {3}},
        native_sign{{{0, std::numeric_limits<std::uint32_t>::max()}}, {3}},
        native_sign{{{0, 1}, {-1, 1}}, {1, 1}}, native_sign{{{0, 1}}, {-3}},
        native_sign{{{0, 2}}, {3, -4}}, native_sign{{{0, 1}}, {3, 0}},
        native_sign{{{0, 2}}, {std::numeric_limits<std::int64_t>::max(), 1}},
        native_sign{std::vector<span>(100'000, span{0, 0}), {}},
        native_sign{{{0, 100'000}}, std::vector<std::int64_t>(100'000, 0)}}) {
    histogram_value const far{.count = 3, .positive = hostile};
    EXPECT_EQ(refused(family("h", histogram, {metric(histogram, far.bytes())})), "h value\n");
  }
  for (int const schema : {-5, 9, -53}) {
    histogram_value const odd{.count = 3, .schema = schema, .positive = {{{0, 1}}, {3}}};
    EXPECT_EQ(refused(family("h", histogram, {metric(histogram, odd.bytes())})), "h value\n");
  }
}

TEST(PushedProtobuf, WhatIsWrongInOneFamilyRefusesThatOne) {
  auto const one = [](std::string_view name, int type, std::string const& value, labels of = {}) {
    return family(name, type, {metric(type, value, of)});
  };
  std::string const rest = one("x", gauge, number(1));
  auto const expect = [&](std::string const& bad, std::string const& why) {
    EXPECT_EQ(read(bad + rest), "gauge x\n  {} 1\nrefused " + why + "\n");
  };
  expect(one("g", gauge_histogram, number(1)), "g type");
  expect(one("g", histogram, message([](pbf_writer& to) { to.add_double(4, 2); })), "g type");
  expect(one("g", histogram, message([](pbf_writer& to) { to.add_double(14, 2); })), "g type");
  expect(family("g", gauge, {metric(counter, number(1))}), "g value");
  expect(family("g", gauge, {""}), "g value");
  expect(one("a-b", gauge, number(1)), "a-b name");
  expect(one("", gauge, number(1)), " name");
  expect(one("g", gauge, number(1), {{"a-b", "1"}}), "g label");
  expect(one("g", gauge, number(1), {{"", "1"}}), "g label");
  expect(one("g", gauge, number(1), {{"__a", "1"}}), "g label");
  expect(one("g", gauge, number(1), {{"a", "1"}, {"a", "2"}}), "g label");
  expect(one("g", gauge, number(1), {{"a", "\xff"}}), "g label");
  expect(one("h", histogram, histogram_value{}.bytes(), {{"le", "1"}}), "h label");
  expect(one("c", counter, number(-1)), "c value");
  expect(family("g", gauge, {metric(gauge, number(1)), metric(gauge, number(2))}), "g duplicate");
  expect(one("g", gauge, number(1)) + one("g", gauge, number(1), {{"a", "1"}}), "g duplicate");
  histogram_value const twice{.count = 1, .buckets = {{1, 1}}};
  expect(
      family("h", histogram, {metric(histogram, twice.bytes()), metric(histogram, twice.bytes())}),
      "h duplicate");
  expect(one("h", histogram, histogram_value{.count = 1, .buckets = {{1, 2}}}.bytes()), "h value");
  expect(one("h", histogram, histogram_value{.count = 1, .buckets = {{infinity, 2}}}.bytes()),
         "h value");
}

// "Samples with explicit timestamps are refused."
TEST(PushedProtobuf, TimestampsAndBrokenMessagesRefuseTheBody) {
  auto const fault = [](std::string const& body) { return fault_of(body, body_type::protobuf); };
  std::string stamped = metric(gauge, number(1));
  pbf_writer(stamped).add_int64(6, 1);
  EXPECT_TRUE(fault(family("g", gauge, {stamped})).starts_with("expected no timestamp_ms in 'g'"));
  std::string const whole = family("g", gauge, {metric(gauge, number(1), {{"a", "1"}})});
  EXPECT_EQ(fault(whole), "");
  for (std::size_t size = 1; size < whole.size(); ++size) {
    std::string const seen = fault(whole + whole.substr(0, size));
    EXPECT_NE(seen.find("the one that begins at byte " + std::to_string(whole.size())),
              std::string::npos)
        << seen;
  }
  EXPECT_NE(fault("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"), "");
  EXPECT_NE(fault("x 1\n"), "");
  EXPECT_EQ(read(""), "");
}

TEST(PushedProtobuf, LimitsRefuseTheBody) {
  body_case pushed({.buckets_per_histogram_max = 2});
  histogram_value value{.count = 3, .buckets = {{1, 1}, {2, 2}}};
  auto const body = [&] { return family("h", histogram, {metric(histogram, value.bytes())}); };
  EXPECT_EQ(pushed.text(body(), body_type::protobuf), "histogram h\n  {} 1:1 2:1 +Inf:1 sum 0\n");
  // As in text, +Inf is not one of them.
  value.buckets.emplace_back(std::numeric_limits<double>::infinity(), 3);
  EXPECT_EQ(pushed.text(body(), body_type::protobuf), "histogram h\n  {} 1:1 2:1 +Inf:1 sum 0\n");
  value.buckets.back().first = 3;
  EXPECT_TRUE(pushed.text(body(), body_type::protobuf).starts_with("expected at most 2 buckets"));
}

// A field of two bytes is a sample, as often as a message says it.
TEST(PushedProtobuf, AStartTimeIsNotRepeatedWithoutEnd) {
  auto const with_start_times = [](int count) {
    std::string const value = message([&](pbf_writer& to) {
      to.add_uint64(1, 1);
      to.add_double(2, 1);
      for (int i = 0; i < count; ++i) to.add_message(15, timestamp(1, 0));
    });
    return family("h", histogram, {metric(histogram, value)});
  };
  body_case pushed({.series_per_push_max = 100});
  EXPECT_EQ(pushed.text(with_start_times(1'000), body_type::protobuf),
            "expected at most 100 series in a push, saw more; push fewer");
  EXPECT_TRUE(pushed.text(with_start_times(1), body_type::protobuf).starts_with("histogram h\n"));
}

TEST(PushedProtobuf, ATextOfAnotherShapeHasNoPlan) {
  auto const result =
      body_case().read(family("g", gauge, {metric(gauge, number(1))}), body_type::protobuf);
  EXPECT_FALSE(std::get<bundle>(result).of->plan);
}

}  // namespace
}  // namespace stele::pushing
