#include "core/label_text.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "stele/slab.hpp"

namespace stele::core {

namespace {

/// The length of the well-formed UTF-8 sequence that `text` starts with, or 0. Table 3-7 of the
/// Unicode standard: no overlong form, no surrogate, nothing above U+10FFFF.
std::size_t sequence_length(std::string_view text) noexcept {
  auto const byte = [&](std::size_t i) {
    return i < text.size() ? static_cast<std::uint8_t>(text[i]) : std::uint8_t{0};
  };
  auto const continues = [&](std::size_t i, std::uint8_t low = 0x80, std::uint8_t high = 0xBF) {
    return byte(i) >= low && byte(i) <= high;
  };
  std::uint8_t const lead = byte(0);
  if (lead < 0x80) return lead == 0 ? 0 : 1;
  if (lead >= 0xC2 && lead <= 0xDF) return continues(1) ? 2 : 0;
  if (lead >= 0xE0 && lead <= 0xEF) {
    std::uint8_t const low = lead == 0xE0 ? 0xA0 : 0x80;
    std::uint8_t const high = lead == 0xED ? 0x9F : 0xBF;
    return continues(1, low, high) && continues(2) ? 3 : 0;
  }
  if (lead >= 0xF0 && lead <= 0xF4) {
    std::uint8_t const low = lead == 0xF0 ? 0x90 : 0x80;
    std::uint8_t const high = lead == 0xF4 ? 0x8F : 0xBF;
    return continues(1, low, high) && continues(2) && continues(3) ? 4 : 0;
  }
  return 0;
}

}  // namespace

char* write_label(char* to, std::string_view name, std::string_view value) noexcept {
  to = std::copy(name.begin(), name.end(), to);
  *to++ = '=';
  *to++ = '"';
  for (char const c : value) {
    if (c == '\\' || c == '"' || c == '\n') *to++ = '\\';
    *to++ = c == '\n' ? 'n' : c;
  }
  *to++ = '"';
  return to;
}

template <class String>
void append_label(String& out, std::string_view name, std::string_view value) {
  std::size_t const begin = out.size();
  out.resize(begin + name.size() + 2 * value.size() + 3);
  char const* const end = write_label(out.data() + begin, name, value);
  out.resize(static_cast<std::size_t>(end - out.data()));
}

template <class String>
String render_labels(descriptor const& row, std::string_view const* values) {
  String out;
  for (std::size_t i = 0; i < row.labels.size(); ++i) {
    if (i != 0) out += ',';
    append_label(out, row.labels[i].name, values[i]);
  }
  return out;
}

label_page_use closed_label_page(descriptor const& row) {
  std::size_t const count = closed_series_count(row);
  std::size_t bytes = 0;
  vector<string> texts;
  texts.reserve(count);
  vector<std::string_view> values(row.labels.size());
  for (std::size_t series = 0; series < count; ++series) {
    std::size_t rest = series;
    for (std::size_t i = row.labels.size(); i-- > 0;) {
      auto const& set = row.labels[i].values;
      values[i] = set[rest % set.size()];
      rest /= set.size();
    }
    texts.push_back(render_labels(row, values.data()));
    bytes += texts.back().size();
  }
  label_page_use page =
      label_page::make({static_cast<std::uint32_t>(count), static_cast<std::uint32_t>(bytes),
                        row.has_begin(), memory_part::tables});
  for (string const& each : texts) page->append(each, 0);
  return page;
}

template <class String>
void append_valid_utf8(String& out, std::string_view text) {
  constexpr std::string_view replacement = "\xEF\xBF\xBD";
  while (!text.empty()) {
    std::size_t const length = sequence_length(text);
    out.append(length == 0 ? replacement : text.substr(0, length));
    text.remove_prefix(length == 0 ? 1 : length);
  }
}

void append_valid_utf8(std::string& out, std::string_view text) {
  append_valid_utf8<std::string>(out, text);
}

template void append_label(std::string&, std::string_view, std::string_view);
template void append_label(string&, std::string_view, std::string_view);
template void append_label(string_of<memory_part::readings>&, std::string_view, std::string_view);
template void append_valid_utf8(string&, std::string_view);
template void append_valid_utf8(string_of<memory_part::readings>&, std::string_view);
template string render_labels(descriptor const&, std::string_view const*);
template string_of<memory_part::open_series> render_labels(descriptor const&,
                                                           std::string_view const*);

}  // namespace stele::core
