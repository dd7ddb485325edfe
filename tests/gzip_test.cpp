// gzip: what comes out is, unpacked by zlib, what went in. Built once with each library that
// compresses.

#include "expose/gzip.hpp"

#include <gtest/gtest.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <random>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "counted_allocations.hpp"

using stele::exposition::gzip_encoder;

namespace {

/// Gives a text in parts of the sizes that `size` gives, and says whether it was asked too often.
class parts {
 public:
  template <class Size>
  parts(std::string_view text, Size size) {
    while (!text.empty()) {
      std::size_t const taken = std::min<std::size_t>(text.size(), size());
      parts_.push_back(text.substr(0, taken));
      text.remove_prefix(taken);
    }
  }

  std::string_view operator()() {
    ++calls_;
    return at_ == parts_.size() ? std::string_view() : parts_[at_++];
  }
  [[nodiscard]] bool asked_once_at_the_end() const { return calls_ == parts_.size() + 1; }

 private:
  std::vector<std::string_view> parts_;
  std::size_t at_ = 0;
  std::size_t calls_ = 0;
};

parts in_parts_of(std::string_view text, std::size_t bytes) {
  return {text, [bytes] { return bytes; }};
}

/// The whole body. Each chunk but the last is full.
std::string compress(gzip_encoder& gzip, parts from) {
  std::string body;
  bool short_one = false;
  gzip.start();
  for (auto chunk = gzip.next(from); !chunk.empty(); chunk = gzip.next(from)) {
    EXPECT_FALSE(short_one) << "a chunk follows one that is shorter than 64 KiB";
    EXPECT_LE(chunk.size(), gzip_encoder::chunk_bytes_max);
    short_one = chunk.size() < gzip_encoder::chunk_bytes_max;
    body.append(chunk);
  }
  EXPECT_TRUE(from.asked_once_at_the_end());
  EXPECT_TRUE(gzip.next(from).empty());
  return body;
}

/// Header, data and trailer of exactly one member; zlib checks its CRC and length.
std::string unpack(std::string_view body) {
  z_stream stream{};
  EXPECT_EQ(inflateInit2(&stream, 15 + 16), Z_OK);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(body.data()));
  stream.avail_in = static_cast<uInt>(body.size());
  std::string text;
  int status = Z_OK;
  while (status == Z_OK) {
    std::array<char, 65536> out;
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = out.size();
    status = inflate(&stream, Z_NO_FLUSH);
    text.append(out.data(), out.size() - stream.avail_out);
  }
  EXPECT_EQ(status, Z_STREAM_END);
  EXPECT_EQ(stream.avail_in, 0u) << "bytes follow the trailer";
  inflateEnd(&stream);
  return text;
}

std::string random_bytes(std::size_t count) {
  std::mt19937_64 random(count);
  std::string text(count, '\0');
  for (char& c : text) c = static_cast<char>(random());
  return text;
}

/// Lines as an exposition has them.
std::string exposition(std::size_t lines) {
  std::mt19937_64 random(1);
  std::string text;
  for (std::size_t i = 0; i < lines; ++i)
    text += "coderd_workspace_cpu_usage_cores{user_id=\"" + std::to_string(i / 10) +
            "\",workspace_id=\"" + std::to_string(i) + "\"} " + std::to_string(random() % 100000) +
            "\n";
  return text;
}

struct named_text {
  char const* name;
  std::string text;
};

