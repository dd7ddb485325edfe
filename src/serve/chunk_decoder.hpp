// chunk_decoder.hpp: a chunked body, decoded where it stands: each chunk moves down to the one
// before, so that the body is in one piece and needs no memory beside what it came in.
//
//   chunk_decoder decoder(bounds);
//   auto const step = decoder.decode({to, came});     // as much of it as is whole
//   if (step.failed) refuse();
//   // to[0, step.decoded) has come of the body; what follows [0, step.read) is for the next call
//
// Beast's parser reads the chunks; what it takes from them is bounded here: extensions and trailers
// are read and forgotten, and many of them are refused. Threads: one.

#pragma once

#include <boost/beast/http/basic_parser.hpp>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>

#include "serve/asio.hpp"

namespace stele::serving {

class chunk_decoder final : private http::basic_parser<true> {
 public:
  struct step {
    std::size_t read = 0;     // bytes that are done with
    std::size_t decoded = 0;  // bytes of the body, which now begin where the read ones did
    bool failed = false;      // these are no chunks, or have too much beside the body
  };

  /// `beside_max`: bytes of what chunks could do without, of all extensions and trailers together.
  explicit chunk_decoder(std::size_t beside_max);

  /// `bytes` begin with those that the last call did not read.
  step decode(std::span<char> bytes);

  [[nodiscard]] bool ended() const noexcept { return is_done(); }
  /// What is announced of the chunk at hand and has not come yet.
  [[nodiscard]] std::uint64_t chunk_rest() const noexcept { return chunk_rest_; }

 private:
  void on_request_impl(http::verb, beast::string_view, beast::string_view, int,
                       beast::error_code&) override {}
  void on_response_impl(int, beast::string_view, int, beast::error_code&) override {}
  void on_field_impl(http::field, beast::string_view, beast::string_view,
                     beast::error_code&) override {}
  void on_header_impl(beast::error_code&) override {}
  void on_body_init_impl(boost::optional<std::uint64_t> const&, beast::error_code&) override {}
  std::size_t on_body_impl(beast::string_view, beast::error_code&) override { return 0; }
  void on_chunk_header_impl(std::uint64_t size, beast::string_view extensions,
                            beast::error_code& ec) override;
  std::size_t on_chunk_body_impl(std::uint64_t rest, beast::string_view part,
                                 beast::error_code& ec) override;
  void on_finish_impl(beast::error_code&) override {}

  static std::size_t beside_in(std::size_t line_bytes) noexcept;
  void count_line(char const* end) noexcept;

  std::size_t beside_max_;
  std::size_t beside_ = 0;  // in lines that have ended
  std::uint64_t chunk_rest_ = 0;
  bool begun_ = false;

  // During decode().
  char* to_ = nullptr;          // the end of the body
  char const* line_ = nullptr;  // the begin of what stands between two chunks
};

}  // namespace stele::serving
