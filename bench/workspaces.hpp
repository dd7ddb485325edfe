// workspaces.hpp: the work that scrapes are measured with: gauges of one family, two labels each.
//
//   bench::workspace const one(i);          // one.owner, one.name: 34 bytes each, all distinct
//   gauge.with({.owner_name = one.owner, .workspace_name = one.name}).set(bench::cores(i));
//
// Numbers in the names are in no order, as names are not: two that follow each other compress no
// better in one exposition than in another one's order.
//
// Threads: pure functions.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace bench {

inline constexpr std::size_t workspace_text_bytes = 34;

/// `start` and a number, with zeros between them.
inline std::string numbered(std::string_view start, std::uint64_t number) {
  std::string text(start);
  std::string const digits = std::to_string(number);
  text.append(workspace_text_bytes - start.size() - digits.size(), '0');
  return text += digits;
}

/// The names of one of up to 10,000,000 workspaces. The factors are prime to the moduli.
struct workspace {
  explicit workspace(std::uint64_t i)
      : owner(numbered("customer-engineering-team-", i * 73'687'877 % 100'000'000)),
        name(numbered("development-environment-of-", i * 7'368'787 % 10'000'000)) {}

  std::string owner;
  std::string name;
};

/// A third of all: integers, quarters (.25, .5 or .75), decimals of 15 digits.
inline double cores(std::uint64_t i) {
  auto const whole = static_cast<double>(i * 7'919 % 1'000);
  switch (i % 3) {
    case 0: return whole;
    case 1: return whole + 0.25 * static_cast<double>(1 + i / 3 % 3);
    default: {
      std::uint64_t const most = 900'000'000'000'000;
      std::uint64_t const digits = 100'000'000'000'001 + i * 7'378'697'629'483 % most / 10 * 10;
      return static_cast<double>(digits) / 1e14;  // the last of the 15 digits is a 1
    }
  }
}

/// Makes `count` series of the row of either table: `metric` is metric<"coderd_workspace_…">.
template <class Metric>
void make_workspaces(Metric const& metric, std::size_t count) {
  metric.limit_series(count);
  for (std::size_t i = 0; i < count; ++i) {
    workspace const one(i);
    metric.with({.owner_name = one.owner, .workspace_name = one.name}).set(cores(i));
  }
}

}  // namespace bench
