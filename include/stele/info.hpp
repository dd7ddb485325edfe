// info.hpp: what is true of the program, as labels; the value is always 1.
//
// Threads: every method may be called from any thread at any time. A call is one change: of
// several set() the last one stays, and a scrape sees the row before a call or after it.
//
//   metric<"shop_build_info">.set({.version = "1.4.2", .revision = "9f2c1ab"});
//   metric<"shop_license_info">.add({.feature = "search"});     // beside the others
//   metric<"shop_license_info">.remove({.feature = "search"});

#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include "label.hpp"
#include "slab.hpp"
#include "wrong_call.hpp"

namespace stele {

namespace core {

/// Shows the series of these label values (one a label, in table order), beside the others or
/// `alone`, in their place. Any thread. Without memory for it the row stays as it is.
/// REQUIRES: no value has a null data pointer.
STELE_API void show_info(table_link& link, std::size_t row, std::string_view const* values,
                         std::size_t count, bool alone) noexcept;

/// Takes a series away; false where it was not shown. Any thread. REQUIRES: as show_info.
STELE_API bool hide_info(table_link& link, std::size_t row, std::string_view const* values,
                         std::size_t count) noexcept;

/// Takes all series of a row away. Any thread.
STELE_API void clear_info(table_link& link, std::size_t row) noexcept;

}  // namespace core

/// An info row. It has no series until the first set() or add(), whatever its labels are. A row
/// without labels is shown by set().
template <class Row>
class info : public wrong_calls<Row> {
 public:
  using row = Row;
  using labels_type = typename Row::labels;

  /// Shows these labels in the place of whatever the row showed. A label value that the table does
  /// not allow changes nothing, and is refused and counted.
  void set(labels_type const& labels = {}) const noexcept { show(labels, true); }

  /// Shows these labels beside the others.
  void add(labels_type const& labels = {}) const noexcept { show(labels, false); }

  /// Takes these labels away; false where the row did not show them.
  bool remove(labels_type const& labels = {}) const noexcept {
    use_row<Row>();
    if constexpr (!instruments_enabled) return false;
    auto const texts = texts_of(labels);
    return !any_refused<Row>(texts) &&
           core::hide_info(link(), Row::index, texts.data(), texts.size());
  }

  /// Takes all away: the row is then left out of a scrape.
  void clear() const noexcept {
    use_row<Row>();
    if constexpr (instruments_enabled) core::clear_info(link(), Row::index);
  }

  /// An argument that is no label set: set(1).
  template <class Value>
  int set(Value const&) const {
    static_assert(call_on<Row>::exists,
                  "set(value) requires a gauge; on an info row use set({.label = value, …}), which "
                  "replaces what it shows");
    return 0;
  }
  template <class SameRow = Row>
  int with(typename SameRow::labels const&) const {
    static_assert(call_on<SameRow>::exists,
                  "with() requires a row whose series have values; on an info row use "
                  "set({.label = value, …}), or add({…}) for one beside the others");
    return 0;
  }

 private:
  static core::table_link& link() noexcept { return link_of<typename Row::table>; }

  static constexpr auto texts_of(labels_type const& labels) noexcept {
    if constexpr (Row::about.labels.empty())
      return std::array<std::string_view, 0>();
    else
      return label_texts(labels);
  }

  void show(labels_type const& labels, bool alone) const noexcept {
    use_row<Row>();
    if constexpr (!instruments_enabled) return;
    auto const texts = texts_of(labels);
    if (any_refused<Row>(texts))
      core::refuse(link(), Row::index);
    else
      core::show_info(link(), Row::index, texts.data(), texts.size(), alone);
  }
};

}  // namespace stele
