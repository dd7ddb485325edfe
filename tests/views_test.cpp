#include "serve/views.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <system_error>

#include "serve/selection.hpp"
#include "serve/view_check.hpp"

using stele::descriptor;
using stele::label_condition;
using stele::label_descriptor;
using stele::metric_type;
using stele::view;
using stele::core::table_info;
using stele::serving::kept_view;
using stele::serving::matches_glob;
using stele::serving::name_query;
using stele::serving::selection;
using stele::serving::view_set;

namespace {

constexpr std::string_view methods[]{"GET", "POST"};
constexpr std::string_view one_code[]{"200"};
constexpr label_descriptor by_method_path[]{{"method", methods}, {"path"}};
constexpr label_descriptor by_user[]{{"user_id"}, {"workspace_id"}};
constexpr label_descriptor by_code[]{{"code", one_code}};

constexpr descriptor requests{
    .name = "api_requests_total", .type = metric_type::counter, .labels = by_method_path};
constexpr descriptor answers{.name = "api_answers", .labels = by_code};
constexpr descriptor cpu{.name = "workspace_cpu_cores", .labels = by_user};
constexpr descriptor users{.name = "active_users"};

constexpr descriptor const* rows[]{&requests, &answers, &cpu, &users};
constexpr table_info table{"shop", 0, nullptr, rows, {}, 0, 0};
constexpr descriptor const* other_rows[]{&users};
constexpr table_info other{"library", 0, nullptr, other_rows, {}, 0, 0};

bool may_have(view const& of, descriptor const& row, table_info const& in = table) {
  return kept_view(of).may_have(in, row);
}

bool has(label_condition const& condition, std::string_view labels,
         std::string_view constants = {}) {
  return kept_view({.path = "/v", .labels = {condition}}).has(constants, labels);
}

std::string refusal_of(view const& from) {
  view_set views;
  EXPECT_FALSE(views.add({.path = "/taken"}));
  auto const wrong = views.add(from);
  if (!wrong) return {};
  EXPECT_EQ(wrong->code, std::errc::invalid_argument);
  return wrong->message;
}

}  // namespace

TEST(Views, MatchNamesWithStars) {
  struct {
    std::string_view pattern;
    std::string_view text;
    bool matches;
  } const cases[]{
      {"up", "up", true},
      {"up", "u", false},
      {"u", "up", false},
      {"*", "", true},
      {"*", "up", true},
      {"", "", true},
      {"", "up", false},
      {"api_*", "api_x", true},
      {"api_*", "api_", true},
      {"api_*", "ap", false},
      {"*_total", "a_total", true},
      {"*_total", "_total_x", false},
      {"a*b*c", "abc", true},
      {"a*b*c", "aXbYc", true},
      {"a*b*c", "acb", false},
      {"a*b*c", "abcbc", true},
      {"**", "x", true},
      {"a**", "a", true},
      {"*a", "aaa", true},
      {"*ab", "aab", true},
      {"a*a", "a", false},
      {"?p", "up", false},
      {"*aab*", "aaab", true},
      {"u*", "U", false},
  };
  for (auto const& each : cases)
    EXPECT_EQ(matches_glob(each.pattern, each.text), each.matches)
        << each.pattern << " " << each.text;
}

// A pattern of many stars must not take exponential time.
TEST(Views, MatchNamesInBoundedTime) {
  std::string pattern;
  for (int i = 0; i < 40; ++i) pattern += "a*";
  EXPECT_FALSE(matches_glob(pattern + "b", std::string(4000, 'a')));
}

// "views: further paths that expose a filtered part": by name, by table.
TEST(Views, ChooseRowsByNameAndByTable) {
  EXPECT_TRUE(may_have({.path = "/v"}, cpu));
  EXPECT_TRUE(may_have({.path = "/v", .names = {"workspace_*"}}, cpu));
  EXPECT_FALSE(may_have({.path = "/v", .names = {"workspace_*"}}, users));
  EXPECT_TRUE(may_have({.path = "/v", .names = {"x", "active_users"}}, users));
  EXPECT_FALSE(may_have({.path = "/v", .except = {"workspace_*"}}, cpu));
  EXPECT_TRUE(may_have({.path = "/v", .except = {"workspace_*"}}, users));
  EXPECT_FALSE(may_have({.path = "/v", .names = {"*users"}, .except = {"active*"}}, users));
  EXPECT_TRUE(may_have({.path = "/v", .tables = {"library"}}, users, other));
  EXPECT_FALSE(may_have({.path = "/v", .tables = {"library"}}, users, table));
  EXPECT_TRUE(may_have({.path = "/v", .tables = {"library", "shop"}}, users, table));
  EXPECT_FALSE(may_have({.path = "/v", .tables = {"lib*"}}, users, other));
}

