// text_store.hpp: texts that stay where they are until all of them go at once.
//
//   std::string_view const kept = texts.keep(labels);
//
// Threads: one. The memory of cleared texts is used again.

#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstring>
#include <string_view>

#include "core/memory.hpp"

namespace stele::core {

class text_store {
 public:
  /// A copy of the text, valid until clear(). Throws std::bad_alloc.
  std::string_view keep(std::string_view text) {
    while (block_ < blocks_.size() && blocks_[block_].size() - used_ < text.size()) next_block();
    if (block_ == blocks_.size()) {
      // A power of two, so that a text that grows from time to time leaves few blocks behind.
      std::size_t const size = std::bit_ceil(std::max(text.size(), block_bytes_min));
      blocks_.emplace_back(size);
    }
    char* const at = blocks_[block_].data() + used_;
    if (!text.empty()) std::memcpy(at, text.data(), text.size());
    used_ += text.size();
    return {at, text.size()};
  }

  void clear() noexcept {
    block_ = 0;
    used_ = 0;
  }

 private:
  static constexpr std::size_t block_bytes_min = 16 * 1024;

  using block = vector<char, memory_part::snapshots>;

  void next_block() noexcept {
    ++block_;
    used_ = 0;
  }

  vector<block, memory_part::snapshots> blocks_;
  std::size_t block_ = 0;  // the one at hand
  std::size_t used_ = 0;   // of it
};

}  // namespace stele::core
