// exemplar_writer.cpp: the rules of an exemplar's labels.

#include <algorithm>
#include <new>

#include "core/label_text.hpp"
#include "stele/exemplar.hpp"
#include "stele/naming.hpp"

namespace stele {

bool exemplar_writer::has(std::string_view name) const noexcept {
  for (std::string_view rest = text(); !rest.empty();) {
    std::size_t const value = rest.find('\0') + 1;
    if (rest.substr(0, value - 1) == name) return true;
    rest.remove_prefix(rest.find('\0', value) + 1);
  }
  return false;
}

void exemplar_writer::append(std::string_view text) noexcept {
  code_points_ += static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
  spoiled_ = spoiled_ || code_points_ > code_points_max || size_ + text.size() >= text_max;
  if (spoiled_) return;
  size_ += text.copy(text_ + size_, text.size());
  text_[size_++] = '\0';
}

void exemplar_writer::add(std::string_view name, std::string_view value) noexcept try {
  spoiled_ = spoiled_ || !naming::valid_label_name(name) || has(name) || value.size() > bytes_max;
  if (spoiled_) return;
  core::string valid;
  core::append_valid_utf8(valid, value);
  append(name);
  append(valid);
} catch (std::bad_alloc const&) {
  spoiled_ = true;
}

}  // namespace stele
