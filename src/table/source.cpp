#include "table/source.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "table/text.hpp"

namespace stele::tables {

namespace {

std::size_t characters(std::string_view text) noexcept {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;  // not a continuation byte
  }));
}

}  // namespace

source_text::source_text(std::string_view bytes) : text_(bytes) {
  constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
  if (text_.starts_with(byte_order_mark)) text_.remove_prefix(byte_order_mark.size());
  line_begins_.push_back(0);
  for (std::size_t i = 0; i < text_.size(); ++i) {
    bool const return_before_newline =
        text_[i] == '\r' && i + 1 < text_.size() && text_[i + 1] == '\n';
    if ((text_[i] == '\n' || text_[i] == '\r') && !return_before_newline)
      line_begins_.push_back(i + 1);
  }
}

std::size_t source_text::line_begin(std::size_t line) const noexcept {
  return line >= 1 && line <= line_begins_.size() ? line_begins_[line - 1] : text_.size();
}

std::string_view source_text::line(std::size_t line) const noexcept {
  std::size_t const begin = line_begin(line);
  std::string_view text = text_.substr(begin, line_begin(line + 1) - begin);
  while (text.ends_with('\n') || text.ends_with('\r')) text.remove_suffix(1);
  return text;
}

position source_text::position_of(std::size_t offset) const noexcept {
  offset = std::min(offset, text_.size());
  auto const after = std::upper_bound(line_begins_.begin(), line_begins_.end(), offset);
  auto const line = static_cast<std::size_t>(after - line_begins_.begin());
  return {line, 1 + characters(text_.substr(line_begin(line), offset - line_begin(line)))};
}

position source_text::position_after(std::size_t earlier, position known,
                                     std::size_t offset) const noexcept {
  offset = std::min(offset, text_.size());
  bool const same_line = earlier <= offset && offset < line_begin(known.line + 1);
  if (!same_line) return position_of(offset);
  return {known.line, known.column + characters(text_.substr(earlier, offset - earlier))};
}

bool source_text::check_encoding(diagnostics& found) const {
  constexpr std::size_t reported_max = 20;
  std::size_t faults = 0;
  for (std::size_t i = 0; i < text_.size();) {
    std::size_t const size = utf8_sequence_size(text_.substr(i));
    bool const bad = size == 0 || text_[i] == '\0';
    if (bad && ++faults <= reported_max) {
      auto const byte = static_cast<unsigned char>(text_[i]);
      found.error(i, fmt::format("expected UTF-8 text, saw the byte 0x{:02X}", byte),
                  byte == 0 ? "nul" : "utf-8", "save the page as UTF-8");
    }
    i += size == 0 ? 1 : size;
  }
  return faults == 0;
}

}  // namespace stele::tables
