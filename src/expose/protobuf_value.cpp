#include "expose/protobuf_value.hpp"

#include <array>
#include <bit>
#include <limits>

#include <protozero/basic_pbf_writer.hpp>

#include "core/native_counts.hpp"
#include "expose/protobuf_wire.hpp"

template <>
struct protozero::buffer_customization<stele::exposition::message_bytes> {
  using buffer = stele::exposition::message_bytes;

  static std::size_t size(buffer const* bytes) noexcept { return bytes->size(); }
  static void append(buffer* bytes, char const* data, std::size_t count) {
    bytes->append(data, count);
  }
  static void append_zeros(buffer* bytes, std::size_t count) { bytes->append(count, '\0'); }
  static void resize(buffer* bytes, std::size_t size) { bytes->resize(size); }
  static void reserve_additional(buffer*, std::size_t) {}  // it grows by itself
  static void erase_range(buffer* bytes, std::size_t from, std::size_t to) {
    bytes->erase(from, to - from);
  }
  static char* at_pos(buffer* bytes, std::size_t at) { return bytes->data() + at; }
  static void push_back(buffer* bytes, char byte) { bytes->push_back(byte); }
};

namespace stele::exposition {

namespace {

using writer = protozero::basic_pbf_writer<message_bytes>;

constexpr double infinity = std::numeric_limits<double>::infinity();

// The numbers of fields, by message.
namespace label_pair_field {
enum : protozero::pbf_tag_type { name = 1, value = 2 };
}
namespace timestamp_field {
enum : protozero::pbf_tag_type { seconds = 1, nanos = 2 };
}
namespace exemplar_field {
enum : protozero::pbf_tag_type { label = 1, value = 2, timestamp = 3 };
}
namespace counter_field {
enum : protozero::pbf_tag_type { value = 1, exemplar = 2, start = 3 };
}
namespace quantile_field {
enum : protozero::pbf_tag_type { quantile = 1, value = 2 };
}
namespace summary_field {
enum : protozero::pbf_tag_type { count = 1, sum = 2, quantile = 3, start = 4 };
}
namespace bucket_field {
enum : protozero::pbf_tag_type { cumulative_count = 1, upper_bound = 2, exemplar = 3 };
}
namespace span_field {
enum : protozero::pbf_tag_type { offset = 1, length = 2 };
}
namespace histogram_field {
enum : protozero::pbf_tag_type {
  count = 1,
  sum = 2,
  bucket = 3,
  schema = 5,
  zero_threshold = 6,
  zero_count = 7,
  negative_span = 9,
  negative_delta = 10,
  positive_span = 12,
  positive_delta = 13,
  start = 15,
  exemplar = 16,
};
}

/// A google.protobuf.Timestamp.
void add_timestamp(writer& to, protozero::pbf_tag_type field, std::int64_t milliseconds) {
  writer timestamp(to, field);
  timestamp.add_int64(timestamp_field::seconds, milliseconds / 1000);
  auto const nanos = static_cast<std::int32_t>(milliseconds % 1000) * 1'000'000;
  if (nanos != 0) timestamp.add_int32(timestamp_field::nanos, nanos);
}

void add_start(writer& to, protozero::pbf_tag_type field, std::int64_t created) {
  if (created > 0) add_timestamp(to, field, created);
}

void add_label(writer& to, protozero::pbf_tag_type field, std::string_view name,
               std::string_view value) {
  writer pair(to, field);
  pair.add_bytes(label_pair_field::name, name.data(), name.size());
  pair.add_bytes(label_pair_field::value, value.data(), value.size());
}

/// Hands out the exemplars of a series' values.
class exemplar_cursor {
 public:
  explicit exemplar_cursor(series_values const& series) noexcept
      : of_(series.of), rest_(series.exemplars) {}

  /// That of the value at this place in the snapshot, if it has one. REQUIRES: called for places in
  /// their order.
  void add(writer& to, protozero::pbf_tag_type field, std::size_t place) {
    if (rest_.empty() || rest_.front().value != place) return;
    core::exemplar_data const& seen = rest_.front();
    writer exemplar(to, field);
    add_labels(exemplar, of_.text_of(seen));
    exemplar.add_double(exemplar_field::value, wire::exposed(seen.of));
    add_timestamp(exemplar, exemplar_field::timestamp, seen.milliseconds);
    rest_ = rest_.subspan(1);
  }

 private:
  static void add_labels(writer& to, std::string_view text) {
    auto const next = [&text] {
      std::string_view const word = text.substr(0, text.find('\0'));
      text.remove_prefix(word.size() + 1);
      return word;
    };
    while (!text.empty()) {
      std::string_view const name = next();
      add_label(to, exemplar_field::label, name, next());
    }
  }

  core::snapshot_data const& of_;
  std::span<core::exemplar_data const> rest_;
};

/// What a sign's buckets are on the wire: runs of buckets, and of all their counts the difference
/// to the one before.
class native_runs {
 public:
  explicit native_runs(core::native_values::sign const& sign) noexcept {
    auto const& counts = sign.counts;
    std::int64_t previous_end = 0;  // the first offset is an index, later ones are gaps
    std::int64_t previous_count = 0;
    for (std::size_t at = 0; at < counts.size();) {
      std::size_t const end = end_of_run(counts, at);
      std::int64_t const first = sign.first + static_cast<std::int64_t>(at);
      spans_[span_count_++] = {static_cast<std::int32_t>(first - previous_end),
                               static_cast<std::uint32_t>(end - at)};
      previous_end = sign.first + static_cast<std::int64_t>(end);
      for (; at < end; ++at) {
        auto const count = static_cast<std::int64_t>(counts[at]);
        deltas_[delta_count_++] = count - previous_count;
        previous_count = count;
      }
      while (at < counts.size() && counts[at] == 0) ++at;
    }
  }

