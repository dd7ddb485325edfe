// protobuf_body.hpp: a body in the protobuf format, read back: the reader of
// tests/expose_protobuf_test.cpp.
//
//   auto const families = read_body(body);              // fails the test where it is no such body
//   families.at("judged_jobs_total").metrics[0].value
//
// Field numbers are those of io.prometheus.client. A field that is not known fails the test.

#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <protozero/pbf_reader.hpp>

namespace protobuf_body {

using labels = std::vector<std::pair<std::string, std::string>>;

struct moment {
  std::int64_t seconds = 0;
  std::int32_t nanos = 0;

  [[nodiscard]] std::int64_t milliseconds() const { return seconds * 1000 + nanos / 1'000'000; }
};

struct exemplar {
  protobuf_body::labels labels;
  double value = 0;
  moment timestamp;
};

struct bucket {
  std::uint64_t cumulative_count = 0;
  double upper_bound = 0;
  std::optional<protobuf_body::exemplar> exemplar;
};

struct span {
  std::int32_t offset = 0;
  std::uint32_t length = 0;

  bool operator==(span const&) const = default;
};

/// One sign's native buckets.
struct sign {
  std::vector<span> spans;
  std::vector<std::int64_t> deltas;
};

/// A Metric with whichever value message it has.
struct metric {
  protobuf_body::labels labels;
  int value_field = 0;  // 2 a gauge, 3 a counter, 4 a summary, 7 a histogram
  double value = 0;     // of a gauge or a counter
  std::uint64_t count = 0;
  double sum = 0;
  std::vector<bucket> buckets;
  std::vector<std::pair<double, double>> quantiles;
  std::optional<int> schema;
  double zero_threshold = 0;
  std::uint64_t zero_count = 0;
  sign positive;
  sign negative;
  std::optional<moment> start;
  std::vector<exemplar> exemplars;
};

struct family {
  std::string help;
  std::optional<int> type;
  std::string unit;
  std::vector<metric> metrics;
};

template <class Read>
void for_each_field(protozero::pbf_reader message, char const* what, Read read) {
  while (message.next())
    if (!read(message.tag(), message))
      FAIL() << what << ": field " << message.tag() << " is not expected";
}

inline moment read_moment(protozero::pbf_reader message) {
  moment read;
  for_each_field(message, "Timestamp", [&](auto tag, auto& field) {
    if (tag == 1) read.seconds = field.get_int64();
    if (tag == 2) read.nanos = field.get_int32();
    return tag == 1 || tag == 2;
  });
  return read;
}

inline std::pair<std::string, std::string> read_label(protozero::pbf_reader message) {
  std::pair<std::string, std::string> read;
  for_each_field(message, "LabelPair", [&](auto tag, auto& field) {
    if (tag == 1) read.first = field.get_string();
    if (tag == 2) read.second = field.get_string();
    return tag == 1 || tag == 2;
  });
  return read;
}

inline exemplar read_exemplar(protozero::pbf_reader message) {
  exemplar read;
  for_each_field(message, "Exemplar", [&](auto tag, auto& field) {
    if (tag == 1) read.labels.push_back(read_label(field.get_message()));
    if (tag == 2) read.value = field.get_double();
    if (tag == 3) read.timestamp = read_moment(field.get_message());
    return tag >= 1 && tag <= 3;
  });
  return read;
}

inline bucket read_bucket(protozero::pbf_reader message) {
  bucket read;
  for_each_field(message, "Bucket", [&](auto tag, auto& field) {
    if (tag == 1) read.cumulative_count = field.get_uint64();
    if (tag == 2) read.upper_bound = field.get_double();
    if (tag == 3) read.exemplar = read_exemplar(field.get_message());
    return tag >= 1 && tag <= 3;
  });
  return read;
}

inline void read_span(protozero::pbf_reader message, sign& to) {
  span read;
  for_each_field(message, "BucketSpan", [&](auto tag, auto& field) {
    if (tag == 1) read.offset = field.get_sint32();
    if (tag == 2) read.length = field.get_uint32();
    return tag == 1 || tag == 2;
  });
  to.spans.push_back(read);
}

inline void read_deltas(protozero::pbf_reader& field, sign& to) {
  for (auto const delta : field.get_packed_sint64()) to.deltas.push_back(delta);
}

inline void read_histogram(protozero::pbf_reader message, metric& to) {
  for_each_field(message, "Histogram", [&](auto tag, auto& field) {
    switch (tag) {
      case 1: to.count = field.get_uint64(); return true;
      case 2: to.sum = field.get_double(); return true;
      case 3: to.buckets.push_back(read_bucket(field.get_message())); return true;
      case 5: to.schema = field.get_sint32(); return true;
      case 6: to.zero_threshold = field.get_double(); return true;
      case 7: to.zero_count = field.get_uint64(); return true;
      case 9: read_span(field.get_message(), to.negative); return true;
      case 10: read_deltas(field, to.negative); return true;
      case 12: read_span(field.get_message(), to.positive); return true;
      case 13: read_deltas(field, to.positive); return true;
      case 15: to.start = read_moment(field.get_message()); return true;
      case 16: to.exemplars.push_back(read_exemplar(field.get_message())); return true;
      default: return false;
    }
  });
}

inline void read_summary(protozero::pbf_reader message, metric& to) {
  for_each_field(message, "Summary", [&](auto tag, auto& field) {
    if (tag == 1) to.count = field.get_uint64();
    if (tag == 2) to.sum = field.get_double();
    if (tag == 3) {
      auto& read = to.quantiles.emplace_back();
      for_each_field(field.get_message(), "Quantile", [&](auto of, auto& part) {
        (of == 1 ? read.first : read.second) = part.get_double();
        return of == 1 || of == 2;
      });
    }
    if (tag == 4) to.start = read_moment(field.get_message());
    return tag >= 1 && tag <= 4;
  });
}

inline void read_counter(protozero::pbf_reader message, metric& to) {
  for_each_field(message, "Counter", [&](auto tag, auto& field) {
    if (tag == 1) to.value = field.get_double();
    if (tag == 2) to.exemplars.push_back(read_exemplar(field.get_message()));
    if (tag == 3) to.start = read_moment(field.get_message());
    return tag >= 1 && tag <= 3;
  });
}

inline void read_gauge(protozero::pbf_reader message, metric& to) {
  for_each_field(message, "Gauge", [&](auto tag, auto& field) {
    if (tag == 1) to.value = field.get_double();
    return tag == 1;
  });
}

inline metric read_metric(protozero::pbf_reader message) {
  metric read;
  for_each_field(message, "Metric", [&](auto tag, auto& field) {
    if (tag == 1) {
      read.labels.push_back(read_label(field.get_message()));
      return true;
    }
    EXPECT_EQ(read.value_field, 0) << "a metric has one value message";
    read.value_field = static_cast<int>(tag);
    switch (tag) {
      case 2: read_gauge(field.get_message(), read); return true;
      case 3: read_counter(field.get_message(), read); return true;
      case 4: read_summary(field.get_message(), read); return true;
      case 7: read_histogram(field.get_message(), read); return true;
      default: return false;
    }
  });
  return read;
}

/// By name. A name that stands twice fails the test.
inline std::map<std::string, family> read_body(std::string_view body) {
  std::map<std::string, family> families;
  char const* at = body.data();
  char const* const end = at + body.size();
  while (at != end) {
    auto const bytes = protozero::decode_varint(&at, end);
    if (bytes > static_cast<std::uint64_t>(end - at)) {
      ADD_FAILURE() << "a message is longer than what is left of the body";
      break;
    }
    std::string name;
    family read;
    for_each_field({at, bytes}, "MetricFamily", [&](auto tag, auto& field) {
      switch (tag) {
        case 1: name = field.get_string(); return true;
        case 2: read.help = field.get_string(); return true;
        case 3: read.type = field.get_enum(); return true;
        case 4: read.metrics.push_back(read_metric(field.get_message())); return true;
        case 5: read.unit = field.get_string(); return true;
        default: return false;
      }
    });
    EXPECT_TRUE(families.emplace(name, read).second) << name << " stands twice";
    at += bytes;
  }
  return families;
}

}  // namespace protobuf_body
