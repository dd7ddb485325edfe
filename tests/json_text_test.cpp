// The landing page's JSON, against RFC 8259 as Boost.JSON's strict parser reads it.

#include "serve/json_text.hpp"

#include <gtest/gtest.h>
#include <boost/json/parse.hpp>

#include <clocale>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

namespace {

using stele::serving::append_json;
using stele::serving::cut_utf8;

template <class Value>
std::string json(Value value) {
  std::string out;
  append_json(out, value);
  return out;
}

std::string text(std::string_view value) { return json(value); }

std::string read_back(std::string_view value) {
  auto const parsed = boost::json::parse(text(value));
  return std::string(parsed.as_string());
}

}  // namespace

// RFC 8259, 7: "All Unicode characters may be placed within the quotation marks, except for the
// characters that MUST be escaped: quotation mark, reverse solidus, and the control characters."
TEST(JsonText, EveryAsciiCharacterReadsBack) {
  for (int c = 0; c < 128; ++c) {
    std::string const value{'a', static_cast<char>(c), 'z'};
    EXPECT_EQ(read_back(value), value) << c;
  }
}

TEST(JsonText, TextBeyondAsciiStaysAsItIs) {
  EXPECT_EQ(text("Grüße, мир 🪨"), "\"Grüße, мир 🪨\"");
  EXPECT_EQ(read_back("\u2028\u2029\u2027\u202A"), "\u2028\u2029\u2027\u202A");
}

// A string must not end a script element, nor a line of JavaScript before ES2019.
TEST(JsonText, HasNothingThatEndsAScriptOrALine) {
  std::string const out = text("</script><!--&\u2028\u2029");
  EXPECT_EQ(out.find_first_of("<>&"), std::string::npos) << out;
  EXPECT_EQ(out.find("\xE2\x80"), std::string::npos) << out;
  EXPECT_NE(out.find(R"(\u003c/script\u003e)"), std::string::npos) << out;
}

// RFC 8259, 8.1: "JSON text exchanged between systems MUST be encoded using UTF-8."
TEST(JsonText, WhatIsNotUtf8IsReplaced) {
  for (std::string_view const bad :
       {"\x80", "\xC3", "\xC0\xAF", "\xE0\x80\x80", "\xED\xA0\x80", "\xF0\x80\x80\x80",
        "\xF4\x90\x80\x80", "\xFF", "\xE2\x82", "\xF0\x9F\x92"}) {
    std::string const out = text("a" + std::string(bad) + "z");
    EXPECT_EQ(out.substr(0, 5), "\"a\xEF\xBF\xBD") << out;
    EXPECT_EQ(out.substr(out.size() - 2), "z\"") << out;
    EXPECT_NO_THROW((void)boost::json::parse(out)) << out;
  }
}

TEST(JsonText, IntegersBeyondTwoToThe53AreStrings) {
  EXPECT_EQ(json(std::uint64_t{1} << 53), "9007199254740992");
  EXPECT_EQ(json((std::uint64_t{1} << 53) + 1), "\"9007199254740993\"");
  EXPECT_EQ(json(std::numeric_limits<std::uint64_t>::max()), "\"18446744073709551615\"");
  EXPECT_EQ(json(-(std::int64_t{1} << 53)), "-9007199254740992");
  EXPECT_EQ(json(std::numeric_limits<std::int64_t>::min()), "\"-9223372036854775808\"");
}

// RFC 8259, 6: "Numeric values that cannot be represented in the grammar (such as Infinity and NaN)
// are not permitted."
TEST(JsonText, DoublesThatAreNoNumbersAreStrings) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  EXPECT_EQ(json(infinity), "\"+Inf\"");
  EXPECT_EQ(json(-infinity), "\"-Inf\"");
  EXPECT_EQ(json(std::numeric_limits<double>::quiet_NaN()), "\"NaN\"");
  EXPECT_EQ(json(-0.0), "0");
}

TEST(JsonText, DoublesReadBackExactlyInEveryLocale) {
  std::setlocale(LC_ALL, "de_DE.UTF-8");
  for (double const value : {0.1, 1e22, 1e-300, 123456.789, std::numeric_limits<double>::max(),
                             std::numeric_limits<double>::denorm_min()})
    EXPECT_EQ(boost::json::parse(json(value)).to_number<double>(), value);
  std::setlocale(LC_ALL, "C");
}

TEST(JsonText, ACutSplitsNoCharacter) {
  EXPECT_EQ(cut_utf8("abc", 3), "abc");
  EXPECT_EQ(cut_utf8("abc", 2), "ab");
  EXPECT_EQ(cut_utf8("a🪨b", 4), "a");
  EXPECT_EQ(cut_utf8("a🪨b", 5), "a🪨");
  EXPECT_EQ(cut_utf8("🪨", 0), "");
}
