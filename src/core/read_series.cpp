// read_series.cpp: one series of a snapshot, for tests of a service.

#include <algorithm>
#include <bit>

#include "core/label_text.hpp"
#include "core/label_values.hpp"
#include "core/snapshot_data.hpp"
#include "core/table_state.hpp"
#include "stele/testing.hpp"

namespace stele::testing::detail {

namespace {

/// A callback may give a double to a row that counts, or the other way round.
std::uint64_t in_row_kind(descriptor const& row, std::uint64_t bits, number::kind kind) noexcept {
  bool const floating = kind == number::kind::floating;
  if (row.integral() && floating) {
    double const value = std::bit_cast<double>(bits);
    constexpr double end = 9223372036854775808.0;  // 2^63
    return value < end ? static_cast<std::uint64_t>(static_cast<std::int64_t>(value))
                       : static_cast<std::uint64_t>(value);
  }
  if (!row.integral() && kind == number::kind::unsigned_integer)
    return std::bit_cast<std::uint64_t>(static_cast<double>(bits));
  if (!row.integral() && kind == number::kind::signed_integer)
    return std::bit_cast<std::uint64_t>(static_cast<double>(static_cast<std::int64_t>(bits)));
  return bits;
}

/// As the series shows them, also where it has ended.
core::string labels_of(core::open_block const& block) {
  core::vector<std::string_view> values(block.about->labels.size());
  core::stored_values(block.key()).read(values.data(), values.size());
  return core::render_labels(*block.about, values.data());
}

}  // namespace

std::vector<std::uint64_t> read_series(core::table_link& link, std::size_t row, std::size_t index,
                                       core::open_block const* which) {
  core::table_link* const tables[]{&link};
  snapshot const now = core::gather(tables);
  auto const& data = now.data();
  std::string_view const name = link.info->rows[row]->name;
  auto const family = std::find_if(data.families.begin(), data.families.end(),
                                   [&](auto const& each) { return each.about->name == name; });
  if (family == data.families.end()) return {};
  descriptor const& about = *family->about;
  if (which == nullptr && index >= closed_series_count(about)) return {};
  core::string const labels =
      which == nullptr ? core::string(core::state_of(link).rows[row].closed_labels->texts()[index])
                       : labels_of(*which);
  // By labels, since a reading may show other series than the row's own.
  for (core::series_run const& run : data.runs_of(*family)) {
    std::uint64_t const* values = data.values.data() + run.first_value;
    for (std::uint32_t i = 0; i < run.count; ++i) {
      std::size_t const count = core::value_count(about, values);
      if (run.labels[i] != labels)
        values += count;
      else if (count == 1)
        return {in_row_kind(about, *values, run.kind)};
      else
        return {values, values + count};
    }
  }
  return {};
}

native_value native_part(descriptor const& row, std::vector<std::uint64_t> const& values) {
  auto const read = core::native_of(row, values.data());
  auto const not_empty = [](core::native_values::sign const& sign) {
    native_value::bucket_counts counts;
    for (std::size_t i = 0; i < sign.counts.size(); ++i)
      if (sign.counts[i] != 0)
        counts.emplace(static_cast<int>(sign.first) + static_cast<int>(i), sign.counts[i]);
    return counts;
  };
  native_value result;
  result.schema = read.schema;
  result.zero_count = read.zero_count;
  result.positive = not_empty(read.positive);
  result.negative = not_empty(read.negative);
  return result;
}

}  // namespace stele::testing::detail
