// series_table.hpp: the series of a bundle, found by family and labels.
//
//   series_table all;
//   all.clear();
//   auto const [index, is_new] = all.find_or_add(family, R"(queue="a")");
//
// Threads: one; its memory is used again.

#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "agents/kept_memory.hpp"

namespace stele::pushing {

class series_table {
 public:
  struct entry {
    std::uint32_t family;
    std::uint32_t label_begin;
    std::uint32_t label_end;
    std::size_t hash;
  };

  void clear() noexcept {
    forget(entries_);
    forget(text_);
    // Few of them, because all of them are set to 0 for each bundle.
    if (slots_.size() > slots_kept_max)
      std::vector<std::uint32_t>().swap(slots_);
    else
      std::fill(slots_.begin(), slots_.end(), 0U);
  }

  [[nodiscard]] std::uint32_t size() const noexcept {
    return static_cast<std::uint32_t>(entries_.size());
  }
  [[nodiscard]] entry const& operator[](std::uint32_t index) const noexcept {
    return entries_[index];
  }
  [[nodiscard]] std::string_view labels(std::uint32_t index) const noexcept {
    return std::string_view(text_).substr(entries_[index].label_begin,
                                          entries_[index].label_end - entries_[index].label_begin);
  }

  struct found {
    std::uint32_t index;
    bool is_new;
  };
  /// Throws std::bad_alloc.
  found find_or_add(std::uint32_t family, std::string_view labels) {
    // Most samples of a histogram follow one of the same series.
    if (!entries_.empty() && is(size() - 1, family, labels)) return {size() - 1, false};
    if (2 * entries_.size() >= slots_.size()) grow();
    std::size_t const hash =
        std::hash<std::string_view>()(labels) ^ (family * std::size_t{0x9E3779B97F4A7C15U});
    std::size_t at = hash & (slots_.size() - 1);
    for (; slots_[at] != 0; at = (at + 1) & (slots_.size() - 1)) {
      std::uint32_t const index = slots_[at] - 1;
      if (entries_[index].hash == hash && is(index, family, labels)) return {index, false};
    }
    auto const begin = static_cast<std::uint32_t>(text_.size());
    text_ += labels;
    entries_.push_back({family, begin, static_cast<std::uint32_t>(text_.size()), hash});
    slots_[at] = size();
    return {size() - 1, true};
  }

 private:
  static constexpr std::size_t slots_min = 256;
  static constexpr std::size_t slots_kept_max = 4'096;

  [[nodiscard]] bool is(std::uint32_t index, std::uint32_t family, std::string_view labels) const {
    return entries_[index].family == family && this->labels(index) == labels;
  }
  void grow() {
    slots_.assign(slots_.empty() ? slots_min : 2 * slots_.size(), 0);
    for (std::uint32_t index = 0; index < size(); ++index) {
      std::size_t at = entries_[index].hash & (slots_.size() - 1);
      while (slots_[at] != 0) at = (at + 1) & (slots_.size() - 1);
      slots_[at] = index + 1;
    }
  }

  std::vector<entry> entries_;
  std::string text_;
  std::vector<std::uint32_t> slots_;  // index + 1; 0: none
};

}  // namespace stele::pushing
