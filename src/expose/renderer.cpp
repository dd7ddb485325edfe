#include "expose/renderer.hpp"

#include <algorithm>

#include "expose/text.hpp"

namespace stele::exposition {

renderer::renderer(core::snapshot_data const& values, format which)
    : values_(values), format_(which) {}

std::string_view renderer::next() {
  buffer_.erase(0, taken_);
  if (buffer_.size() < chunk_bytes_max) fill();
  taken_ = std::min(buffer_.size(), chunk_bytes_max);
  return std::string_view(buffer_).substr(0, taken_);
}

void renderer::fill() {
  for (; family_ < values_.families.size(); ++family_) {
    auto const& family = values_.families[family_];
    auto const constants = family.constant_labels != nullptr
                               ? std::string_view(family.constant_labels->rendered)
                               : std::string_view();
    if (!opened_) {
      series_ = family.first_series;
      if (has_samples(values_, family)) append_metadata(buffer_, *family.about, format_);
      opened_ = true;
    }
    for (; series_ < family.end_series; ++series_) {
      if (buffer_.size() >= chunk_bytes_max) return;
      append_series(buffer_, values_, *family.about, values_.series[series_], constants, format_);
    }
    opened_ = false;
  }
  if (!ended_ && format_ == format::openmetrics) buffer_ += "# EOF\n";
  ended_ = true;
}

}  // namespace stele::exposition

namespace stele {

std::string_view content_type(format which) noexcept {
  switch (which) {
    case format::text: return "text/plain; version=0.0.4; charset=utf-8";
    case format::openmetrics: return "application/openmetrics-text; version=1.0.0; charset=utf-8";
  }
  return {};
}

void expose(snapshot const& values, format which, sink write) {
  exposition::renderer render(values.data(), which);
  for (auto chunk = render.next(); !chunk.empty(); chunk = render.next()) write(chunk);
}

}  // namespace stele
