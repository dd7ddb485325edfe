#include "core/snapshot_data.hpp"

#include "core/native_counts.hpp"
#include "core/native_index.hpp"

namespace stele::core {

void append_native(native_counts const& from, snapshot_vector<std::uint64_t>& to) {
  to.push_back(static_cast<std::uint64_t>(from.schema));
  to.push_back(std::bit_cast<std::uint64_t>(native_zero_threshold));
  to.push_back(from.zero_count);
  for (native_window const& window : from.windows) {
    auto const [begin, end] = window.used();
    to.push_back(static_cast<std::uint64_t>(window.first + begin));
    to.push_back(static_cast<std::uint64_t>(end - begin));
    to.insert(to.end(), window.counts.begin() + begin, window.counts.begin() + end);
  }
}

native_values native_of(descriptor const& row, std::uint64_t const* values) noexcept {
  std::uint64_t const* at = values + row.bounds.size() + 2;
  auto const sign = [&at] {
    native_values::sign const read{static_cast<std::int64_t>(at[0]), {at + 2, at[1]}};
    at += 2 + read.counts.size();
    return read;
  };
  native_values result{};
  result.schema = static_cast<int>(static_cast<std::int64_t>(*at++));
  result.zero_threshold = std::bit_cast<double>(*at++);
  result.zero_count = *at++;
  result.positive = sign();
  result.negative = sign();
  return result;
}

std::size_t value_count(descriptor const& row, std::uint64_t const* values) noexcept {
  switch (row.type) {
    case metric_type::histogram: {
      if (!row.native()) return row.bounds.size() + 2;
      auto const end = native_of(row, values).negative.counts;
      return static_cast<std::size_t>(end.data() + end.size() - values);
    }
    case metric_type::summary: return row.quantiles.size() + 2;
    case metric_type::counter:
    case metric_type::gauge:
    case metric_type::info:
    case metric_type::stateset:
    case metric_type::unknown: break;
  }
  return 1;
}

}  // namespace stele::core
