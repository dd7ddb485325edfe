// Whole pages: the product's own, and documentation that nobody here wrote.

#include <gtest/gtest.h>

#include <algorithm>

#include "table/emit.hpp"
#include "table_case.hpp"

namespace stele::tables::test {
namespace {

/// The two tables agree in what a page says to the letter, and in the units that follow from it.
void expect_same_rows(metric_table const& page, metric_table const& docs) {
  ASSERT_EQ(page.size(), 105u);
  ASSERT_EQ(docs.size(), 105u);
  for (std::size_t i = 0; i < page.size(); ++i) {
    EXPECT_EQ(page[i].name, docs[i].name);
    EXPECT_EQ(page[i].type, docs[i].type) << page[i].name;
    EXPECT_EQ(page[i].help, docs[i].help) << page[i].name;
    EXPECT_EQ(page[i].unit, docs[i].unit) << page[i].name;
    EXPECT_EQ(page[i].openmetrics_unknown, docs[i].openmetrics_unknown) << page[i].name;
  }
}

compiled_page documented() { return compiled_page(file_text("docs/coderd.md").value_or("")); }

// "Compiling the page itself and docs/coderd.md give the same 105 names, types, help texts and
// units"
TEST(TablePages, TheProductsTableAndOurDocumentationAreOne) {
  auto const text = file_text("tests/data/coder-metrics.txt");
  ASSERT_TRUE(text);
  compiled_page const page(*text);
  compiled_page const docs = documented();
  EXPECT_TRUE(page.result.good()) << page.report();
  EXPECT_TRUE(docs.result.good()) << docs.report();
  expect_same_rows(page.result.table, docs.result.table);
}

TEST(TablePages, SoIsTheWholePage) {
  auto const text = file_text("../shared/seed/coder-prometheus-page.txt");
  if (!text) GTEST_SKIP() << "../shared/seed is not beside the repository";
  compiled_page const page(*text);
  compiled_page const docs = documented();
  EXPECT_TRUE(page.result.good()) << page.report();
  EXPECT_EQ(page.result.counts.all(), 105u);
  expect_same_rows(page.result.table, docs.result.table);
}

// "105 rows (66 gauges, 27 counters, 10 histograms, 2 summaries; 31 coderd_, 65 go_, 7 process_,
// 2 promhttp_)"
TEST(TablePages, CoderdsTableHasItsRows) {
  compiled_page const docs = documented();
  auto const count = [&](auto const& holds) {
    return std::count_if(docs.result.table.begin(), docs.result.table.end(), holds);
  };
  auto const of_type = [&](metric_type type) {
    return count([type](table_row const& row) { return row.type == type; });
  };
  EXPECT_EQ(of_type(metric_type::gauge), 66);
  EXPECT_EQ(of_type(metric_type::counter), 27);
  EXPECT_EQ(of_type(metric_type::histogram), 10);
  EXPECT_EQ(of_type(metric_type::summary), 2);
  auto const with_prefix = [&](std::string_view prefix) {
    return count([prefix](table_row const& row) { return row.name.starts_with(prefix); });
  };
  EXPECT_EQ(with_prefix("coderd_"), 31);
  EXPECT_EQ(with_prefix("go_"), 65);
  EXPECT_EQ(with_prefix("process_"), 7);
  EXPECT_EQ(with_prefix("promhttp_"), 2);
  EXPECT_EQ(count([](table_row const& row) { return row.openmetrics_unknown; }), 1);
}

// "Each of the 65 rows has a stated Source"
TEST(TablePages, NoRowOfTheGoRuntimeIsTheServices) {
  compiled_page const docs = documented();
  for (auto const& row : docs.result.table) {
    bool const of_go = row.name.starts_with("go_");
    bool const stated = row.source == source::absent || row.source == source::mapped ||
                        row.source == source::caller;
    EXPECT_EQ(of_go, stated) << row.name;
  }
}

// "a drift test that compares and prints the repairing command"
TEST(TablePages, TheGeneratedHeaderIsUpToDate) {
  auto const header = file_text("generated/coderd.hpp");
  ASSERT_TRUE(header);
  compiled_page const docs = documented();
  std::string const made = emit_header(
      docs.result.table,
      {.namespace_name = "coderd", .input = "docs/coderd.md", .output = "generated/coderd.hpp"});
  EXPECT_TRUE(*header == made) << "generated/coderd.hpp is not what docs/coderd.md says; run\n"
                                  "    ./dev regenerate";
}

TEST(TablePages, TheHeaderOfTheSelfTableIsUpToDate) {
  auto const page = file_text("docs/stele.md");
  auto const header = file_text("generated/stele_self.hpp");
  ASSERT_TRUE(page && header);
  compiled_page const docs(*page);
  std::string const made = emit_header(docs.result.table, {.namespace_name = "stele_self",
                                                           .input = "docs/stele.md",
                                                           .output = "generated/stele_self.hpp"});
  EXPECT_TRUE(*header == made) << "generated/stele_self.hpp is not what docs/stele.md says; run\n"
                                  "    ./dev regenerate";
}

struct known_page {
  std::string_view path;
  std::size_t compiled, merged, refused, skipped;
};

// "every row is accounted for (compiled, merged or refused: the closing line counts them)"
TEST(TablePages, EveryRowOfARealPageIsAccountedFor) {
  known_page const pages[]{
      {"nginx__nginx-prometheus-exporter__README.md", 144, 0, 1, 0},
      {"kubernetes__kube-state-metrics__pod-metrics.md", 53, 0, 7, 0},
      {"juicedata__juicefs__p8s_metrics.md", 0, 0, 47, 4},
      {"digineo__texd__api-metrics.md", 6, 3, 1, 0},
  };
  std::size_t seen = 0;
  for (auto const& [path, compiled, merged, refused, skipped] : pages) {
    auto const text = file_text("../shared/corpus/" + std::string(path));
    if (!text) continue;
    ++seen;
    compiled_page const page(*text);
    EXPECT_EQ(page.result.counts.compiled, compiled) << path;
    EXPECT_EQ(page.result.counts.merged, merged) << path;
    EXPECT_EQ(page.result.counts.refused, refused) << path;
    EXPECT_EQ(page.result.counts.skipped, skipped) << path;
    EXPECT_EQ(page.result.good(), refused == 0) << path;
  }
  if (seen == 0) GTEST_SKIP() << "../shared/corpus is not beside the repository";
}

// A real page's closed labels and keywords survive the way through the table.
TEST(TablePages, LabelsOfARealPageAreRead) {
  auto const text = file_text("../shared/corpus/kubernetes__kube-state-metrics__pod-metrics.md");
  if (!text) GTEST_SKIP() << "../shared/corpus is not beside the repository";
  compiled_page const page(*text);
  auto const phase =
      std::find_if(page.result.table.begin(), page.result.table.end(),
                   [](auto const& row) { return row.name == "kube_pod_status_phase"; });
  ASSERT_NE(phase, page.result.table.end());
  ASSERT_EQ(phase->labels.size(), 4u);
  EXPECT_EQ(phase->labels[2].name, "phase");
  EXPECT_EQ(phase->labels[2].values,
            (std::vector<std::string>{"Pending", "Running", "Succeeded", "Failed", "Unknown"}));
}

}  // namespace
}  // namespace stele::tables::test
