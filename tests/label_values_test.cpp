// How label values are hashed and compared, at every length of text.

#include "core/label_values.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace {

using stele::core::label_values;
using stele::core::stored_values;

using pair = std::array<std::string, 2>;

std::array<std::string_view, 2> views_of(pair const& values) { return {values[0], values[1]}; }

std::uint64_t hash_of(pair const& values) {
  auto const views = views_of(values);
  return stele::core::hash_of({views.data(), views.size()});
}

class stored_pair {
 public:
  explicit stored_pair(pair const& values) {
    auto const views = views_of(values);
    memory_.resize(stored_values::bytes({views.data(), views.size()}));
    stored_values::store({views.data(), views.size()}, memory_.data());
  }

  /// Both ways of comparing agree.
  [[nodiscard]] bool equal(pair const& values) const {
    auto const views = views_of(values);
    std::array<std::uint64_t, 2> words{};
    for (std::size_t i = 0; i < words.size(); ++i)
      words[i] = stele::core::first_word(views[i].data(), views[i].size());
    bool const unrolled = get().equal(views, words);
    EXPECT_EQ(get().equal(label_values{views.data(), views.size()}), unrolled);
    return unrolled;
  }
  [[nodiscard]] pair read() const {
    std::array<std::string_view, 2> views;
    get().read(views.data(), views.size());
    return {std::string(views[0]), std::string(views[1])};
  }
  [[nodiscard]] std::size_t bytes() const { return get().bytes(2); }
  [[nodiscard]] std::uint64_t hash() const { return get().hash(2); }
  [[nodiscard]] std::size_t bytes_given() const { return memory_.size(); }

 private:
  [[nodiscard]] stored_values get() const { return stored_values(memory_.data()); }

  std::vector<std::byte> memory_;
};

constexpr std::size_t longest = 40;

/// No byte is like another one near it.
std::string text(std::size_t size) {
  std::string made(size, ' ');
  for (std::size_t i = 0; i < size; ++i) made[i] = static_cast<char>('!' + i);
  return made;
}

}  // namespace

TEST(LabelValues, AreReadAsTheyWereStored) {
  for (std::size_t a = 0; a <= longest; ++a)
    for (std::size_t b = 0; b <= longest; ++b) {
      pair const values{text(a), text(b)};
      stored_pair const stored(values);
      ASSERT_EQ(stored.read(), values);
      ASSERT_EQ(stored.bytes(), stored.bytes_given());
      ASSERT_EQ(stored.hash(), hash_of(values));
      ASSERT_TRUE(stored.equal(values));
    }
}

TEST(LabelValues, EveryByteOfEveryLengthCounts) {
  for (std::size_t size = 1; size <= longest; ++size)
    for (std::size_t label = 0; label < 2; ++label) {
      pair const values{text(size), text(size)};
      stored_pair const stored(values);
      for (std::size_t at = 0; at < size; ++at) {
        pair other = values;
        other[label][at] = '~';
        ASSERT_FALSE(stored.equal(other)) << size << ' ' << at;
        ASSERT_NE(hash_of(values), hash_of(other)) << size << ' ' << at;
      }
    }
}

// "ab" and "abab" have the same pairs of bytes.
TEST(LabelValues, TextsThatRepeatThemselvesDifferByTheirSize) {
  std::set<std::uint64_t> hashes;
  for (std::size_t size = 0; size <= longest; ++size) {
    pair const values{std::string(size, 'a'), ""};
    EXPECT_TRUE(hashes.insert(hash_of(values)).second) << size;
    stored_pair const stored(values);
    for (std::size_t other = 0; other <= longest; ++other)
      EXPECT_EQ(stored.equal({std::string(other, 'a'), ""}), other == size);
  }
}

// The border between two values counts: {"a", "bc"} and {"ab", "c"} are two series.
TEST(LabelValues, WhereOneEndsAndTheNextBeginsCounts) {
  std::string const all = text(longest);
  std::set<std::uint64_t> hashes;
  for (std::size_t border = 0; border <= longest; ++border) {
    pair const values{all.substr(0, border), all.substr(border)};
    EXPECT_TRUE(hashes.insert(hash_of(values)).second);
    for (std::size_t other = 0; other <= longest; ++other)
      ASSERT_EQ(stored_pair(values).equal({all.substr(0, other), all.substr(other)}),
                other == border);
  }
}

// The words of a text are the factors of a product, which does not know their order.
TEST(LabelValues, NoTextsCollideWhateverTheSeed) {
  std::string const first = "aaaaaaaabbbbbbbb";
  std::string swapped(16, ' ');
  for (std::size_t i = 0; i < 8; ++i) {
    swapped[i] = static_cast<char>(~first[i + 8]);
    swapped[i + 8] = static_cast<char>(~first[i]);
  }
  swapped[8] = static_cast<char>(swapped[8] ^ 16);  // the size is in the product too
  swapped[0] = static_cast<char>(swapped[0] ^ 16);
  std::mt19937_64 random(1);
  for (int i = 0; i < 100; ++i) {
    std::uint64_t const seed = random() | 1;
    stele::core::text_hash one(seed);
    stele::core::text_hash other(seed);
    one.add(first);
    other.add(swapped);
    ASSERT_NE(one.value(), other.value());
  }
}

// Of a random spread 0.37 of the places stay empty; each seed is another hash.
TEST(LabelValues, HashesOfNumberedTextsAreSpreadOverTheLowBitsWhateverTheSeed) {
  constexpr std::size_t count = 4096;
  std::mt19937_64 random(1);
  for (int i = 0; i < 300; ++i) {
    std::uint64_t const seed = random() | 1;
    std::vector<bool> taken(count);
    for (std::size_t j = 0; j < count; ++j) {
      stele::core::text_hash hash(seed);
      hash.add("GET");
      hash.add("/api/v2/workspaces/" + std::to_string(j));
      taken[hash.value() % count] = true;
    }
    ASSERT_LT(std::count(taken.begin(), taken.end(), false), std::ptrdiff_t{count} / 2) << seed;
  }
}
