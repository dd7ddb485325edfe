// The cells of one word or a short statement: Metric, Type, Unit, Source, Lint.

#include <gtest/gtest.h>

#include "table_case.hpp"

namespace stele::tables::test {
namespace {

struct refused_row {
  std::string_view row;
  std::string_view line;
};

// "types come in any case"
TEST(TableTypeCell, ReadsTypesInAnyCase) {
  for (std::string const type : {"gauge", "Gauge", "GAUGE", "`gauge`", "**Gauge**"}) {
    compiled_page const page(page_of("| Metric | Type |", "| x | " + type + " |"));
    ASSERT_EQ(page.result.table.size(), 1u) << page.report();
  }
}

// "a name is never repaired silently"
TEST(TableNameCell, RefusesWhatIsNoMetricName) {
  refused_row const rows[]{
      {"| `go_*` | gauge |", "p.md:3:3: error: expected a metric name, saw 'go_*' [name]"},
      {"| app.jobs | gauge |", "p.md:3:3: error: expected a metric name, saw 'app.jobs' [name]"},
      {"| a-b | gauge |", "p.md:3:3: error: expected a metric name, saw 'a-b' [name]"},
      {"| 1a | gauge |", "p.md:3:3: error: expected a metric name, saw '1a' [name]"},
      {"| `a` / `b` | gauge |", "p.md:3:3: error: expected a metric name, saw 'a / b' [name]"},
      {"| x_<name> | gauge |", "p.md:3:3: error: expected a metric name, saw 'x_<name>' [name]"},
      {"| job:rate | gauge |",
       "p.md:3:3: error: expected a name without colons, saw 'job:rate' "
       "[name-colon]"},
      {"| | gauge |", "p.md:3:2: error: expected a metric name, saw an empty cell [name]"},
      {"| größe | gauge |", "p.md:3:3: error: expected a metric name, saw 'größe' [name]"},
  };
  for (auto const& [row, line] : rows) {
    compiled_page const page(page_of("| Metric | Type |", row));
    EXPECT_TRUE(has_line(page.report(), line));
  }
  compiled_page const dotted(page_of("| Metric | Type |", "| app.jobs | gauge |"));
  EXPECT_TRUE(
      has_line(dotted.report(), "    fix: if the service exposes it as app_jobs, write that"));
}

// "the unit comes from the Unit column, else from the name"
TEST(TableUnitCell, ReadsTheColumnThenTheName) {
  struct {
    std::string_view name;
    std::string_view cell;
    unit means;
  } const units[]{
      {"x", "", unit::none},
      {"x", "none", unit::none},
      {"x_seconds", "", unit::seconds},
      {"x", "Seconds", unit::seconds},
      {"x", "ms", unit::milliseconds},
      {"x", "`byte`", unit::bytes},
      {"x_bytes_total", "", unit::bytes},
      {"x_bytes", "-", unit::bytes},
      {"x", "µs", unit::microseconds},
      {"x_timestamp_seconds", "seconds", unit::unix_seconds},
      {"x_seconds", "unix", unit::unix_seconds},
      {"x", "core", unit::other},
      {"x_celsius", "celsius", unit::other},
      {"x", "%", unit::percent},
  };
  for (auto const& [name, cell, means] : units) {
    compiled_page const page(
        page_of("| Metric | Type | Unit |",
                std::string("| ").append(name).append(" | gauge | ").append(cell).append(" |")));
    ASSERT_EQ(page.result.table.size(), 1u) << page.report();
    EXPECT_EQ(page.row().unit, means) << name << " " << cell;
  }
}

TEST(TableUnitCell, RefusesAContradictionAndAList) {
  compiled_page const conflict(
      page_of("| Metric | Type | Unit |", "| x_bytes | gauge | seconds |"));
  EXPECT_TRUE(has_line(conflict.report(),
                       "p.md:3:21: error: expected bytes, the unit in the name "
                       "'x_bytes', saw 'seconds' [unit-conflict]"));
  compiled_page const list(
      page_of("| Metric | Type | Unit |", "| x | gauge | `cpu`=core, bytes |"));
  EXPECT_TRUE(has_line(list.report(),
                       "p.md:3:15: error: expected one unit such as seconds or bytes, "
                       "saw 'cpu=core, bytes' [unit]"));
}

// "Source: service, sdk, mapped, caller, absent: reason"
TEST(TableSourceCell, SaysWhoFeedsARow) {
  compiled_page const page(
      page_of("| Metric | Type | Source |",
              "| a | gauge | |\n| b | gauge | service |\n| process_open_fds | gauge | sdk |\n"
              "| d | gauge | mapped |\n| e | gauge | `caller` |\n"
              "| f | gauge | absent: no such: thing |"));
  ASSERT_EQ(page.result.table.size(), 6u) << page.report();
  EXPECT_EQ(page.row(0).source, source::service);
  EXPECT_EQ(page.row(1).source, source::service);
  EXPECT_EQ(page.row(2).source, source::mapped);
  EXPECT_EQ(page.row(3).source, source::caller);
  EXPECT_EQ(page.row(4).source, source::absent);
  EXPECT_EQ(page.row(4).absent_reason, "no such: thing");
  EXPECT_EQ(page.row(5).source, source::sdk);
}

TEST(TableSourceCell, RefusesAnotherWordAndAMissingReason) {
  compiled_page const word(page_of("| Metric | Type | Source |", "| a | gauge | kubelet |"));
  EXPECT_TRUE(has_line(word.report(),
                       "p.md:3:15: error: expected service, sdk, mapped, caller or "
                       "'absent: reason', saw 'kubelet' [source]"));
  compiled_page const reason(page_of("| Metric | Type | Source |", "| a | gauge | absent |"));
  EXPECT_TRUE(has_line(reason.report(),
                       "p.md:3:15: error: expected a reason, saw 'absent' "
                       "[absent-reason]"));
}

TEST(TableLintCell, RefusesWhatIsNoAllowance) {
  compiled_page const form(
      page_of("| Metric | Type | Help | Lint |", "| a_ms | gauge | A | yes |"));
  EXPECT_TRUE(has_line(form.report(),
                       "p.md:3:22: error: expected 'allow RULE: reason', saw 'yes' "
                       "[lint-cell]"));
  compiled_page const rule(
      page_of("| Metric | Type | Help | Lint |", "| a_ms | gauge | A | allow all: because |"));
  EXPECT_TRUE(has_line(rule.report(),
                       "p.md:3:22: error: expected a lint rule's name, saw 'all' "
                       "[lint-rule]"));
  compiled_page const reason(
      page_of("| Metric | Type | Help | Lint |", "| a_ms | gauge | A | allow base-unit: |"));
  EXPECT_EQ(reason.result.found.errors(), 1u);
}

}  // namespace
}  // namespace stele::tables::test
