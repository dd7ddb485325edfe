#include "agents/text_plan.hpp"

#include <bit>
#include <cstring>
#include <functional>
#include <utility>

#include "agents/number_text.hpp"

namespace stele::pushing {

namespace {

/// Whether a number fits, and where it goes then.
bool put(number_step const& step, double value, std::uint64_t* values, std::uint64_t* counts,
         std::int64_t* created) noexcept {
  switch (step.use) {
    case number_use::not_negative:
      if (!(value >= 0)) return false;
      break;
    case number_use::one:
      if (value != 1) return false;
      break;
    case number_use::state:
      if (value != 0 && value != 1) return false;
      break;
    case number_use::count:
    case number_use::checked: {
      auto const count = count_of(value);
      if (!count) return false;
      (step.use == number_use::count ? values : counts)[step.target] = *count;
      return true;
    }
    case number_use::created: {
      auto const time = milliseconds_of(value);
      if (!time) return false;
      created[step.target] = *time;
      return true;
    }
    case number_use::left_out: return true;
    case number_use::any: break;
  }
  values[step.target] = std::bit_cast<std::uint64_t>(value);
  return true;
}

}  // namespace

bool make_not_cumulative(std::uint64_t* first, std::size_t count) noexcept {
  for (std::size_t i = count; i-- > 1;) {
    if (first[i] < first[i - 1]) return false;
    first[i] -= first[i - 1];
  }
  return true;
}

text_plan::text_plan(parts made)
    : all_(std::move(made)),
      hash_(std::hash<std::string_view>()(all_.literals) * 31 + all_.steps.size()) {}

bool text_plan::read(std::string_view body, body_type type, std::string_view group_names,
                     std::vector<std::uint64_t>& counts, std::vector<std::uint64_t>& values,
                     std::vector<std::int64_t>& created) const {
  // What cannot be is told before there is any memory.
  std::size_t const first_literal =
      all_.steps.empty() ? all_.literals.size() : all_.steps.front().literal_bytes;
  if (type != all_.type || group_names != all_.group_names ||
      body.size() < all_.literals.size() + all_.steps.size() ||
      !body.starts_with(std::string_view(all_.literals).substr(0, first_literal)))
    return false;
  values.resize(all_.values);
  counts.resize(all_.counts);
  created.assign(all_.created, 0);
  char const* at = body.data();
  char const* const end = at + body.size();
  char const* literal = all_.literals.data();
  for (number_step const& step : all_.steps) {
    if (static_cast<std::size_t>(end - at) < step.literal_bytes ||
        std::memcmp(at, literal, step.literal_bytes) != 0)
      return false;
    at += step.literal_bytes;
    literal += step.literal_bytes;
    double value;
    if (!read_number(at, end, value) ||
        !put(step, value, values.data(), counts.data(), created.data()))
      return false;
  }
  if (std::string_view(at, static_cast<std::size_t>(end - at)) !=
      std::string_view(
          literal, static_cast<std::size_t>(all_.literals.data() + all_.literals.size() - literal)))
    return false;
  for (histogram_step const& each : all_.histograms) {
    std::uint64_t* const first = values.data() + each.first_value;
    bool const agrees =
        each.count == histogram_step::no_count || counts[each.count] == first[each.buckets - 1];
    if (!agrees || !make_not_cumulative(first, each.buckets)) return false;
    if (each.missing_sum != histogram_step::no_count)
      values[each.missing_sum] =
          std::bit_cast<std::uint64_t>(std::numeric_limits<double>::quiet_NaN());
  }
  return true;
}

}  // namespace stele::pushing
