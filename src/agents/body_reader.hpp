// body_reader.hpp: from the bytes of a push to a bundle.
//
//   body_reader reads(limits, shapes);
//   auto read = reads.read(body, {.type = body_type::text, .gzip = true, .group_labels =
//   key.labels},
//                          store.last_shape(…));
//   if (auto const* fault = std::get_if<body_fault>(&read)) …
//
// A text that differs from the last one of its group in numbers alone is read by that one's plan.
// What is wrong in one family alone is in the shape's `refused`; what is wrong with all of it is a
// body_fault. Threads: one; its memory is used again.

#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "agents/bundle.hpp"
#include "agents/push_limits.hpp"

namespace stele::pushing {

class shape_cache;  // shape_cache.hpp: equal shapes are kept once

enum class body_type : std::uint8_t { text, openmetrics, protobuf };

struct body_description {
  body_type type = body_type::text;
  bool gzip = false;
  /// Labels of the group, which overwrite those of the body of the same name: they are left out of
  /// the series' own labels, whatever their value there.
  std::span<std::pair<std::string, std::string> const> group_labels{};
};

/// Of a Content-Type field: all three parts make it protobuf, application/openmetrics-text makes it
/// OpenMetrics, anything else is tried as text 0.0.4.
body_type body_type_of(std::string_view content_type) noexcept;

class body_reader {
 public:
  body_reader(push_limits const& limits, std::shared_ptr<shape_cache> shapes);
  ~body_reader();
  body_reader(body_reader const&) = delete;
  body_reader& operator=(body_reader const&) = delete;

  /// Throws std::bad_alloc.
  std::variant<bundle, body_fault> read(std::string_view body, body_description const& about,
                                        std::shared_ptr<shape const> const& last);

 private:
  class impl;
  std::unique_ptr<impl> impl_;
};

}  // namespace stele::pushing