  void add(writer& to, protozero::pbf_tag_type span_of, protozero::pbf_tag_type delta_of) const {
    for (std::size_t i = 0; i < span_count_; ++i) add_span(to, span_of, spans_[i]);
    to.add_packed_sint64(delta_of, deltas_.begin(), deltas_.begin() + delta_count_);
  }
  [[nodiscard]] bool empty() const noexcept { return span_count_ == 0; }

  struct span {
    std::int32_t offset;
    std::uint32_t length;
  };
  static void add_span(writer& to, protozero::pbf_tag_type field, span const& run) {
    writer message(to, field);
    message.add_sint32(span_field::offset, run.offset);
    message.add_uint32(span_field::length, run.length);
  }

 private:
  /// A run goes on over up to two buckets without a count: they cost less than another span.
  static constexpr std::size_t gap_max = 2;

  static std::size_t end_of_run(std::span<std::uint64_t const> counts, std::size_t begin) noexcept {
    std::size_t end = begin + 1;
    for (std::size_t i = end; i < counts.size() && i - end <= gap_max; ++i)
      if (counts[i] != 0) end = i + 1;
    return end;
  }

  static constexpr auto positions = static_cast<std::size_t>(core::native_positions);

  std::array<span, positions> spans_;
  std::array<std::int64_t, positions> deltas_;
  std::size_t span_count_ = 0;
  std::size_t delta_count_ = 0;
};

/// The classic buckets, +Inf's too.
void add_classic(writer& to, descriptor const& about, series_values const& series,
                 exemplar_cursor& exemplars) {
  std::size_t const bounds = about.bounds.size();
  std::uint64_t count = 0;
  for (std::size_t i = 0; i <= bounds; ++i) {
    count += series.values[i];
    writer bucket(to, histogram_field::bucket);
    bucket.add_uint64(bucket_field::cumulative_count, count);
    bucket.add_double(bucket_field::upper_bound, i == bounds ? infinity : about.bounds[i]);
    exemplars.add(bucket, bucket_field::exemplar, series.first_value + i);
  }
}

void add_native(writer& to, descriptor const& about, std::uint64_t const* values) {
  core::native_values const native = core::native_of(about, values);
  to.add_sint32(histogram_field::schema, native.schema);
  to.add_double(histogram_field::zero_threshold, native.zero_threshold);
  to.add_uint64(histogram_field::zero_count, native.zero_count);
  native_runs const negative(native.negative);
  negative.add(to, histogram_field::negative_span, histogram_field::negative_delta);
  native_runs const positive(native.positive);
  positive.add(to, histogram_field::positive_span, histogram_field::positive_delta);
  // Without a bucket it would not be told from a classic histogram.
  if (negative.empty() && positive.empty())
    native_runs::add_span(to, histogram_field::positive_span, {0, 0});
}

std::uint64_t count_of(descriptor const& about, std::uint64_t const* values) noexcept {
  std::uint64_t count = 0;
  for (std::size_t i = 0; i <= about.bounds.size(); ++i) count += values[i];
  return count;
}

}  // namespace

void write_counter(message_bytes& to, double value, series_values const& series) {
  to.clear();
  writer counter(to);
  counter.add_double(counter_field::value, wire::exposed(value));
  exemplar_cursor(series).add(counter, counter_field::exemplar, series.first_value);
  add_start(counter, counter_field::start, series.created);
}

void write_summary(message_bytes& to, descriptor const& about, series_values const& series) {
  to.clear();
  writer summary(to);
  std::size_t const quantiles = about.quantiles.size();
  summary.add_uint64(summary_field::count, series.values[quantiles + 1]);
  summary.add_double(summary_field::sum,
                     wire::exposed(std::bit_cast<double>(series.values[quantiles])));
  for (std::size_t i = 0; i < quantiles; ++i) {
    writer quantile(summary, summary_field::quantile);
    quantile.add_double(quantile_field::quantile, about.quantiles[i]);
    quantile.add_double(quantile_field::value,
                        wire::exposed(std::bit_cast<double>(series.values[i])));
  }
  add_start(summary, summary_field::start, series.created);
}

void write_histogram(message_bytes& to, descriptor const& about, series_values const& series) {
  to.clear();
  writer histogram(to);
  histogram.add_uint64(histogram_field::count, count_of(about, series.values));
  histogram.add_double(
      histogram_field::sum,
      wire::exposed(std::bit_cast<double>(series.values[about.bounds.size() + 1])));
  // A row that is native alone has one classic bucket, +Inf's, which is not shown here.
  bool const classic = !about.native() || !about.bounds.empty();
  exemplar_cursor exemplars(series);
  if (classic) add_classic(histogram, about, series, exemplars);
  if (about.native()) add_native(histogram, about, series.values);
  add_start(histogram, histogram_field::start, series.created);
  if (!classic) exemplars.add(histogram, histogram_field::exemplar, series.first_value);
}

void write_label(message_bytes& to, std::string_view name, std::string_view value) {
  writer labels(to);
  add_label(labels, 1, name, value);  // Metric.label
}

}  // namespace stele::exposition
