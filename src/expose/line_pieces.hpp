// line_pieces.hpp: what stands before and behind a series' labels, for each of a family's lines.
//
//   lines.start(about, constants);
//   lines.add("jobs_total", "");                    // jobs_total{region="eu",…}
//   lines.add("wait_bucket", "le=\"0.5\"");         // wait_bucket{region="eu",…,le="0.5"}
//   at = copy_text(at, lines.head(1));
//   at = copy_text(at, labels);
//   at = copy_text(at, lines.tail(1));
//
// Threads: one. Its memory is used again for the next family.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/label_page.hpp"
#include "core/memory.hpp"
#include "stele/descriptor.hpp"

namespace stele::exposition {

class line_pieces {
 public:
  /// `constants` are the rendered labels of every series.
  void start(descriptor const& about, std::string_view constants) noexcept {
    text_.clear();
    lines_.clear();
    constants_ = constants;
    has_labels_ = !about.labels.empty();
  }

  /// A line of the sample `name` `suffix`; `extra`, if it is not empty, is a rendered label behind
  /// all others. Throws std::bad_alloc.
  void add(std::string_view name, std::string_view suffix, std::string_view extra = {}) {
    std::uint32_t const head = size();
    text_.append(name).append(suffix);
    bool const braces = has_labels_ || !constants_.empty() || !extra.empty();
    if (braces) text_ += '{';
    text_.append(constants_);
    if (has_labels_ && !constants_.empty()) text_ += ',';
    std::uint32_t const tail = size();
    if (!extra.empty() && (has_labels_ || !constants_.empty())) text_ += ',';
    text_.append(extra);
    text_.append(braces ? "} " : " ");
    lines_.push_back({head, tail, size()});
  }

  /// After the last line: pieces may be copied in whole words from here on. Throws std::bad_alloc.
  void end() { text_.append(core::label_texts::slack, '\0'); }

  [[nodiscard]] std::size_t count() const noexcept { return lines_.size(); }
  /// Bytes of all heads and tails together.
  [[nodiscard]] std::size_t bytes() const noexcept {
    return lines_.empty() ? 0 : lines_.back().end;
  }
  [[nodiscard]] std::string_view head(std::size_t i) const noexcept {
    return {text_.data() + lines_[i].head, lines_[i].tail - lines_[i].head};
  }
  [[nodiscard]] std::string_view tail(std::size_t i) const noexcept {
    return {text_.data() + lines_[i].tail, lines_[i].end - lines_[i].tail};
  }

 private:
  struct line {
    std::uint32_t head;
    std::uint32_t tail;
    std::uint32_t end;
  };

  [[nodiscard]] std::uint32_t size() const noexcept {
    return static_cast<std::uint32_t>(text_.size());
  }

  std::string_view constants_{};
  bool has_labels_ = false;
  core::string_of<core::memory_part::snapshots> text_;
  core::vector<line, core::memory_part::snapshots> lines_;
};

}  // namespace stele::exposition
