#include "agents/native_reader.hpp"

#include <bit>
#include <limits>

#include "agents/protobuf_fields.hpp"
#include "stele/descriptor.hpp"

namespace stele::pushing {

namespace {

/// More than a client makes; the finest schema has half a million buckets.
constexpr std::size_t buckets_max = 65'536;
constexpr std::size_t spans_max = 65'536;

/// The buckets that can hold a double: from the smallest one's to the one of infinity.
struct index_range {
  std::int64_t lowest;
  std::int64_t highest;
};
constexpr index_range indexes_of(int schema) noexcept {
  constexpr std::int64_t smallest_exponent = -1074;
  constexpr std::int64_t greatest_exponent = 1024;
  if (schema >= 0)
    return {smallest_exponent * (std::int64_t{1} << schema),
            greatest_exponent * (std::int64_t{1} << schema) + 1};
  return {smallest_exponent / (std::int64_t{1} << -schema) - 1,
          greatest_exponent / (std::int64_t{1} << -schema) + 1};
}

/// False where it does not fit.
bool add_to(std::uint64_t& total, std::uint64_t more) noexcept {
  return !__builtin_add_overflow(total, more, &total);
}

}  // namespace

void native_reader::start() noexcept {
  for (sign& each : signs_) {
    each.spans.clear();
    each.deltas.clear();
    each.buckets = 0;
  }
  schema_ = 0;
  zero_threshold_ = 0;
  zero_count_ = 0;
  floating_ = false;
  too_many_ = false;
}

bool native_reader::any() const noexcept {
  return zero_threshold_ > 0 || zero_count_ != 0 || !signs_[0].spans.empty() ||
         !signs_[1].spans.empty();
}

bool native_reader::read_field(protozero::pbf_reader& message) {
  sign& positive = signs_[core::native_counts::positive];
  sign& negative = signs_[core::native_counts::negative];
  switch (message.tag_and_type()) {
    case field(4, wire::fixed64): floating_ = message.get_double() > 0 || floating_; return true;
    case field(8, wire::fixed64): floating_ = message.get_double() > 0 || floating_; return true;
    case field(5, wire::varint): schema_ = message.get_sint32(); return true;
    case field(6, wire::fixed64): zero_threshold_ = message.get_double(); return true;
    case field(7, wire::varint): zero_count_ = message.get_uint64(); return true;
    case field(9, wire::length_delimited): read_span(message.get_message(), negative); return true;
    case field(12, wire::length_delimited): read_span(message.get_message(), positive); return true;
    case field(10, wire::varint): add_delta(negative, message.get_sint64()); return true;
    case field(13, wire::varint): add_delta(positive, message.get_sint64()); return true;
    case field(10, wire::length_delimited):
      for (std::int64_t const delta : message.get_packed_sint64()) add_delta(negative, delta);
      return true;
    case field(13, wire::length_delimited):
      for (std::int64_t const delta : message.get_packed_sint64()) add_delta(positive, delta);
      return true;
    case field(11, wire::fixed64):
    case field(11, wire::length_delimited):
    case field(14, wire::fixed64):
    case field(14, wire::length_delimited):
      floating_ = true;
      message.skip();
      return true;
    default: return false;
  }
}

void native_reader::read_span(protozero::pbf_reader message, sign& to) {
  span read;
  while (message.next()) switch (message.tag_and_type()) {
      case field(1, wire::varint): read.offset = message.get_sint32(); break;
      case field(2, wire::varint): read.length = message.get_uint32(); break;
      default: message.skip();
    }
  to.buckets += read.length;
  if (to.spans.size() < spans_max)
    to.spans.push_back(read);
  else
    too_many_ = true;
}

void native_reader::add_delta(sign& to, std::int64_t delta) {
  if (to.deltas.size() < buckets_max)
    to.deltas.push_back(delta);
  else
    too_many_ = true;
}

std::string native_reader::add(std::size_t which, std::uint64_t& total) {
  sign const& from = signs_[which];
  if (from.buckets != from.deltas.size())
    return "expected as many native buckets as their spans have, " + std::to_string(from.buckets) +
           ", saw " + std::to_string(from.deltas.size());
  index_range const range = indexes_of(schema_);
  std::int64_t index = 0;
  std::int64_t count = 0;
  auto delta = from.deltas.begin();
  for (std::size_t i = 0; i < from.spans.size(); ++i) {
    span const& each = from.spans[i];
    if (i != 0 && each.offset < 0)
      return "expected gaps of 0 or more between spans of native buckets, saw " +
             std::to_string(each.offset);
    index += each.offset;
    for (std::uint32_t n = 0; n < each.length; ++n, ++index) {
      if (index < range.lowest || index > range.highest)
        return "expected native buckets of schema " + std::to_string(schema_) +
               " at indexes that doubles reach, saw index " + std::to_string(index);
      if (__builtin_add_overflow(count, *delta++, &count) || count < 0)
        return "expected native buckets with counts of 0 or more, saw less at index " +
               std::to_string(index);
      if (count == 0) continue;
      auto const counted = static_cast<std::uint64_t>(count);
      if (!add_to(total, counted)) return "expected native buckets whose sum 64 bits hold";
      counts_.add(which, index, schema_, counted);
    }
  }
  return {};
}

std::string native_reader::finish(std::uint64_t count, double sum,
                                  std::vector<std::uint64_t>& values) {
  if (schema_ < native_schema_min || schema_ > native_schema_max)
    return "expected a native histogram's schema from -4 to 8, saw " + std::to_string(schema_);
  if (!(zero_threshold_ >= 0 && zero_threshold_ <= std::numeric_limits<double>::max()))
    return "expected a zero threshold of 0 or more";
  if (too_many_)
    return "expected at most " + std::to_string(buckets_max) +
           " native buckets a sign; lower the resolution";
  counts_.start(schema_);
  std::uint64_t total = zero_count_;
  for (std::size_t which = 0; which < signs_.size(); ++which)
    if (std::string why = add(which, total); !why.empty()) return why;
  // NaN is counted, and in no bucket.
  bool const fits = sum == sum ? total == count : total <= count;
  if (!fits)
    return "expected a count that is the zero bucket's and all native buckets', " +
           std::to_string(total) + ", saw " + std::to_string(count);
  values.push_back(static_cast<std::uint64_t>(std::int64_t{counts_.schema}));
  values.push_back(std::bit_cast<std::uint64_t>(zero_threshold_));
  values.push_back(zero_count_);
  for (core::native_window const& window : counts_.windows) {
    auto const [begin, end] = window.used();
    values.push_back(begin == end ? 0 : static_cast<std::uint64_t>(window.first + begin));
    values.push_back(static_cast<std::uint64_t>(end - begin));
    values.insert(values.end(), window.counts.begin() + begin, window.counts.begin() + end);
  }
  return {};
}

}  // namespace stele::pushing
