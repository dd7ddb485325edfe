#include <zlib.h>

#include <algorithm>
#include <array>
#include <new>
#include <stdexcept>

#include "expose/gzip.hpp"

namespace stele::exposition {

namespace {

constexpr int level = 1;              // the fastest: higher ones cost more than they save
constexpr int gzip_window = 15 + 16;  // 32 KiB; 16 asks for gzip's header and trailer
constexpr int memory_level = 8;       // zlib's default

constexpr std::size_t input_bytes_max = std::size_t{1} << 30;  // zlib counts in 32 bits

}  // namespace

struct gzip_encoder::state {
  state() {
    stream.zalloc = nullptr;
    stream.zfree = nullptr;
    stream.opaque = nullptr;
    if (deflateInit2(&stream, level, Z_DEFLATED, gzip_window, memory_level, Z_DEFAULT_STRATEGY) !=
        Z_OK)
      throw std::bad_alloc();
  }
  ~state() { deflateEnd(&stream); }
  state(state const&) = delete;
  state& operator=(state const&) = delete;

  z_stream stream;
  std::array<Bytef, chunk_bytes_max> output;
};

bool gzip_encoder::available() noexcept { return true; }

gzip_encoder::gzip_encoder() : state_(new state) {}

gzip_encoder::~gzip_encoder() = default;

void gzip_encoder::start() noexcept {
  deflateReset(&state_->stream);
  input_ = {};
  last_ = false;
  ended_ = false;
}

void gzip_encoder::compress() {
  z_stream& stream = state_->stream;
  std::size_t const taken = std::min(input_.size(), input_bytes_max);
  // It reads the input alone, but says so only where ZLIB_CONST is defined.
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(input_.data()));
  stream.avail_in = static_cast<uInt>(taken);
  stream.next_out = state_->output.data() + filled_;
  stream.avail_out = static_cast<uInt>(chunk_bytes_max - filled_);
  int const status = deflate(&stream, last_ ? Z_FINISH : Z_NO_FLUSH);
  if (status != Z_OK && status != Z_STREAM_END)
    throw std::runtime_error("gzip: expected zlib to compress a chunk, saw an error");
  input_.remove_prefix(taken - stream.avail_in);
  filled_ = chunk_bytes_max - stream.avail_out;
  ended_ = status == Z_STREAM_END;
}

char const* gzip_encoder::output() const noexcept {
  return reinterpret_cast<char const*>(state_->output.data());
}

}  // namespace stele::exposition
