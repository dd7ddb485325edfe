#include "core/label_text.hpp"

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

template <class String>
void append_label(String& out, std::string_view name, std::string_view value) {
  out.append(name).append("=\"");
  for (char const c : value) {
    if (c == '\\' || c == '"') out += '\\';
    if (c == '\n')
      out += "\\n";
    else
      out += c;
  }
  out += '"';
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

vector<string> closed_label_texts(descriptor const& row) {
  std::size_t const count = closed_series_count(row);
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
  }
  return texts;
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

template void append_label(std::string&, std::string_view, std::string_view);
template void append_label(string&, std::string_view, std::string_view);
template void append_label(string_of<memory_part::readings>&, std::string_view, std::string_view);
template void append_valid_utf8(std::string&, std::string_view);
template void append_valid_utf8(string&, std::string_view);
template void append_valid_utf8(string_of<memory_part::readings>&, std::string_view);
template string render_labels(descriptor const&, std::string_view const*);
template string_of<memory_part::open_series> render_labels(descriptor const&,
                                                           std::string_view const*);

}  // namespace stele::core
