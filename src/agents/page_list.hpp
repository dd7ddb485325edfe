// page_list.hpp: the series of one layout, in the order in which they came, on pages.
//
//   pages.reserve(3, bytes_of_their_labels);             // throws, and changes nothing that shows
//   cell const made = pages.add({part, index}, labels, created);
//   pages.take_out(made);
//   pages.close_ranks([&](series_page& page, std::uint32_t at) { tell_its_owner(page, at); });
//
// Threads: one changes it, under the family's mutex.

#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <new>
#include <string_view>
#include <utility>

#include "agents/series_page.hpp"

namespace stele::pushing {

class page_list {
 public:
  explicit page_list(series_page::form const& of) noexcept : form_(of) {}

  [[nodiscard]] list<owned_page> const& pages() const noexcept { return pages_; }
  [[nodiscard]] series_page::form const& form() const noexcept { return form_; }
  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }

  /// Makes room for so many series with labels of so many bytes in all. Throws std::bad_alloc.
  void reserve(std::uint32_t series, std::size_t text_bytes);
  /// REQUIRES: there is room. `target` is of a source alone.
  cell add(series_owner const& of, std::string_view labels, std::int64_t created,
           std::uint32_t target = 0) noexcept;
  void take_out(cell const& of) noexcept;

  /// Makes pages anew that have many holes, and drops those that are empty: moved(page, at) for
  /// each series that stands elsewhere now. Where there is no memory, holes stay.
  template <class Moved>
  void close_ranks(Moved moved) noexcept {
    if (!has_holes_) return;
    has_holes_ = false;
    for (owned_page& each : pages_) {
      if (each->series() == 0 || each->series() == each->size() || !each->is_sparse()) continue;
      try {
        each = made_anew(*each);
      } catch (std::bad_alloc const&) {
        continue;
      }
      for (std::uint32_t at = 0; at < each->size(); ++at) moved(*each, at);
    }
    std::erase_if(pages_, [](owned_page const& each) { return each->series() == 0; });
  }

 private:
  /// A page with the same series and no holes; the old one's lists of values go there.
  [[nodiscard]] owned_page made_anew(series_page& sparse) const;

  series_page::form const form_;
  std::size_t size_ = 0;
  bool has_holes_ = false;  // since close_ranks() last looked
  list<owned_page> pages_;
};

}  // namespace stele::pushing
