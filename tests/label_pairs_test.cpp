// label_pairs: what was rendered is found again.

#include "expose/label_pairs.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/label_text.hpp"

using stele::exposition::label_pair;
using stele::exposition::label_pairs;

namespace {

using pairs = std::vector<std::pair<std::string, std::string>>;

std::string render(pairs const& labels) {
  std::string text;
  for (auto const& [name, value] : labels) {
    if (!text.empty()) text += ',';
    stele::core::append_label(text, name, value);
  }
  return text;
}

pairs take_apart(std::string_view rendered) {
  pairs found;
  label_pairs rest(rendered);
  for (label_pair each{}; rest.next(each);) {
    std::string value(stele::exposition::unescaped_size(each.value), '?');
    char const* const end = stele::exposition::unescape(value.data(), each.value);
    EXPECT_EQ(end, value.data() + value.size());
    EXPECT_EQ(each.escaped, value != each.value) << each.value;
    found.emplace_back(each.name, value);
  }
  return found;
}

}  // namespace

// Exposition formats: backslash, quote and line feed stand as `\\`, `\"` and `\n` in a value.
TEST(LabelPairs, AreWhatWasRendered) {
  for (pairs const& labels : {
           pairs{},
           pairs{{"a", ""}},
           pairs{{"code", "200"}, {"path", "/"}},
           pairs{{"a", "="}, {"b", ","}, {"c", "a=\"b\",c=\"d\""}},
           pairs{{"a", "\\"}, {"b", "\""}, {"c", "\n"}, {"d", "n"}},
           pairs{{"a", "\\\\"}, {"b", "\\\""}, {"c", "\\n"}, {"d", ""}},
           pairs{{"a", "ends in \""}, {"b", "plain"}, {"c", "\"begins"}},
           pairs{{"a", std::string(1000, '\\')}, {"b", "\xC3\xA4"}},
       })
    EXPECT_EQ(take_apart(render(labels)), labels) << render(labels);
}

TEST(LabelPairs, AreWhatWasRenderedWhateverItIs) {
  std::mt19937 random(7);
  constexpr std::string_view hostile = "\\\"\n,={}a n";
  for (int round = 0; round < 20'000; ++round) {
    pairs labels;
    for (unsigned i = random() % 4; i-- > 0;) {
      std::string value;
      for (unsigned size = random() % 6; size-- > 0;) value += hostile[random() % hostile.size()];
      labels.emplace_back("l" + std::to_string(i), value);
    }
    ASSERT_EQ(take_apart(render(labels)), labels) << render(labels);
  }
}
