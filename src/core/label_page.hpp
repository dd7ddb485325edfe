// label_page.hpp: the rendered labels of some series of a row, one behind the other in memory, as a
// scrape copies them, and when each series began.
//
// A row's series stand on pages, in their order. What a page has is never changed, only added to,
// so a snapshot shows the pages that it keeps, however the row's series come and go meanwhile.
//
//   label_page_use const page = label_page::make({.series = 16, .text_bytes = 1024, .dated =
//   true}); if (page->has_room(labels.size())) page->append(labels, unix_milliseconds());
//
// Threads: one appends, under the mutex of the row's table. Any thread may read the series that
// were there when it was told of the page, to the byte, and keep and drop it.

#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/memory.hpp"
#include "stele/api.hpp"

namespace stele::core {

/// The labels of consecutive series: those of number i are text[ends[i], ends[i + 1]).
struct label_texts {
  /// How many bytes behind the last text may be read, whatever is in them: formats copy texts in
  /// whole words.
  static constexpr std::size_t slack = 32;

  char const* text = nullptr;
  std::uint32_t const* ends = nullptr;

  [[nodiscard]] std::string_view operator[](std::size_t i) const noexcept {
    return {text + ends[i], ends[i + 1] - ends[i]};
  }
};

class label_page_use;

class STELE_API label_page {
 public:
  struct capacity {
    std::uint32_t series;
    std::uint32_t text_bytes;
    bool dated;  // whether it says when the series began
    memory_part part = memory_part::open_series;
  };

  /// An empty page. Throws std::bad_alloc.
  static label_page_use make(capacity const& room);
  label_page(label_page const&) = delete;
  label_page& operator=(label_page const&) = delete;

  void add_use() noexcept { uses_.fetch_add(1, std::memory_order_relaxed); }
  /// The last one frees the page.
  void drop_use() noexcept;

  [[nodiscard]] bool has_room(std::size_t text_bytes) const noexcept {
    return size_ < room_.series && room_.text_bytes - ends_[size_] >= text_bytes;
  }
  /// REQUIRES: has_room(labels.size()).
  void append(std::string_view labels, std::int64_t created) noexcept;

  /// How many series have been appended. Of whoever appends.
  [[nodiscard]] std::uint32_t size() const noexcept { return size_; }
  [[nodiscard]] std::uint32_t text_bytes() const noexcept { return ends_[size_]; }
  [[nodiscard]] label_texts texts(std::size_t first = 0) const noexcept {
    return {text_, ends_ + first};
  }
  /// When each series began, in milliseconds since 1970-01-01T00:00:00Z, 0 where that is not known.
  /// Null where the page does not say.
  [[nodiscard]] std::int64_t* created() const noexcept { return created_; }

 private:
  label_page(capacity const& room, std::byte* memory) noexcept;

  std::atomic<std::uint32_t> uses_{1};
  std::uint32_t size_ = 0;
  capacity const room_;
  std::int64_t* created_;
  std::uint32_t* ends_;
  char* text_;
};

/// Keeps a page.
class label_page_use {
 public:
  /// Takes a use over, if it is one.
  explicit label_page_use(label_page* page = nullptr) noexcept : page_(page) {}
  label_page_use(label_page_use&& other) noexcept : page_(other.page_) { other.page_ = nullptr; }
  label_page_use& operator=(label_page_use&& other) noexcept {
    label_page* const mine = page_;
    page_ = other.page_;
    other.page_ = mine;
    return *this;
  }
  ~label_page_use() {
    if (page_ != nullptr) page_->drop_use();
  }

  /// Another use of the page.
  [[nodiscard]] label_page_use again() const noexcept {
    page_->add_use();
    return label_page_use(page_);
  }
  label_page* operator->() const noexcept { return page_; }
  explicit operator bool() const noexcept { return page_ != nullptr; }

 private:
  label_page* page_;
};

}  // namespace stele::core
