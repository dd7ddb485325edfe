#include "expose/renderer.hpp"

#include "core/pool.hpp"

namespace stele::exposition {

namespace {

constinit core::pool<renderer, core::memory_part::snapshots> kept;

}  // namespace

kept_renderer::kept_renderer() : render_(kept.take()) {}

kept_renderer::~kept_renderer() { kept.give_back(render_); }

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

void renderer::fill() {
  for (; family_ < values_->families.size(); ++family_) {
    if (!in_family_) text_.start(*values_, values_->families[family_], options_);
    in_family_ = true;
    if (!text_.fill(buffer_)) return;
    in_family_ = false;
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

}  // namespace stele
