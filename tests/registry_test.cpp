// The registry of a table is a Hana tuple of its rows' types.

#include <coderd.hpp>
#include <sample.hpp>

#include <gtest/gtest.h>
#include <boost/hana/core/tag_of.hpp>
#include <boost/hana/filter.hpp>
#include <boost/hana/for_each.hpp>
#include <boost/hana/integral_constant.hpp>
#include <boost/hana/length.hpp>
#include <boost/hana/tuple.hpp>
#include <boost/hana/type.hpp>

#include <cstddef>
#include <map>
#include <string_view>
#include <utility>

namespace hana = boost::hana;

TEST(Registry, HoldsEveryRowOfCodersPage) {
  static_assert(decltype(hana::length(stele::rows<coderd::table>))::value == 105);
  std::map<stele::metric_type, int> types;
  std::map<std::string_view, int> prefixes;
  hana::for_each(stele::rows<coderd::table>, [&](auto row) {
    using row_type = typename decltype(row)::type;
    ++types[row_type::about.type];
    ++prefixes[row_type::about.name.substr(0, row_type::about.name.find('_'))];
  });
  EXPECT_EQ(types[stele::metric_type::gauge], 66);
  EXPECT_EQ(types[stele::metric_type::counter], 27);
  EXPECT_EQ(types[stele::metric_type::histogram], 10);
  EXPECT_EQ(types[stele::metric_type::summary], 2);
  EXPECT_EQ(prefixes["coderd"], 31);
  EXPECT_EQ(prefixes["go"], 65);
  EXPECT_EQ(prefixes["process"], 7);
  EXPECT_EQ(prefixes["promhttp"], 2);
}

TEST(Registry, IsInTheOrderOfTheDescriptors) {
  std::size_t index = 0;
  hana::for_each(stele::rows<coderd::table>, [&](auto row) {
    using row_type = typename decltype(row)::type;
    EXPECT_EQ(row_type::index, index);
    EXPECT_EQ(coderd::table::descriptors[index], &row_type::about);
    ++index;
  });
}

TEST(Registry, CanBeFiltered) {
  auto const histograms = hana::filter(stele::rows<coderd::table>, [](auto row) {
    return hana::bool_c < decltype(row)::type::about.type == stele::metric_type::histogram > ;
  });
  static_assert(decltype(hana::length(histograms))::value == 10);
}

TEST(Registry, LabelStructsAreHanaStructs) {
  using labels = sample::rows::sample_requests_total::labels;
  static_assert(hana::Struct<labels>::value);
  labels const values{.code = "200", .path = "/x"};
  auto const texts = stele::label_texts(values);
  EXPECT_EQ(texts[0], "200");
  EXPECT_EQ(texts[1], "/x");
}

TEST(Registry, KnowsASlabsSizeAtCompileTime) {
  static_assert(stele::layout_of<coderd::table>.slab_bytes < 16 * 1024);
  static_assert(stele::layout_of<sample::table>.slab_bytes % 8 == 0);
}
