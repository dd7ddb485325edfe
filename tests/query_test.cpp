#include "serve/query.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

using stele::serving::name_query;

namespace {

/// Whether a query is taken, and asks for a name.
bool asks_for(std::string_view query, std::string_view name) {
  name_query asked;
  EXPECT_EQ(asked.parse(query), "") << query;
  return asked.has(name);
}

/// Whether a query is taken, and asks for no name, so that it gets everything.
bool asks_for_all(std::string_view query) {
  name_query asked;
  EXPECT_EQ(asked.parse(query), "") << query;
  return asked.empty();
}

}  // namespace

// "`name[]=` filter"
TEST(Query, TakesEachName) {
  EXPECT_TRUE(asks_for("name[]=up", "up"));
  EXPECT_TRUE(asks_for("name[]=up&name[]=jobs_total", "up"));
  EXPECT_TRUE(asks_for("name[]=up&name[]=jobs_total", "jobs_total"));
  EXPECT_TRUE(asks_for("a=b&name[]=up&c", "up"));
  EXPECT_FALSE(asks_for("name[]=up", "u"));
  EXPECT_FALSE(asks_for("name[]=up", "upper"));
  EXPECT_FALSE(asks_for("name[]=up", "UP"));
}

TEST(Query, ComparesANameInTwoParts) {
  name_query asked;
  EXPECT_EQ(asked.parse("name[]=jobs_total"), "");
  EXPECT_TRUE(asked.has("jobs", "_total"));
  EXPECT_TRUE(asked.has("jobs_total", ""));
  EXPECT_FALSE(asked.has("jobs", ""));
  EXPECT_FALSE(asked.has("jobs", "_tota"));
  EXPECT_FALSE(asked.has("jobs", "_totals"));
  EXPECT_FALSE(asked.has("job", "_total"));
}

// RFC 3986, 2.1: "A percent-encoded octet is encoded as a character triplet". Forms write `+` for a
// space.
TEST(Query, Decodes) {
  EXPECT_TRUE(asks_for("name%5B%5D=up", "up"));
  EXPECT_TRUE(asks_for("name%5b%5d=up", "up"));
  EXPECT_TRUE(asks_for("n%61me[]=%75p", "up"));
  EXPECT_TRUE(asks_for("name[]=a%3Ab", "a:b"));
  EXPECT_TRUE(asks_for("name[]=a+b%20c", "a b c"));
  EXPECT_TRUE(asks_for("name[]=a%2Bb", "a+b"));
  EXPECT_TRUE(asks_for("name[]=100%25", "100%"));
  EXPECT_TRUE(asks_for("name[]=a%26b%3Dc", "a&b=c"));
  EXPECT_TRUE(asks_for("name[]=a=b", "a=b"));
  EXPECT_TRUE(asks_for("name[]=%C3%A9", "\xc3\xa9"));
  EXPECT_TRUE(asks_for("name[]=a%00b", std::string_view("a\0b", 3)));
  EXPECT_FALSE(asks_for("name[]=a%00b", "a"));
}

TEST(Query, IgnoresOtherParametersAndEmptyNames) {
  for (std::string_view const query :
       {"", "&", "&&&", "=", "name[]", "name[]=", "name%5B%5D=", "name=up", "name[0]=up",
        "names[]=up", "Name[]=up", "xname[]=up", "name[]x=up", "match[]=up", "collect[]=cpu",
        "x=%zz", "x=%", "name[]&up", "[]=up"})
    EXPECT_TRUE(asks_for_all(query)) << query;
}

TEST(Query, SaysWhatIsWrongWithAnEscape) {
  for (std::string_view const query :
       {"name[]=%", "name[]=%4", "name[]=%zz", "name[]=%4g", "name[]=%g4", "name[]=up%",
        "name[]=%%41", "name[]=a&name[]=%", "name[]=% 41", "name[]=%+1"}) {
    name_query asked;
    EXPECT_EQ(asked.parse(query),
              "expected two hexadecimal digits behind each % of name[]; write % as %25\n")
        << query;
  }
  for (std::string_view const query : {"%=x", "name%5=up", "name%5B%5=up", "x%zz", "a=b&%"}) {
    name_query asked;
    EXPECT_EQ(asked.parse(query),
              "expected two hexadecimal digits behind each % of the query; write % as %25\n")
        << query;
  }
}

TEST(Query, ReadsNothingBehindItsEnd) {
  name_query asked;
  EXPECT_NE(asked.parse(std::string_view("name[]=%41", 9)), "");
  EXPECT_NE(asked.parse(std::string_view("name[]=%41", 8)), "");
  EXPECT_NE(asked.parse("name[]=%4&1"), "");
}

TEST(Query, BoundsTheNumberOfNames) {
  std::string query;
  for (std::size_t i = 0; i < name_query::names_max; ++i) query += "&name[]=n" + std::to_string(i);
  EXPECT_TRUE(asks_for(query, "n0"));
  EXPECT_TRUE(asks_for(query, "n63"));
  EXPECT_TRUE(asks_for(query + "&name[]=&x=y", "n63"));
  name_query asked;
  EXPECT_EQ(asked.parse(query + "&name[]=n64"),
            "expected at most 64 name[] parameters; ask for the others in a second request, or for "
            "all without name[]\n");
}

TEST(Query, BoundsTheLengthOfAName) {
  std::string const name(name_query::name_bytes_max, 'a');
  EXPECT_TRUE(asks_for("name[]=" + name, name));
  name_query asked;
  EXPECT_EQ(asked.parse("name[]=a" + name), "expected at most 512 bytes in a name[]\n");
  EXPECT_TRUE(asks_for_all("other=a" + name));
}

TEST(Query, ForgetsWhatWasTakenBefore) {
  name_query asked;
  EXPECT_EQ(asked.parse("name[]=up"), "");
  EXPECT_EQ(asked.parse("name[]=down"), "");
  EXPECT_FALSE(asked.has("up"));
  EXPECT_TRUE(asked.has("down"));
}

TEST(Query, FindsAnItemInAList) {
  using stele::serving::is_listed;
  EXPECT_TRUE(is_listed("series=up", "series", "up"));
  EXPECT_TRUE(is_listed("x=1&series=up,jobs_total&y", "series", "jobs_total"));
  EXPECT_TRUE(is_listed("series=up&series=down", "series", "down"));
  for (std::string_view const other :
       {"", "series", "series=", "up", "other=up", "series=u", "series=upper", "serie=up"})
    EXPECT_FALSE(is_listed(other, "series", "up")) << other;
}
