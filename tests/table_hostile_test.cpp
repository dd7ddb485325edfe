// Input that is wrong on purpose: it may be refused, it may not crash or take long.

#include <gtest/gtest.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "sanitized.hpp"
#include "table/emit.hpp"
#include "table_case.hpp"

namespace stele::tables::test {
namespace {

std::string repeated(std::string_view text, std::size_t times) {
  std::string result;
  result.reserve(text.size() * times);
  for (std::size_t i = 0; i < times; ++i) result += text;
  return result;
}

struct hostile_page {
  std::string_view name;
  std::string text;
};

std::vector<hostile_page> hostile_pages() {
  constexpr std::size_t many = 100'000 / stele::test::scale;
  std::string distinct = "| Metric | Type | Labels |\n|---|---|---|\n";
  for (std::size_t i = 0; i < many / 5; ++i)
    distinct += "| m" + std::to_string(i) + " | histogram | a{x,y" + std::to_string(i) + "} |\n";
  std::string stairs = "| Metric | Type |\n|---|---|\n";
  for (std::size_t i = 1; i < 1500 / stele::test::scale; ++i)
    stairs += "| " + std::string(i, 'a') + " | histogram |\n";
  std::string underscores = "| Metric | Type | Help | Labels |\n|---|---|---|---|\n";
  for (std::size_t i = 0; i < 2000 / stele::test::scale; ++i)
    underscores += "| class" + std::string(i, '_') + " | gauge | X | |\n";
  std::string const table = "| Metric | Type | Labels |\n|---|---|---|\n";
  return {
      {"brackets", table + "| x | gauge | " + repeated("[", many) + " |"},
      {"links", table + "| x | gauge | " + repeated("[a](", many) + " |"},
      {"emphasis", table + "| x | gauge | " + repeated("*a _b ", many) + " |"},
      {"backquotes", table + "| x | gauge | " + repeated("`a``", many) + " |"},
      {"entities", table + "| x | gauge | " + repeated("&lt;", many) + " |"},
      {"ampersands", table + "| x | gauge | " + repeated("&", many) + " |"},
      {"elements", table + "| x | gauge | " + repeated("<br>", many) + " |"},
      {"open elements", table + "| x | gauge | " + repeated("<a ", many) + " |"},
      {"escapes", table + "| x | gauge | " + repeated("\\|", many) + " |"},
      {"labels", table + "| x | gauge | " + repeated("`a`, ", many) + " |"},
      {"braces", table + "| x | gauge | " + repeated("{", many) + " |"},
      {"parentheses", table + "| x | gauge | `a` " + repeated("(", many) + " |"},
      {"values", table + "| x | gauge | a{" + repeated("v,", many) + "} |"},
      {"wide", repeated("|a", many) + "|\n" + repeated("|-", many) + "|\n| x |\n"},
      {"wide and long",
       repeated("|a", 500) + "|\n" + repeated("|-", 500) + "|\n" + repeated("|x\n", many / 50)},
      {"wide heading, short delimiter",
       repeated("|a", many) + "|\n|-|\n" + repeated("|x|y|\n", many)},
      {"strays", repeated("| x | gauge |\n\n", many)},
      {"comments", "<div>" + repeated("<!--\n-->\n<!-- ", many) + "\n"},
      {"quotes", repeated(">", many) + " | Metric |\n"},
      {"lists", repeated("- ", many) + "x\n"},
      {"bad rows", table + repeated("| a b | nothing | c-d |\n", many / 4)},
      {"distinct rows", distinct},
      {"stairs of names", stairs},
      {"names that need underscores", underscores},
      {"one name", table + repeated("| x | gauge | |\n", many / 4)},
      {"tables", repeated("| A | B |\n|---|---|\n| c | d |\n\n", many / 10)},
      {"one line", std::string(20 * many, 'x')},
      {"run together", "MetricTypeDescription\n" + repeated("counter", many) + "\n"},
      {"run together headings", repeated("MetricTypeDescription\n", many / 10)},
      {"long name", table + "| " + std::string(10 * many, 'x') + " | gauge | |"},
      {"pipes", repeated("|", many) + "\n" + repeated("|", many)},
      {"delimiters", repeated("|---|---|\n", many / 10)},
      {"carriage returns", repeated("\r", many) + "| Metric | Type |\r|---|---|\r| x | gauge |\r"},
      {"truncated", "| Metric | Type |\n|---|"},
      {"empty cells", "||||\n|---|---|---|\n||||\n"},
  };
}

// "Hostile input must not crash or be quadratic."
TEST(TableHostile, PagesEndSoonAndAreAccountedFor) {
  using clock = std::chrono::steady_clock;
  for (auto const& [name, text] : hostile_pages()) {
    auto const begin = clock::now();
    compiled_page const page(text);
    std::string const report = page.report();
    std::string const header =
        page.result.good() ? emit_header(page.result.table, {"x", "x.md", "x.hpp"}) : "";
    auto const seconds = std::chrono::duration<double>(clock::now() - begin).count();
    // On a busy machine. What is quadratic takes minutes, where the pages have their full length.
    EXPECT_LT(seconds, 20) << name;
    EXPECT_TRUE(report.find(" rows: ") != report.npos) << name;
    if (std::getenv("STELE_VERBOSE") != nullptr)
      std::printf("%-30.*s %.3f s %s", static_cast<int>(name.size()), name.data(), seconds,
                  report.substr(report.rfind("p.md")).c_str());
  }
}

// Every prefix of a page is a page: a cut anywhere in a cell, an entity, a sequence of bytes.
TEST(TableHostile, AnyPrefixOfAPageIsReadOrRefused) {
  std::string const text =
      "Text\n| `Metric` | Type | Help | Labels | Buckets | Lint |\n|:--|---|--:|---|---|---|\n"
      "| `x_ms{a=\"b\"}` | histogram | ü \\| &lt;p&gt; [l](u) <br> | `a{b,c}`=<d> (e) | "
      "exponential(1, 2, 3) | allow base-unit: y; z |\n| y | summary | | {k=~\"v\"} | 0.5 2 | |\n";
  for (std::size_t size = 0; size <= text.size(); ++size) {
    compiled_page const page(text.substr(0, size));
    EXPECT_FALSE(page.report().empty());
  }
}

}  // namespace
}  // namespace stele::tables::test
