#include "agents/gunzip.hpp"

#include <zlib.h>

#include <algorithm>
#include <limits>
#include <new>

namespace stele::pushing {

struct gunzip::state {
  z_stream stream{};

  state() {
    constexpr int gzip_alone = 15 + 16;
    if (inflateInit2(&stream, gzip_alone) != Z_OK) throw std::bad_alloc();
  }
  ~state() { inflateEnd(&stream); }
  state(state const&) = delete;
  state& operator=(state const&) = delete;
};

gunzip::gunzip(std::size_t bytes_max) : bytes_max_(bytes_max) {}
gunzip::~gunzip() = default;

std::optional<body_fault> gunzip::unpack(std::string_view body) {
  forget();
  if (!state_) state_ = std::make_unique<state>();
  std::size_t size = 0;
  do {
    if (auto fault = unpack_member(body, size)) return fault;
  } while (!body.empty());
  text_ = std::string_view(memory_).substr(0, size);
  return std::nullopt;
}

void gunzip::forget() noexcept {
  // What is kept is not cleared: its size is how much there is to unpack into.
  constexpr std::size_t kept_bytes_max = std::size_t{1} << 20;
  text_ = {};
  if (memory_.size() > kept_bytes_max) std::string().swap(memory_);
}

std::optional<body_fault> gunzip::unpack_member(std::string_view& rest, std::size_t& size) {
  z_stream& stream = state_->stream;
  inflateReset(&stream);
  for (int status = Z_OK; status != Z_STREAM_END;) {
    if (size == memory_.size()) {
      // One byte more than there may be, to see whether there is more.
      if (size > bytes_max_) return too_large();
      memory_.resize(std::min(std::max(std::size_t{16384}, 2 * size), bytes_max_ + 1));
    }
    constexpr std::size_t step_max = std::numeric_limits<uInt>::max();
    auto const in = static_cast<uInt>(std::min(rest.size(), step_max));
    auto const out = static_cast<uInt>(std::min(memory_.size() - size, step_max));
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(rest.data()));
    stream.avail_in = in;
    stream.next_out = reinterpret_cast<Bytef*>(memory_.data() + size);
    stream.avail_out = out;
    status = inflate(&stream, Z_NO_FLUSH);
    rest.remove_prefix(in - stream.avail_in);
    size += out - stream.avail_out;
    if (status == Z_MEM_ERROR) throw std::bad_alloc();
    if (status == Z_OK || status == Z_STREAM_END) continue;
    if (status == Z_BUF_ERROR && stream.avail_out == 0) continue;
    bool const ended = status == Z_BUF_ERROR;
    return body_fault{.what = ended ? "expected all of a gzip body, saw its end too early; send "
                                      "all of it"
                                    : "expected a gzip body as Content-Encoding says, saw other "
                                      "bytes; compress it, or leave the field out"};
  }
  if (size > bytes_max_) return too_large();
  return std::nullopt;
}

body_fault gunzip::too_large() const {
  return {.is = body_fault::kind::too_large,
          .what = "expected at most " + std::to_string(bytes_max_) +
                  " bytes in the unpacked body, saw more; push less"};
}

}  // namespace stele::pushing
