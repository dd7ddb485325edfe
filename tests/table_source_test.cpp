// The page's text: what encodings and line ends are read, and that places are right in all of them.

#include <gtest/gtest.h>

#include "table/source.hpp"
#include "table/text.hpp"
#include "table_case.hpp"

namespace stele::tables::test {
namespace {

// "A line ends with LF, CR LF or CR."
TEST(TableSource, CountsLinesWithEveryLineEnd) {
  source_text const page("a\nb\r\nc\rd");
  EXPECT_EQ(page.lines(), 4u);
  EXPECT_EQ(page.line(2), "b");
  EXPECT_EQ(page.line(4), "d");
  EXPECT_EQ(page.line(5), "");
  EXPECT_EQ(page.position_of(2), (position{2, 1}));
  EXPECT_EQ(page.position_of(5), (position{3, 1}));
  EXPECT_EQ(page.position_of(100), (position{4, 2}));
}

// "A column is a character (code point), as editors count them."
TEST(TableSource, CountsCharactersNotBytes) {
  source_text const page("äö€𝄞x");
  EXPECT_EQ(page.position_of(page.text().find('x')), (position{1, 5}));
  EXPECT_EQ(page.position_after(2, {1, 2}, 4), (position{1, 3}));
}

TEST(TableSource, WalksOnFromAnEarlierPosition) {
  source_text const page("abc\ndef");
  EXPECT_EQ(page.position_after(1, {1, 2}, 2), (position{1, 3}));
  EXPECT_EQ(page.position_after(1, {1, 2}, 6), (position{2, 3}));
  EXPECT_EQ(page.position_after(6, {2, 3}, 1), (position{1, 2}));
}

// "a byte order mark is passed over"
TEST(TableSource, PassesOverAByteOrderMark) {
  compiled_page const page("\xEF\xBB\xBF" + page_of("| Metric | Type |", "| a b | gauge |"));
  EXPECT_TRUE(has_line(page.report(), "p.md:3:3: error: expected a metric name, saw 'a b' [name]"));
  compiled_page const first_line(
      "\xEF\xBB\xBF| Metric | Metric | Type |\n|---|---|---|\n| a | | |");
  EXPECT_TRUE(first_line.report().starts_with("p.md:1:12: error: expected one column"));
}

TEST(TableSource, ReadsCarriageReturns) {
  compiled_page const page(
      "| Metric | Type | Help |\r\n|---|---|---|\r\n| x | gauge | Some help. |\r\n");
  ASSERT_EQ(page.result.table.size(), 1u) << page.report();
  EXPECT_EQ(page.row().help, "Some help.");
}

// "UTF-8 without NUL": what is not is refused with its place.
TEST(TableSource, RefusesNulAndInvalidUtf8AtTheirPlaces) {
  compiled_page const nul(std::string("ab\n") + '\0' + "\n");
  EXPECT_TRUE(
      has_line(nul.report(), "p.md:2:1: error: expected UTF-8 text, saw the byte 0x00 [nul]"));
  for (std::string const bad :
       {"\xFF", "\xC0\xAF", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xE2\x82"}) {
    compiled_page const page("x\nab" + bad);
    EXPECT_NE(page.report().find("p.md:2:3: error: expected UTF-8 text"), std::string::npos)
        << page.report();
    EXPECT_FALSE(page.result.good());
  }
}

TEST(TableSource, SaysOnlyTheFirstFaultsOfABinaryFile) {
  compiled_page const page(std::string(100'000, '\xFF'));
  EXPECT_EQ(page.result.found.errors(), 20u);
}

TEST(TableText, QuotesForOneLine) {
  EXPECT_EQ(in_quotes("a\nb\tc\x01"), "'a\\nb\\tc\\x01'");
  EXPECT_EQ(in_quotes("größe"), "'größe'");
  EXPECT_LT(in_quotes(std::string(1000, 'x')).size(), 100u);
}

TEST(TableText, TellsATypoFromAnotherWord) {
  EXPECT_TRUE(nearly("guage", "gauge"));
  EXPECT_TRUE(nearly("counters", "counter"));
  EXPECT_FALSE(nearly("string", "gauge"));
}

}  // namespace
}  // namespace stele::tables::test
