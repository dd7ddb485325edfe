#include "agents/text_plan.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>

#include "agents_case.hpp"
#include "counted_allocations.hpp"

namespace stele::pushing {
namespace {

constexpr std::string_view first_text =
    "# HELP a_total A.\n# TYPE a_total counter\na_total{x=\"1\"} 3\na_total{x=\"2\"} 4.5\n"
    "# TYPE a_created gauge\na_created{x=\"1\"} 1.6e9\n"
    "# TYPE h histogram\nh_bucket{le=\"+Inf\"} 4\nh_bucket{le=\"1\"} 1\nh_sum 9.5\nh_count 4\n"
    "# TYPE n histogram\nn_bucket{le=\"1\"} 1\nn_bucket{le=\"+Inf\"} 2\n"
    "# TYPE s summary\ns{quantile=\"0.5\"} NaN\ns_sum 1\ns_count 2\n"
    "g 7\n";
constexpr std::string_view first_openmetrics =
    "# TYPE a counter\na_total{x=\"1\"} 3.0\na_created{x=\"1\"} 1.6e9\n"
    "# TYPE i info\ni_info{v=\"1\"} 1\n# TYPE s stateset\ns{s=\"a\"} 1\n# EOF\n";

std::string replaced(std::string_view text, std::string_view what, std::string_view by) {
  std::string out(text);
  std::size_t const at = out.find(what);
  EXPECT_NE(at, std::string::npos) << what;
  return out.replace(at, what.size(), by);
}

struct plan_case : body_case {
  body_type type;
  std::shared_ptr<shape const> first;

