// agents_case.hpp: what the tests of pushed bodies share: bodies read, and bundles as text.
//
//   EXPECT_EQ(lines_of(read("jobs 3\n")), "unknown jobs\n  {} 3\n");
//
// Threads: one.

#pragma once

#include <gtest/gtest.h>

#include <bit>
#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "agents/body_reader.hpp"
#include "agents/shape_cache.hpp"
#include "agents_bundle_text.hpp"

namespace stele::pushing {

using group_labels = std::vector<std::pair<std::string, std::string>>;
using read_result = std::variant<bundle, body_fault>;

struct body_case {
  push_limits limits{};
  std::shared_ptr<shape_cache> shapes = std::make_shared<shape_cache>();
  body_reader reads{limits, shapes};
  group_labels group{{"job", "agent"}, {"user_id", "u"}, {"workspace_id", "w"}};

  explicit body_case(push_limits const& bounds = {}) : limits(bounds) {}

  read_result read(std::string_view body, body_type type = body_type::text,
                   std::shared_ptr<shape const> const& last = nullptr, bool gzip = false) {
    return reads.read(body, {.type = type, .gzip = gzip, .group_labels = group}, last);
  }
  /// The bundle as text, or the fault.
  std::string text(std::string_view body, body_type type = body_type::text) {
    return text_of(read(body, type));
  }
  static std::string text_of(read_result const& result) {
    if (auto const* fault = std::get_if<body_fault>(&result)) return fault->text();
    return bundle_text(std::get<bundle>(result));
  }
};

inline std::string text_of_body(std::string_view body, body_type type = body_type::text) {
  return body_case().text(body, type);
}

/// What is wrong with a whole body; empty where nothing is.
inline std::string fault_of(std::string_view body, body_type type = body_type::text) {
  read_result const result = body_case().read(body, type);
  auto const* fault = std::get_if<body_fault>(&result);
  return fault ? fault->text() : std::string();
}

/// `family reason` of each refusal, one a line.
inline std::string refusals_of(std::string_view body, body_type type = body_type::text) {
  read_result const result = body_case().read(body, type);
  if (auto const* fault = std::get_if<body_fault>(&result)) return fault->text();
  std::string all;
  for (family_refusal const& each : std::get<bundle>(result).of->refused)
    all.append(each.family)
        .append(" ")
        .append(refusal_reason_names[static_cast<std::size_t>(each.reason)])
        .append("\n");
  return all;
}

}  // namespace stele::pushing
