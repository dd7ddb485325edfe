// The order of an open row's series, and their labels on pages, as series come and go.

#include "core/series_list.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace stele::core;

/// Nobody looks into these series: the list keeps their addresses.
class listed {
 public:
  void add(std::string const& labels) {
    all.reserve(labels.size());
    all.add({at(count_), nullptr}, labels, static_cast<std::int64_t>(count_));
    ++count_;
  }
  void add_many(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) add("n=\"" + std::to_string(count_) + "\"");
  }
  template <class Ends>
  std::size_t end_if(Ends ends) {
    return all.take_out([&](series& each) { return ends(number_of(each)); });
  }

  /// The numbers of the series, as their pages say.
  [[nodiscard]] std::vector<std::size_t> shown() const {
    std::vector<std::size_t> found;
    for (auto const& shelf : all.shelves())
      for (std::size_t i = 0; i < shelf.places.size(); ++i) {
        if (shelf.places[i].of == nullptr) continue;
        std::size_t const number = number_of(*shelf.places[i].of);
        EXPECT_EQ(shelf.page->texts()[i], "n=\"" + std::to_string(number) + "\"");
        EXPECT_EQ(shelf.page->created()[i], static_cast<std::int64_t>(number));
        found.push_back(number);
      }
    return found;
  }

  series_list all{true};

 private:
  series* at(std::size_t number) { return reinterpret_cast<series*>(&memory_[number]); }
  [[nodiscard]] std::size_t number_of(series const& each) const {
    return static_cast<std::size_t>(reinterpret_cast<std::byte const*>(&each) - memory_.data());
  }

  std::array<std::byte, 10'000> memory_{};
  std::size_t count_ = 0;
};

std::vector<std::size_t> from_to(std::size_t first, std::size_t end, std::size_t step = 1) {
  std::vector<std::size_t> numbers;
  for (; first < end; first += step) numbers.push_back(first);
  return numbers;
}

}  // namespace

// "Label order is the same from scrape to scrape", and so is that of series.
TEST(SeriesList, KeepsTheOrderInWhichSeriesWereMade) {
  listed list;
  list.add_many(5'000);
  EXPECT_EQ(list.all.size(), 5'000U);
  EXPECT_EQ(list.shown(), from_to(0, 5'000));
  EXPECT_LT(list.all.shelves().size(), 50U);

  EXPECT_EQ(list.end_if([](std::size_t i) { return i % 2 == 0; }), 2'500U);
  EXPECT_EQ(list.shown(), from_to(1, 5'000, 2));
  list.add_many(10);
  EXPECT_EQ(list.end_if([](std::size_t i) { return i < 5'000 && i % 10 != 1; }), 2'000U);
  std::vector<std::size_t> left = from_to(1, 5'000, 10);
  for (std::size_t const each : from_to(5'000, 5'010)) left.push_back(each);
  EXPECT_EQ(list.shown(), left);
  EXPECT_EQ(list.all.size(), left.size());
}

TEST(SeriesList, MakesAPageAnewOnlyWhenHalfOfItHasEnded) {
  listed list;
  list.add_many(8);
  auto const kept = list.all.shelves().front().page.again();
  char const* const first = kept->texts().text;
  list.end_if([](std::size_t i) { return i < 4; });
  EXPECT_EQ(list.all.shelves().front().page->texts().text, first);
  list.end_if([](std::size_t i) { return i == 4; });
  EXPECT_NE(list.all.shelves().front().page->texts().text, first);
  EXPECT_EQ(list.all.shelves().front().places.size(), 3U);
  EXPECT_EQ(list.shown(), from_to(5, 8));
  // Who kept the page sees what it showed.
  EXPECT_EQ(kept->size(), 8U);
  EXPECT_EQ(kept->texts()[0], "n=\"0\"");
}

TEST(SeriesList, HasNoPageWhenAllHaveEnded) {
  listed list;
  list.add_many(1'000);
  EXPECT_EQ(list.end_if([](std::size_t) { return true; }), 1'000U);
  EXPECT_TRUE(list.all.shelves().empty());
  EXPECT_EQ(list.all.size(), 0U);
  list.add_many(1);
  EXPECT_EQ(list.shown(), from_to(1'000, 1'001));
}

TEST(SeriesList, GivesLongLabelsAPageThatHoldsThem) {
  listed list;
  std::string const text(300'000, 'x');
  list.add("");
  list.add(text);
  list.add("last");
  std::vector<std::string_view> found;
  for (auto const& shelf : list.all.shelves())
    for (std::size_t i = 0; i < shelf.places.size(); ++i) found.push_back(shelf.page->texts()[i]);
  EXPECT_EQ(found, (std::vector<std::string_view>{"", text, "last"}));
}