// A row none of whose series can be in the view is not even gathered.
TEST(Views, LeaveOutRowsThatNoConditionCanMeet) {
  auto const may = [](label_condition const& condition, descriptor const& row) {
    return may_have({.path = "/v", .labels = {condition}}, row);
  };
  // A closed set has all the values that there are.
  EXPECT_TRUE(may(label_condition::is("method", "GET"), requests));
  EXPECT_FALSE(may(label_condition::is("method", "PUT"), requests));
  EXPECT_TRUE(may(label_condition::is_not("method", "GET"), requests));
  EXPECT_FALSE(may(label_condition::is_not("code", "200"), answers));
  EXPECT_TRUE(may(label_condition::is_not("code", "500"), answers));
  EXPECT_TRUE(may(label_condition::present("code"), answers));
  EXPECT_FALSE(may(label_condition::absent("code"), answers));
  // An open label may have any value, and none.
  EXPECT_TRUE(may(label_condition::is("path", "/"), requests));
  EXPECT_TRUE(may(label_condition::is_not("path", "/"), requests));
  EXPECT_TRUE(may(label_condition::absent("path"), requests));
  // A label of another row of the table is no constant label: this row has it not.
  EXPECT_FALSE(may(label_condition::is("path", "/"), users));
  EXPECT_FALSE(may(label_condition::present("path"), users));
  EXPECT_TRUE(may(label_condition::absent("path"), users));
  EXPECT_TRUE(may(label_condition::is_not("path", "/"), users));
  // A label of no row may be a constant one.
  EXPECT_TRUE(may(label_condition::is("region", "eu"), users));
  EXPECT_TRUE(may(label_condition::absent("region"), users));
  // Each of the conditions must hold.
  EXPECT_FALSE(may_have(
      {.path = "/v",
       .labels = {label_condition::is("method", "GET"), label_condition::present("user_id")}},
      requests));
}

// "by label (name=value, name!=value, name present/absent)"
TEST(Views, ChooseSeriesByTheirLabels) {
  constexpr std::string_view labels = "method=\"GET\",path=\"/\"";
  EXPECT_TRUE(has(label_condition::is("method", "GET"), labels));
  EXPECT_TRUE(has(label_condition::is("path", "/"), labels));
  EXPECT_FALSE(has(label_condition::is("method", "GE"), labels));
  EXPECT_FALSE(has(label_condition::is("method", "GETS"), labels));
  EXPECT_FALSE(has(label_condition::is("method", "POST"), labels));
  EXPECT_FALSE(has(label_condition::is_not("method", "GET"), labels));
  EXPECT_TRUE(has(label_condition::is_not("method", "POST"), labels));
  EXPECT_TRUE(has(label_condition::present("path"), labels));
  EXPECT_FALSE(has(label_condition::present("user"), labels));
  EXPECT_TRUE(has(label_condition::absent("user"), labels));
  EXPECT_FALSE(has(label_condition::absent("path"), labels));
  EXPECT_FALSE(has(label_condition::is("ath", "/"), labels));
  EXPECT_TRUE(has(label_condition::is_not("user", "x"), labels));
  EXPECT_TRUE(has(label_condition::absent("user"), ""));
  EXPECT_FALSE(has(label_condition::present("user"), ""));
}

// "a label that a series does not have is one whose value is empty"
TEST(Views, TakeAnEmptyLabelForNone) {
  EXPECT_TRUE(has(label_condition::absent("path"), "path=\"\",method=\"GET\""));
  EXPECT_FALSE(has(label_condition::present("path"), "path=\"\""));
  EXPECT_TRUE(has(label_condition::is("path", ""), "method=\"GET\""));
}

TEST(Views, ChooseSeriesByConstantLabelsToo) {
  EXPECT_TRUE(has(label_condition::is("region", "eu"), "", "region=\"eu\",cell=\"7\""));
  EXPECT_TRUE(has(label_condition::is("cell", "7"), "path=\"/\"", "region=\"eu\",cell=\"7\""));
  EXPECT_FALSE(has(label_condition::absent("cell"), "path=\"/\"", "region=\"eu\",cell=\"7\""));
}

// Text 0.0.4: "label values escape `\\`, `\"`, `\n`".
TEST(Views, CompareValuesAsTheyWereBeforeTheyWereEscaped) {
  constexpr std::string_view labels = R"(a="q\"uo,te=",b="back\\slash",c="new\nline",d="\\",e="x")";
  EXPECT_TRUE(has(label_condition::is("a", "q\"uo,te="), labels));
  EXPECT_TRUE(has(label_condition::is("b", "back\\slash"), labels));
  EXPECT_TRUE(has(label_condition::is("c", "new\nline"), labels));
  EXPECT_TRUE(has(label_condition::is("d", "\\"), labels));
  EXPECT_TRUE(has(label_condition::is("e", "x"), labels));
  EXPECT_FALSE(has(label_condition::is("c", "newnline"), labels));
  EXPECT_FALSE(has(label_condition::is("b", "back\\\\slash"), labels));
  EXPECT_FALSE(has(label_condition::present("te"), labels));
}

