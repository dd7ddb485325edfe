// line_numbers.hpp: on which line of a text a place is, told many times.
//
//   line_numbers lines;
//   lines.start(body);
//   lines.of(offset)   // from 1
//
// Who counts from the text's begin each time takes a time that grows with the square of a text that
// is faulty everywhere. What was counted is kept here, block by block, so that a place costs no
// more than one block, in whatever order places are asked for. Threads: one; its memory is used
// again.

#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <vector>

namespace stele::pushing {

class line_numbers {
 public:
  /// `text` outlives what is asked.
  void start(std::string_view text) noexcept {
    text_ = text;
    before_.clear();
  }

  /// REQUIRES: an offset within the text. Throws std::bad_alloc.
  [[nodiscard]] std::size_t of(std::size_t offset) {
    std::size_t const block = offset / block_bytes;
    if (before_.empty()) before_.push_back(0);
    while (before_.size() <= block)
      before_.push_back(before_.back() + newlines((before_.size() - 1) * block_bytes, block_bytes));
    return 1 + before_[block] + newlines(block * block_bytes, offset % block_bytes);
  }

 private:
  static constexpr std::size_t block_bytes = 4096;

  [[nodiscard]] std::size_t newlines(std::size_t begin, std::size_t size) const noexcept {
    std::string_view const part = text_.substr(begin, size);
    return static_cast<std::size_t>(std::count(part.begin(), part.end(), '\n'));
  }

  std::string_view text_;
  std::vector<std::size_t> before_;  // newlines before each block, as far as was asked
};

}  // namespace stele::pushing