  explicit plan_case(std::string_view body, body_type as = body_type::text) : type(as) {
    auto const result = read(body, type);
    EXPECT_TRUE(std::holds_alternative<bundle>(result)) << text_of(result);
    first = std::get<bundle>(result).of;
    EXPECT_TRUE(first->plan);
  }
  /// Whether a body is read by the first one's plan; and it gives what it gives without.
  bool by_plan(std::string_view body) {
    std::vector<std::uint64_t> counts;
    bundle planned{.of = first, .values = {}, .created = {}};
    std::string names;
    for (auto const& label : group) names += label.first + ',';
    bool const is = first->plan->read(body, type, names, counts, planned.values, planned.created);
    body_case fresh;
    fresh.group = group;
    std::string const slowly = text_of(fresh.read(body, type));
    EXPECT_EQ(is ? bundle_text(planned) : slowly, slowly);
    EXPECT_EQ(text_of(read(body, type, first)), slowly);
    return is;
  }
};

TEST(TextPlan, ReadsOtherNumbersWhateverTheirLength) {
  plan_case pushed(first_text);
  EXPECT_TRUE(pushed.by_plan(first_text));
  for (auto const& [what, by] : {std::pair("} 3\n", "} 31234567890.5e-3\n"),
                                 {"} 4.5\n", "} +Inf\n"},
                                 {"1.6e9", "1700000000.25"},
                                 {"\"} 4\n", "\"} 4.0\n"},
                                 {"9.5", "-inf"},
                                 {"NaN", "0.25"},
                                 {"s_count 2", "s_count 3000"},
                                 {"g 7", "g NaN"}})
    EXPECT_TRUE(pushed.by_plan(replaced(first_text, what, by))) << by;
}

TEST(TextPlan, IsNoHelpWhereTheTextDiffers) {
  plan_case pushed(first_text);
  for (auto const& [what, by] : {std::pair("A.", "B."),
                                 {"g 7\n", "g 7\ng{a=\"1\"} 1\n"},
                                 {"g 7\n", ""},
                                 {"g 7\n", "g 7\n\n"},
                                 {"g 7\n", "g 7 \n"},
                                 {"g 7\n", "g 7"},
                                 {"g 7\n", "g 7 1600000000\n"},
                                 {"g 7\n", "g x\n"},
                                 {"g 7\n", "g \n"},
                                 {"x=\"2\"", "x=\"3\""}})
    EXPECT_FALSE(pushed.by_plan(replaced(first_text, what, by))) << by;
  EXPECT_FALSE(pushed.by_plan(""));
}

// What the rules say of a number, they say of it on either way.
TEST(TextPlan, LeavesNumbersThatRefuseAFamilyToTheRules) {
  plan_case pushed(first_text);
  for (auto const& [what, by] : {std::pair("} 3\n", "} -3\n"),
                                 {"} 3\n", "} NaN\n"},
                                 {"h_count 4", "h_count 5"},
                                 {"h_count 4", "h_count 4.5"},
                                 {"{le=\"1\"} 1", "{le=\"1\"} 5"},
                                 {"{le=\"1\"} 1", "{le=\"1\"} -1"},
                                 {"{le=\"+Inf\"} 2", "{le=\"+Inf\"} 0"},
                                 {"s_count 2", "s_count -2"},
                                 {"1.6e9", "-1"}})
    EXPECT_FALSE(pushed.by_plan(replaced(first_text, what, by))) << by;
  plan_case open(first_openmetrics, body_type::openmetrics);
  EXPECT_TRUE(open.by_plan(replaced(first_openmetrics, "{s=\"a\"} 1", "{s=\"a\"} 0")));
  EXPECT_FALSE(open.by_plan(replaced(first_openmetrics, "{s=\"a\"} 1", "{s=\"a\"} 2")));
  EXPECT_FALSE(open.by_plan(replaced(first_openmetrics, "{v=\"1\"} 1", "{v=\"1\"} 0")));
  EXPECT_FALSE(open.by_plan(replaced(first_openmetrics, "# EOF\n", "# EOF")));
}

TEST(TextPlan, ARefusalThatComesOfNumbersHasNoPlan) {
  body_case pushed;
  auto const of = [&](std::string_view body) { return std::get<bundle>(pushed.read(body)).of; };
  EXPECT_FALSE(of("a 1\n# TYPE c counter\nc -1\n")->plan);
  // One of names has one, and the refusal is told again.
  auto const named = of("a 1\n__c 1\n");
  ASSERT_TRUE(named->plan);
  plan_case again("a 1\n__c 1\n");
  EXPECT_TRUE(again.by_plan("a 2\n__c -3\n"));
  EXPECT_FALSE(again.by_plan("a 2\n__c x\n"));
}

TEST(TextPlan, BelongsToATypeAndToTheGroupsLabelNames) {
  body_case pushed;
  constexpr std::string_view body = "a{zone=\"1\"} 1\n";
  auto const first = std::get<bundle>(pushed.read(body)).of;
  pushed.group.emplace_back("zone", "z");
  EXPECT_EQ(body_case::text_of(pushed.read(body, body_type::text, first)), "unknown a\n  {} 1\n");
  EXPECT_EQ(pushed.text("a 1\n", body_type::text), "unknown a\n  {} 1\n");
  EXPECT_TRUE(body_case::text_of(pushed.read("a 1\n", body_type::openmetrics, first))
                  .starts_with("2:1: expected '# EOF'"));
}

TEST(TextPlan, IsNotKeptOfATextThatIsMostlyComments) {
  body_case pushed;
  std::string const comments = "#" + std::string(100'000, 'x') + "\na 1\n";
  EXPECT_FALSE(std::get<bundle>(pushed.read(comments)).of->plan);
}

#ifdef STELE_TEST_COUNTS_ALLOCATIONS
// "must do no allocation but the bundle's vectors"
TEST(TextPlan, TakesMemoryForTheBundleAlone) {
  plan_case pushed(first_text);
  body_description const about{
      .type = body_type::text, .gzip = false, .group_labels = pushed.group};
  std::string const other = replaced(first_text, "g 7", "g 800");
  pushed.read(other, body_type::text, pushed.first);
  std::uint64_t const before = allocation_count();
  auto const read = pushed.reads.read(other, about, pushed.first);
  std::uint64_t const taken = allocation_count() - before;
  EXPECT_EQ(taken, 2U);  // values, created
  EXPECT_EQ(std::get<bundle>(read).of, pushed.first);
}
#endif

TEST(ShapeCache, EqualShapesAreOne) {
  body_case pushed;
  auto const of = [&](std::string_view body, std::string_view user) {
    pushed.group[1].second = user;
    return std::get<bundle>(pushed.read(body)).of;
  };
  auto const first = of(first_text, "a");
  EXPECT_EQ(of(first_text, "b"), first);
  EXPECT_EQ(of(replaced(first_text, "g 7", "g 8"), "c"), first);
  EXPECT_NE(of(replaced(first_text, "A.", "B."), "d"), first);
  // Another reader has the same cache.
  body_reader other(pushed.limits, pushed.shapes);
  EXPECT_EQ(std::get<bundle>(other.read(first_text, {.group_labels = pushed.group}, nullptr)).of,
            first);
  EXPECT_NE(first->hash, 0U);
}

TEST(ShapeCache, KeepsNothingAliveAndIsBounded) {
  shape_cache cache(100);
  auto const named = [](int i) {
    shape made;
    made.families.emplace_back().name = "n" + std::to_string(i);
    return made;
  };
  for (int i = 0; i < 10'000; ++i) {
    auto const kept = cache.intern(named(i));
    EXPECT_EQ(kept.use_count(), 1);
  }
  EXPECT_LE(cache.size(), 100U);
  std::vector<std::shared_ptr<shape const>> live;
  for (int i = 0; i < 300; ++i) live.push_back(cache.intern(named(i)));
  EXPECT_LE(cache.size(), 100U);
  live.clear();
  auto const first = cache.intern(named(1));
  for (int i = 0; i < 200; ++i) live.push_back(cache.intern(named(i + 1000)));
  live.clear();
  auto const again = cache.intern(named(1));
  EXPECT_LE(cache.size(), 100U);
}

}  // namespace
}  // namespace stele::pushing