TEST(Views, AreFoundByTheirPath) {
  view_set views;
  EXPECT_EQ(views.not_found(),
            "nothing is served here; the paths that are: /, /metrics, /-/healthy\n");
  EXPECT_FALSE(views.add({.path = "/metrics/service"}));
  EXPECT_FALSE(views.add({.path = "/a-b_c.d~e"}));
  ASSERT_NE(views.find("/metrics/service"), nullptr);
  EXPECT_EQ(views.find("/metrics/service")->path(), "/metrics/service");
  EXPECT_EQ(views.find("/metrics"), nullptr);
  EXPECT_EQ(views.find("/metrics/service/"), nullptr);
  EXPECT_EQ(
      views.not_found(),
      "nothing is served here; the paths that are: /, /metrics, /-/healthy, /metrics/service, "
      "/a-b_c.d~e\n");
}

TEST(Views, KeepTheirTexts) {
  view_set views;
  std::string path = "/a view whose text is long enough for the heap";
  path.replace(2, std::string::npos, std::string(60, 'v'));
  {
    std::string name = "workspace_of_a_name_that_does_not_fit_in_place_*";
    std::string label = "a_label_of_a_name_that_does_not_fit_in_place";
    EXPECT_FALSE(
        views.add({.path = path, .names = {name}, .labels = {label_condition::present(label)}}));
    name.assign(name.size(), 'x');
    label.assign(label.size(), 'x');
  }
  kept_view const* const found = views.find(path);
  ASSERT_NE(found, nullptr);
  descriptor const row{.name = "workspace_of_a_name_that_does_not_fit_in_place_too"};
  EXPECT_TRUE(found->may_have(table, row));
  EXPECT_TRUE(found->has("", "a_label_of_a_name_that_does_not_fit_in_place=\"1\""));
}

TEST(Views, AreRefusedWithThePlaceTheExpectationAndTheFix) {
  EXPECT_EQ(refusal_of({.path = "metrics/x"}),
            "serve: view 'metrics/x': expected a path that begins with '/', saw 'metrics/x'; write "
            "it as '/metrics/part'");
  EXPECT_EQ(refusal_of({.path = "/metrics"}),
            "serve: view '/metrics': expected a path that is not served yet, saw '/metrics'; give "
            "the view another one");
  for (std::string_view const bad : {"", "x", "/x?y", "/x#y", "/x y", "/%20", "/x[]", "/\xc3\xa9",
                                     "/x/", "/", "/metrics", "/-/healthy", "/-/x", "/-", "/taken"})
    EXPECT_NE(refusal_of({.path = bad}), "") << bad;
  EXPECT_EQ(refusal_of({.path = "/metrics/"}).substr(0, 48),
            "serve: view '/metrics/': expected a path that do");
  EXPECT_NE(refusal_of({.path = "/v", .names = {""}}), "");
  EXPECT_NE(refusal_of({.path = "/v", .except = {""}}), "");
  EXPECT_NE(refusal_of({.path = "/v", .tables = {""}}), "");
  EXPECT_NE(refusal_of({.path = "/v", .labels = {label_condition::is("", "x")}}), "");
  EXPECT_NE(refusal_of({.path = "/v", .labels = {label_condition::is("a-b", "x")}}), "");
  EXPECT_EQ(refusal_of({.path = "/v", .names = {"no_row_has_this_name"}}), "");
}

TEST(Views, AreDoubtedWhereTheyLeadNowhere) {
  using stele::serving::doubts_about;
  stele::core::table_link link{&table, nullptr};
  stele::core::table_link* const links[]{&link};
  auto const doubts = [&](view const& of) { return doubts_about(of, links); };
  EXPECT_THAT(doubts({.path = "/a",
                      .tables = {"shop", "shpo"},
                      .names = {"active_users", "activ_users", "workspace_*", "nothing_*"},
                      .except = {"api_answer"}}),
              testing::ElementsAre(
                  "serve: view '/a', .tables: no table that is served is named 'shpo'; did you "
                  "mean 'shop'?",
                  "serve: view '/a', .names: no row of the tables is named 'activ_users'; did you "
                  "mean 'active_users'?",
                  "serve: view '/a', .except: no row of the tables is named 'api_answer'; did you "
                  "mean 'api_answers'?"));
  // `path` is open, and `team` may be a constant label.
  EXPECT_THAT(
      doubts({.path = "/b",
              .labels = {label_condition::is("method", "GET"), label_condition::is("method", "get"),
                         label_condition::is("path", "/x"), label_condition::is("team", "a"),
                         label_condition::absent("code")}}),
      testing::ElementsAre("serve: view '/b', .labels: no row of the tables has a label "
                           "method that can be 'get'"));
}

