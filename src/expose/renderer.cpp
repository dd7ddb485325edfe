#include "expose/renderer.hpp"

#include <utility>

#include "core/pool.hpp"

namespace stele::exposition {

namespace {

constinit core::pool<renderer, core::memory_part::snapshots> kept;

/// Null is allowed.
void give_back(renderer* used) noexcept {
  if (used != nullptr) used->shrink();
  kept.give_back(used);
}

}  // namespace

kept_renderer::kept_renderer() : render_(kept.take()) {}

kept_renderer::~kept_renderer() { give_back(render_); }

void renderer::start(core::snapshot_data const& values, render_options const& options) noexcept {
  values_ = &values;
  options_ = options;
  family_ = 0;
  in_family_ = false;
  ended_ = false;
  buffer_.clear();
}

std::string_view renderer::next() {
  buffer_.drop_taken();
  if (!ended_ && !buffer_.has_chunk()) fill();
  return buffer_.take();
}

template <class Family>
bool renderer::fill_from(Family& family) {
  if (!in_family_) family.start(*values_, values_->families[family_], options_);
  in_family_ = true;
  if (!family.fill(buffer_)) return false;
  in_family_ = false;
  return true;
}

void renderer::fill() {
  for (; family_ < values_->families.size(); ++family_) {
    bool const ended = options_.which == format::protobuf ? fill_from(protobuf_) : fill_from(text_);
    if (!ended) return;
  }
  if (options_.which == format::openmetrics) buffer_.append("# EOF\n");
  ended_ = true;
}

}  // namespace stele::exposition

namespace stele {

std::string_view content_type(format which) noexcept {
  switch (which) {
    case format::text: return "text/plain; version=0.0.4; charset=utf-8";
    case format::openmetrics: return "application/openmetrics-text; version=1.0.0; charset=utf-8";
    case format::protobuf:
      return "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; "
             "encoding=delimited";
  }
  return {};
}

void expose(snapshot const& values, format which, sink write, expose_options const& options) {
  exposition::kept_renderer const render;
  render->start(values.data(), {.which = which, .created = options.created});
  for (auto chunk = render->next(); !chunk.empty(); chunk = render->next()) write(chunk);
}

exposition_stream::exposition_stream(snapshot values, format which, expose_options const& options)
    : values_(std::move(values)), render_(exposition::kept.take()) {
  render_->start(values_.data(), {.which = which, .created = options.created});
}

exposition_stream::exposition_stream(exposition_stream&& other) noexcept
    : values_(std::move(other.values_)), render_(std::exchange(other.render_, nullptr)) {}

exposition_stream& exposition_stream::operator=(exposition_stream&& other) noexcept {
  exposition_stream taken(std::move(other));  // ends with what this had
  std::swap(values_, taken.values_);
  std::swap(render_, taken.render_);
  return *this;
}

exposition_stream::~exposition_stream() { exposition::give_back(render_); }

std::string_view exposition_stream::next() { return render_->next(); }

}  // namespace stele