std::vector<named_text> const& texts() {
  static std::vector<named_text> const all{
      {"empty", ""},
      {"one byte", "x"},
      {"a short line", "jobs_total 3\n"},
      {"64 KiB", random_bytes(65536)},
      {"random", random_bytes(300'000)},
      {"one byte, repeated", std::string(1'000'000, 'a')},
      {"10 MB of lines", exposition(140'000)},
  };
  return all;
}

}  // namespace

// Stated of next(): it gives the body in parts of 64 KiB, which unpacked are the input.
TEST(Gzip, UnpacksToWhatWentIn) {
  gzip_encoder gzip;
  for (auto const& [name, text] : texts()) {
    SCOPED_TRACE(name);
    EXPECT_TRUE(unpack(compress(gzip, in_parts_of(text, 65536))) == text);
  }
  EXPECT_GT(texts().back().text.size(), 10'000'000u);
}

// Stated of next(): `pull` gives any number of bytes.
TEST(Gzip, TakesPartsOfAnySize) {
  gzip_encoder gzip;
  for (auto const& [name, text] : texts()) {
    SCOPED_TRACE(name);
    std::string_view const head = std::string_view(text).substr(0, 400'000);
    for (std::size_t const bytes : {1ul, 7ul, 65535ul, 65537ul, 10'000'000ul})
      EXPECT_TRUE(unpack(compress(gzip, in_parts_of(head, bytes))) == head) << bytes;
    std::mt19937_64 random(3);
    EXPECT_TRUE(unpack(compress(gzip, {text, [&] { return 1 + random() % 200'000; }})) == text);
  }
}

// design.md: what goes out is worth its time: zlib level 1 packs workspaces' series 14 times.
TEST(Gzip, PacksAnExposition) {
  gzip_encoder gzip;
  std::string const text = exposition(100'000);
  EXPECT_LT(compress(gzip, in_parts_of(text, 65536)).size() * 8, text.size());
  // No flush between chunks: a body that comes in small parts is as short.
  EXPECT_LT(compress(gzip, in_parts_of(text, 100)).size() * 8, text.size());
}

// Stated of start(): begins a body, whatever became of the last one.
TEST(Gzip, BeginsAnewAfterABodyThatWasGivenUp) {
  gzip_encoder gzip;
  std::string const given_up = random_bytes(1'000'000);
  auto from = in_parts_of(given_up, 65536);
  EXPECT_FALSE(gzip.next(from).empty());
  std::string const text = exposition(1000);
  std::string const body = compress(gzip, in_parts_of(text, 65536));
  EXPECT_TRUE(unpack(body) == text);
  // The same input gives the same bytes: nothing of the last body is left.
  EXPECT_TRUE(compress(gzip, in_parts_of(text, 65536)) == body);
  gzip_encoder fresh;
  EXPECT_TRUE(compress(fresh, in_parts_of(text, 65536)) == body);
}

// Stated of next(): what `pull` throws passes through, and then start() may follow.
TEST(Gzip, BeginsAnewAfterAnInputThatThrew) {
  gzip_encoder gzip;
  auto const fails = []() -> std::string_view { throw std::runtime_error("no memory"); };
  EXPECT_THROW((void)gzip.next(fails), std::runtime_error);
  EXPECT_EQ(unpack(compress(gzip, in_parts_of("x 1\n", 2))), "x 1\n");
}

#ifdef STELE_TEST_COUNTS_ALLOCATIONS
// Stated of an encoder: it takes all its memory when it is made, and none after that.
TEST(Gzip, AllocatesOnlyWhenItIsMade) {
  auto const before_it = allocation_count();
  auto const gzip = std::make_unique<gzip_encoder>();
  ASSERT_GT(allocation_count(), before_it);

  std::string const text = exposition(20'000);
  auto const before = allocation_count();
  std::size_t bytes = 0;
  for (int i = 0; i < 3; ++i) {
    std::string_view left = text;
    auto const from = [&left] {
      auto const part = left.substr(0, 65536);
      left.remove_prefix(part.size());
      return part;
    };
    gzip->start();
    for (auto chunk = gzip->next(from); !chunk.empty(); chunk = gzip->next(from))
      bytes += chunk.size();
  }
  EXPECT_EQ(allocation_count(), before);
  EXPECT_GT(bytes, 0u);
}
#endif

// RFC 1952, as another program reads it.
TEST(Gzip, IsWhatTheCommandAccepts) {
  auto const path = std::filesystem::temp_directory_path() /
                    ("stele-gzip-" + std::to_string(std::random_device{}()) + ".gz");
  gzip_encoder gzip;
  for (auto const& [name, text] : texts()) {
    SCOPED_TRACE(name);
    std::ofstream(path, std::ios::binary) << compress(gzip, in_parts_of(text, 65536));
    EXPECT_EQ(std::system(("gzip -t '" + path.string() + "'").c_str()), 0);
  }
  std::filesystem::remove(path);
}