TEST(Views, TakeUpToSixteenConditionsOfAKind) {
  view full{.path = "/v"};
  for (int i = 0; i < 16; ++i) full.names.push_back("n");
  EXPECT_EQ(refusal_of(full), "");
  full.names.push_back("n");
  EXPECT_EQ(refusal_of(full),
            "serve: view '/v': expected at most 16 conditions of a kind, saw 'more'; use '*' in "
            "names, or make two views");
}

// ---- What a request asks for --------------------------------------------------------------------

namespace {

bool wants(std::string_view query, descriptor const& row, kept_view const* of = nullptr) {
  name_query names;
  EXPECT_EQ(names.parse(query), "");
  selection const part(of, names);
  return part.wants(table, row);
}

bool is_named(std::string_view name, descriptor const& row) {
  return wants("name[]=" + std::string(name), row);
}

}  // namespace

TEST(Selection, FiltersNothingWhereNothingIsAskedFor) {
  EXPECT_EQ(selection().rows(), nullptr);
  EXPECT_EQ(selection().series(), nullptr);
  EXPECT_TRUE(selection().wants(table, users));
  EXPECT_TRUE(selection().wants("", "a=\"b\""));
}

TEST(Selection, FiltersRowsByNameAndViewAndSeriesByLabels) {
  name_query names;
  EXPECT_EQ(names.parse("name[]=active_users"), "");
  selection const named(nullptr, names);
  EXPECT_EQ(named.rows(), &named);
  EXPECT_EQ(named.series(), nullptr);
  kept_view const by_name({.path = "/v", .names = {"*"}});
  selection const in_view(&by_name, {});
  EXPECT_EQ(in_view.rows(), &in_view);
  EXPECT_EQ(in_view.series(), nullptr);
  kept_view const by_label({.path = "/v", .labels = {label_condition::is("path", "/")}});
  selection const of_label(&by_label, {});
  EXPECT_EQ(of_label.series(), &of_label);
  EXPECT_TRUE(of_label.wants("", "path=\"/\""));
  EXPECT_FALSE(of_label.wants("", "path=\"/x\""));
  EXPECT_FALSE(of_label.wants(table, users));
}

TEST(Selection, HasWhatIsInTheViewAndNamed) {
  kept_view const api({.path = "/v", .names = {"api_*"}});
  EXPECT_TRUE(wants("name[]=api_answers", answers, &api));
  EXPECT_FALSE(wants("name[]=api_answers", requests, &api));
  EXPECT_FALSE(wants("name[]=active_users", users, &api));
  EXPECT_TRUE(wants("", answers, &api));
}

// A name matches a family if it is the family's name or one of its samples', in every format.
TEST(Selection, KnowsARowByItsFamilyAndByItsSamples) {
  struct {
    descriptor row;
    std::string_view names;  // separated by spaces
    std::string_view others;
  } const cases[]{
      {{.name = "jobs_total", .type = metric_type::counter},
       "jobs_total jobs jobs_created",
       "job jobs_count jobs_total_created jobs_total_total"},
      {{.name = "x_total", .type = metric_type::counter, .openmetrics_unknown = true},
       "x_total",
       "x x_created"},
      {{.name = "events", .type = metric_type::counter, .openmetrics_unknown = true},
       "events",
       "event events_total"},
      {{.name = "queue", .type = metric_type::gauge}, "queue", "queue_total queue_count que"},
      {{.name = "wait_seconds", .type = metric_type::histogram},
       "wait_seconds wait_seconds_bucket wait_seconds_count wait_seconds_sum wait_seconds_created",
       "wait wait_seconds_total wait_seconds_buckets"},
      {{.name = "pause_seconds", .type = metric_type::summary},
       "pause_seconds pause_seconds_count pause_seconds_sum pause_seconds_created",
       "pause_seconds_bucket"},
      {{.name = "build_info", .type = metric_type::info}, "build_info build", "build_info_info"},
      {{.name = "mode", .type = metric_type::stateset}, "mode", "mode_info"},
  };
  auto const each_word = [](std::string_view words, auto what) {
    while (!words.empty()) {
      std::string_view const word = words.substr(0, words.find(' '));
      what(word);
      words.remove_prefix(std::min(word.size() + 1, words.size()));
    }
  };
  for (auto const& each : cases) {
    each_word(each.names, [&](auto name) { EXPECT_TRUE(is_named(name, each.row)) << name; });
    each_word(each.others, [&](auto name) { EXPECT_FALSE(is_named(name, each.row)) << name; });
  }
}
