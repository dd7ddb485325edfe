#include <isa-l/igzip_lib.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <stdexcept>

#include "expose/gzip.hpp"

namespace stele::exposition {

namespace {

// Level 2 takes a sixth more time for the same size, level 0 gives twice the size. The buffer has
// the tokens of a block: smaller ones cost time, larger ones give nothing.
constexpr std::uint32_t level = 1;
constexpr std::size_t level_buffer_bytes = ISAL_DEF_LVL1_SMALL;

constexpr std::size_t input_bytes_max = std::size_t{1} << 30;  // ISA-L counts in 32 bits

}  // namespace

struct gzip_encoder::state {
  alignas(64) isal_zstream stream;
  alignas(64) std::array<std::uint8_t, level_buffer_bytes> level_buffer;
  std::array<std::uint8_t, chunk_bytes_max> output;
};

bool gzip_encoder::available() noexcept { return true; }

gzip_encoder::gzip_encoder() : state_(new state) { start(); }

gzip_encoder::~gzip_encoder() = default;

void gzip_encoder::start() noexcept {
  // Not isal_deflate_reset(): ISA-L 2.30 then writes no header.
  isal_zstream& stream = state_->stream;
  isal_deflate_init(&stream);
  stream.gzip_flag = IGZIP_GZIP;
  stream.level = level;
  stream.level_buf = state_->level_buffer.data();
  stream.level_buf_size = level_buffer_bytes;
  input_ = {};
  last_ = false;
  ended_ = false;
}

void gzip_encoder::compress() {
  isal_zstream& stream = state_->stream;
  std::size_t const taken = std::min(input_.size(), input_bytes_max);
  // It reads the input alone; its older versions do not say so.
  stream.next_in = reinterpret_cast<std::uint8_t*>(const_cast<char*>(input_.data()));
  stream.avail_in = static_cast<std::uint32_t>(taken);
  stream.end_of_stream = last_ ? 1 : 0;
  stream.next_out = state_->output.data() + filled_;
  stream.avail_out = static_cast<std::uint32_t>(chunk_bytes_max - filled_);
  if (isal_deflate(&stream) != COMP_OK)
    throw std::runtime_error("gzip: expected ISA-L to compress a chunk, saw an error");
  input_.remove_prefix(taken - stream.avail_in);
  filled_ = chunk_bytes_max - stream.avail_out;
  ended_ = stream.internal_state.state == ZSTATE_END;
}

char const* gzip_encoder::output() const noexcept {
  return reinterpret_cast<char const*>(state_->output.data());
}

}  // namespace stele::exposition
