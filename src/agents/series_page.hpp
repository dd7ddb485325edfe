// series_page.hpp: the values of some series of one layout, side by side, and whose they are.
//
//   owned_page page = series_page::make({.of = &layout, .values = 1}, {.series = 64, …});
//   std::uint32_t const at = page->add({part, index}, labels, created);
//   std::atomic_ref(*page->values(at)).store(bits, std::memory_order_relaxed);
//
// A page has the labels of its series on a label_page; one of sources, which are added up, has
// none, but each series' target. A series that ends leaves a hole.
//
// Threads: one changes it, under the family's mutex; but a value of a page with one value a series
// is an atomic that is written without.

#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "agents/pushed_memory.hpp"
#include "core/label_page.hpp"

namespace stele::pushing {

/// Whose series one is: the part of a group, and its place in the part's shape.
struct series_owner {
  std::uint32_t part;
  std::uint32_t index;
};

struct pushed_layout;

class series_page {
 public:
  static constexpr std::uint32_t hole = 0xffff'ffff;

  struct form {
    pushed_layout* of = nullptr;
    std::uint32_t values = 1;  // of a series; 0: its own number (native buckets)
    bool labelled = true;
    bool dated = false;  // the labels' page says when series began
  };
  struct room {
    std::uint32_t series;
    std::uint32_t text_bytes;
  };
  struct destroy {
    void operator()(series_page* page) const noexcept;
  };

  /// Throws std::bad_alloc.
  static std::unique_ptr<series_page, destroy> make(form const& of, room const& size);
  series_page(series_page const&) = delete;
  series_page& operator=(series_page const&) = delete;

  [[nodiscard]] bool has_room(std::uint32_t series, std::size_t text_bytes) const noexcept {
    return size_.series - used_ >= series &&
           (!form_.labelled || size_.text_bytes - labels_->text_bytes() >= text_bytes);
  }
  /// Its values are 0, or none. REQUIRES: has_room(1, labels.size()).
  std::uint32_t add(series_owner const& of, std::string_view labels, std::int64_t created,
                    std::uint32_t target) noexcept;
  void take_out(std::uint32_t at) noexcept;

  /// Places, holes among them; and how many are series.
  [[nodiscard]] std::uint32_t size() const noexcept { return used_; }
  [[nodiscard]] std::uint32_t series() const noexcept { return series_; }

  [[nodiscard]] std::uint64_t* values(std::uint32_t at) noexcept {
    return form_.values == 0 ? lists_[at].data() : numbers() + std::size_t{at} * form_.values;
  }
  /// Of a page of one value a series.
  [[nodiscard]] std::uint64_t* numbers() noexcept {
    return reinterpret_cast<std::uint64_t*>(this + 1);
  }
  /// Of a page with native buckets.
  [[nodiscard]] list<std::uint64_t>& values_list(std::uint32_t at) noexcept { return lists_[at]; }
  /// The part that each series is of, or `hole`; its place there; the target of a source.
  [[nodiscard]] std::uint32_t* parts() noexcept {
    return reinterpret_cast<std::uint32_t*>(numbers() + std::size_t{size_.series} * form_.values);
  }
  [[nodiscard]] std::uint32_t* indexes() noexcept { return parts() + size_.series; }
  [[nodiscard]] std::uint32_t* targets() noexcept { return indexes() + size_.series; }
  [[nodiscard]] core::label_page_use const& labels() const noexcept { return labels_; }
  [[nodiscard]] std::int64_t created(std::uint32_t at) const noexcept {
    return form_.dated ? labels_->created()[at] : 0;
  }
  [[nodiscard]] form const& has() const noexcept { return form_; }
  [[nodiscard]] pushed_layout& layout() const noexcept { return *form_.of; }

  /// Whether it is to be made anew without its holes: many small ones cost a gather as much as few
  /// large ones.
  [[nodiscard]] bool is_sparse() noexcept;

 private:
  series_page(form const& of, room const& size) noexcept : form_(of), size_(size) {}
  static std::size_t bytes(form const& of, room const& size) noexcept;

  form const form_;
  room const size_;
  std::uint32_t used_ = 0;
  std::uint32_t series_ = 0;
  core::label_page_use labels_;
  list<list<std::uint64_t>> lists_;
};

using owned_page = std::unique_ptr<series_page, series_page::destroy>;

/// A series of a page. The page is null where there is none.
struct cell {
  series_page* page = nullptr;
  std::uint32_t at = 0;
};

}  // namespace stele::pushing
