#include "agents/grouping_key.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace stele::pushing {
namespace {

/// The key's text, or the error.
std::string text_of(std::string_view path) {
  auto const key = read_grouping_key(path, {});
  return key ? key->text : key.error().message;
}

bool is_refused(std::string_view path) { return !read_grouping_key(path, {}); }

// "Path /metrics/job/<JOB>{/<LABEL>/<VALUE>}"
TEST(GroupingKey, APathIsAJobAndLabelsWithValues) {
  auto const key = read_grouping_key("/metrics/job/agent/workspace_id/w1/user_id/u1/zone/b", {});
  ASSERT_TRUE(key);
  EXPECT_EQ(key->text, R"(job="agent",user_id="u1",workspace_id="w1",zone="b")");
  EXPECT_EQ(key->value("job"), "agent");
  EXPECT_EQ(key->value("workspace_id"), "w1");
  EXPECT_EQ(key->value("absent"), "");
}

// "`job` and `instance` are not exposed … but the group's identity keeps them … Other grouping
// labels are exposed."
TEST(GroupingKey, WhatIsExposedIsWithoutJobInstanceAndIdentity) {
  auto const key =
      read_grouping_key("/metrics/job/a/instance/i/zone/b/user_id/u/workspace_id/w/area/x", {});
  ASSERT_TRUE(key);
  EXPECT_EQ(key->rendered, R"(area="x",zone="b")");
}

TEST(GroupingKey, TheOrderInThePathDoesNotTellGroupsApart) {
  EXPECT_EQ(text_of("/metrics/job/a/x/1/y/2"), text_of("/metrics/job/a/y/2/x/1"));
  EXPECT_NE(text_of("/metrics/job/a/x/1/y/2"), text_of("/metrics/job/a/x/2/y/1"));
  // A value cannot imitate a further label.
  EXPECT_NE(text_of("/metrics/job/a/x/1%22%2Cy%3D%222"), text_of("/metrics/job/a/x/1/y/2"));
}

TEST(GroupingKey, ComponentsArePercentDecodedAfterTheyAreToldApart) {
  EXPECT_EQ(text_of("/metrics/job/a%20b/path/%2Ftmp%2f"), R"(job="a b",path="/tmp/")");
  EXPECT_EQ(text_of("/metrics/job/a+b"), R"(job="a+b")");
  EXPECT_TRUE(is_refused("/metrics/job/a%2"));
  EXPECT_TRUE(is_refused("/metrics/job/a%zz"));
  EXPECT_TRUE(is_refused("/metrics/job/a/x%/1"));
}

// "the suffix `@base64` says that its value is base64, URL-safe alphabet (RFC 4648 section 5),
// padding optional; an empty value is a single `=`."
TEST(GroupingKey, Base64IsUrlSafeWithOptionalPadding) {
  EXPECT_EQ(text_of("/metrics/job@base64/YQ"), R"(job="a")");
  EXPECT_EQ(text_of("/metrics/job@base64/YQ=="), R"(job="a")");
  EXPECT_EQ(text_of("/metrics/job@base64/YQ%3D%3D"), R"(job="a")");
  EXPECT_EQ(text_of("/metrics/job/a/path@base64/L3Zhci90bXA"), R"(job="a",path="/var/tmp")");
  EXPECT_EQ(text_of("/metrics/job/a/v@base64/w7_DvsO_"), "job=\"a\",v=\"ÿþÿ\"");
  EXPECT_EQ(text_of("/metrics/job/a/empty@base64/="), R"(empty="",job="a")");
  EXPECT_TRUE(is_refused("/metrics/job/a/path@base64/L3Zh+i90bXA"));  // the other alphabet
  EXPECT_TRUE(is_refused("/metrics/job/a/path@base64/A"));            // no text has one digit
  EXPECT_TRUE(is_refused("/metrics/job/a/path@base64/a b"));
}

TEST(GroupingKey, AnEmptyValueIsNoLabelOfAScrape) {
  auto const key = read_grouping_key("/metrics/job/a/zone@base64/=", {});
  ASSERT_TRUE(key);
  EXPECT_EQ(key->rendered, "");
  EXPECT_EQ(text_of("/metrics/job/a/zone/"), R"(job="a",zone="")");
}

// "An odd number of components, a name outside `[a-zA-Z_][a-zA-Z0-9_]*` or starting with `__`, bad
// base64, an empty job: 400."
TEST(GroupingKey, WhatIsNoKeyIsRefusedWithASentence) {
  for (std::string_view const path : {"/metrics/job",
                                      "/metrics/job/",
                                      "/metrics/job@base64/=",
                                      "/metrics/job@base64",
                                      "/metrics/job/a/x",
                                      "/metrics/job/a/x/1/y",
                                      "/metrics/job/a/1x/1",
                                      "/metrics/job/a/x-y/1",
                                      "/metrics/job/a/__x/1",
                                      "/metrics/job/a//1",
                                      "/metrics/job/a//",
                                      "/metrics/job/a/x:y/1",
                                      "/metrics/job/a/@base64/YQ",
                                      "/metrics/job/a/x/1/x/2",
                                      "/metrics/job/a/job/b",
                                      "/metrics/job/a/le/1",
                                      "/metrics/job/a/quantile/1",
                                      "/metrics/job/a/x/%00",
                                      "/metrics/job/a/x/%ff",
                                      "/metrics",
                                      "/metrics/jobs/a",
                                      "",
                                      "/"}) {
    auto const key = read_grouping_key(path, {});
    ASSERT_FALSE(key) << path;
    EXPECT_TRUE(key.error().message.starts_with("expected ")) << path;
    EXPECT_NE(key.error().message.find("saw "), std::string::npos) << key.error().message;
  }
}

TEST(GroupingKey, ASlashBehindTheJobAloneSaysNothing) {
  EXPECT_EQ(text_of("/metrics/job/a/"), R"(job="a")");
}

TEST(GroupingKey, AnyHostileTextIsAnErrorWithoutWhatDoesNotPrint) {
  auto const key = read_grouping_key("/metrics/job/a/x%0A%1b/1", {});
  ASSERT_FALSE(key);
  EXPECT_EQ(key.error().message.find('\n'), std::string::npos);
  EXPECT_EQ(key.error().message.find('\x1b'), std::string::npos);
}

// Each label of the path is in every series of the push.
TEST(GroupingKey, LabelsHaveTheBoundsOfABodys) {
  push_limits const limits{
      .labels_per_series_max = 3, .label_name_bytes_max = 4, .label_value_bytes_max = 5};
  auto const message = [&](std::string_view path) {
    auto const key = read_grouping_key(path, limits);
    return key ? std::string("none") : key.error().message;
  };
  auto const code = [&](std::string_view path) {
    return read_grouping_key(path, limits).error().code;
  };
  EXPECT_EQ(code("/metrics/job/a/name5/v"), std::errc::value_too_large);
  EXPECT_EQ(code("/metrics/job/a/b/value6"), std::errc::value_too_large);
  EXPECT_EQ(code("/metrics/job/a/b/1/c/2/d/3/e/4"), std::errc::argument_list_too_long);
  EXPECT_EQ(code("/metrics/job/a/b"), std::errc::invalid_argument);
  EXPECT_EQ(message("/metrics/job/a/name/value/c/d"), "none");
  EXPECT_EQ(message("/metrics/job/a/name5/v"),
            "expected label names of at most 4 bytes in the path, saw 5; shorten it");
  EXPECT_EQ(message("/metrics/job/a/b/value6"),
            "expected label values of at most 5 bytes in the path, saw 6; shorten it");
  EXPECT_EQ(message("/metrics/job/a/b@base64/" + std::string("dmFsdWU2")),
            "expected label values of at most 5 bytes in the path, saw 6; shorten it");
  EXPECT_EQ(message("/metrics/job/a/b/1/c/2/d/3/e/4"),
            "expected at most 3 labels beside job, instance and identity in the path, saw 4; push "
            "fewer");
}

TEST(GroupingKey, APushPathBeginsAsOneDoes) {
  EXPECT_TRUE(is_push_path("/metrics/job/a"));
  EXPECT_TRUE(is_push_path("/metrics/job@base64/YQ"));
  EXPECT_TRUE(is_push_path("/metrics/job"));
  EXPECT_FALSE(is_push_path("/metrics"));
  EXPECT_FALSE(is_push_path("/metrics/jobs"));
  EXPECT_FALSE(is_push_path("/"));
}

}  // namespace
}  // namespace stele::pushing
