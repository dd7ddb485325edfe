#include "agents/protobuf_reader.hpp"

#include <bit>
#include <cstdint>
#include <limits>
#include <string>

#include "agents/native_reader.hpp"
#include "agents/number_text.hpp"
#include "agents/protobuf_fields.hpp"
#include "core/label_text.hpp"
#include "stele/naming.hpp"

namespace stele::pushing {

namespace {

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

/// The value message that a metric has.
enum class value_field : std::uint8_t { none, gauge, counter, summary, untyped, histogram };

struct pushed_type {
  metric_type type;
  value_field field;
};
/// By the number of MetricType.
constexpr pushed_type pushed_types[]{{metric_type::counter, value_field::counter},
                                     {metric_type::gauge, value_field::gauge},
                                     {metric_type::summary, value_field::summary},
                                     {metric_type::unknown, value_field::untyped},
                                     {metric_type::histogram, value_field::histogram}};

class reader {
 public:
  reader(std::string_view body, push_limits const& limits, raw_bundle& found)
      : rest_(body), size_(body.size()), limits_(limits), found_(found) {}

  std::optional<body_fault> read() {
    while (!rest_.empty() && !fault_) {
      std::size_t const begin = size_ - rest_.size();
      try {
        read_family(next_message());
      } catch (protozero::exception const& failure) {
        return body_fault{
            .what =
                "expected delimited io.prometheus.client.MetricFamily messages, saw none in "
                "the one that begins at byte " +
                std::to_string(begin) + " (" + failure.what() + "); send all of it"};
      }
    }
    return std::move(fault_);
  }

 private:
  protozero::pbf_reader next_message() {
    char const* at = rest_.data();
    std::uint64_t const size = protozero::decode_varint(&at, rest_.data() + rest_.size());
    rest_.remove_prefix(static_cast<std::size_t>(at - rest_.data()));
    if (size > rest_.size()) throw protozero::end_of_buffer_exception{};
    protozero::pbf_reader const message(rest_.data(), size);
    rest_.remove_prefix(size);
    return message;
  }

  void fail(body_fault::kind kind, std::string what) {
    if (!fault_) fault_ = body_fault{.is = kind, .what = std::move(what)};
  }

  // ---- Families ----

  void read_family(protozero::pbf_reader message) {
    raw_family family;
    std::uint32_t type = 0;  // a counter, as the message defines it
    for (protozero::pbf_reader fields = message; fields.next();) switch (fields.tag_and_type()) {
        case field(1, wire::length_delimited): family.name = text_of(fields.get_view()); break;
        case field(2, wire::length_delimited): family.help = text_of(fields.get_view()); break;
        case field(3, wire::varint): type = static_cast<std::uint32_t>(fields.get_enum()); break;
        case field(5, wire::length_delimited): family.unit = text_of(fields.get_view()); break;
        default: fields.skip();
      }
    if (!add(family, type)) return;
    // Its name and type may stand behind its metrics, so these are a second pass.
    while (message.next() && !fault_) switch (message.tag_and_type()) {
        case field(4, wire::length_delimited): read_metric(message.get_message()); break;
        default: message.skip();
      }
  }

  /// False where its metrics need not be read.
  bool add(raw_family family, std::uint32_t type) {
    if (found_.families.size() == limits_.families_per_push_max) {
      fail(body_fault::kind::too_many, "expected at most " +
                                           std::to_string(limits_.families_per_push_max) +
                                           " families in a push, saw more; push fewer");
      return false;
    }
    if (family.help.size() > limits_.help_bytes_max) {
      fail(body_fault::kind::too_large,
           "expected a help text of at most " + std::to_string(limits_.help_bytes_max) +
               " bytes, saw " + std::to_string(family.help.size()) + " in " + quoted(family.name));
      return false;
    }
    if (auto const before = found_.family_of(family.name)) {
      found_.refuse(*before, refusal_reason::duplicate,
                    "expected each family once, saw it again; put its metrics into one message");
      return false;
    }
    std::string_view const name = family.name;
    current_ = found_.add_family(name, metric_type::unknown);
    raw_family& added = found_.families[current_];
    if (!may_be_exposed(family.help)) {
      std::string valid;
      core::append_valid_utf8(valid, family.help);
      family.help = found_.keep(valid);
    }
    added.help = family.help;
    bool const named_so = name.size() > family.unit.size() && name.ends_with(family.unit) &&
                          name[name.size() - family.unit.size() - 1] == '_';
    if (named_so) added.unit = family.unit;
    if (type >= std::size(pushed_types)) {
      found_.refuse(added, refusal_reason::type,
                    "expected a counter, gauge, summary, untyped or histogram, saw " +
                        std::string(type == 5 ? "a gauge histogram" : "type ") +
                        (type == 5 ? "" : std::to_string(type)));
      added.samples = 1;  // so that the refusal is told
      return false;
    }
    added.type = pushed_types[type].type;
    type_ = pushed_types[type];
    return true;
  }

  // ---- Metrics ----

  void read_metric(protozero::pbf_reader message) {
    raw_family& family = found_.families[current_];
    if (++family.samples > limits_.series_per_push_max) return too_many_series();
    raw_sample base{.family = current_,
                    .first_label = static_cast<std::uint32_t>(found_.labels.size())};
    protozero::pbf_reader value;
    bool has_value = false;
    while (message.next()) switch (message.tag_and_type()) {
        case field(1, wire::length_delimited): read_label(message.get_message(), base); break;
        case field(6, wire::varint):
          message.skip();
          return fail(body_fault::kind::syntax,
                      "expected no timestamp_ms in " + quoted(family.name) +
                          ": pushed samples are of the moment at which they arrive; leave it out");
        case field(2, wire::length_delimited):
        case field(3, wire::length_delimited):
        case field(4, wire::length_delimited):
        case field(5, wire::length_delimited):
        case field(7, wire::length_delimited):
          if (message.tag() == tag_of(type_.field)) {
            value = message.get_message();
            has_value = true;
            break;
          }
          [[fallthrough]];
        default: message.skip();
      }
    if (fault_) return;
    base.end_label = static_cast<std::uint32_t>(found_.labels.size());
    if (!has_value)
      return found_.refuse(family, refusal_reason::value,
                           "expected metrics with a value of the family's type, saw one without");
    if (type_.field == value_field::histogram) return read_histogram(value, base);
    if (type_.field == value_field::summary) return read_summary(value, base);
    read_scalar(value, base);
  }

  void too_many_series() {
    fail(body_fault::kind::too_many, "expected at most " +
                                         std::to_string(limits_.series_per_push_max) +
                                         " series in a push, saw more; push fewer");
  }

  static std::uint32_t tag_of(value_field which) noexcept {
    constexpr std::uint32_t tags[]{0, 2, 3, 4, 5, 7};
    return tags[static_cast<std::size_t>(which)];
  }

  void read_label(protozero::pbf_reader message, raw_sample const& of) {
    raw_label label;
    while (message.next()) switch (message.tag_and_type()) {
        case field(1, wire::length_delimited): label.name = text_of(message.get_view()); break;
        case field(2, wire::length_delimited): label.value = text_of(message.get_view()); break;
        default: message.skip();
      }
    raw_family& family = found_.families[current_];
    if (family.refused) return;
    if (!naming::valid_identifier(label.name))
      return found_.refuse(
          family, refusal_reason::label,
          "expected label names like [a-zA-Z_][a-zA-Z0-9_]*, saw " + quoted(label.name));
    if (!may_be_exposed(label.value))
      return found_.refuse(family, refusal_reason::label,
                           "expected label values in UTF-8 without NUL, saw another one of " +
                               std::string(label.name));
    if (naming::reserved_label(label.name, family.type))
      return found_.refuse(family, refusal_reason::label,
                           "expected no label " + std::string(label.name) +
                               ", which belongs to the type; rename it");
    for (std::size_t i = of.first_label; i < found_.labels.size(); ++i)
      if (found_.labels[i].name == label.name)
        return found_.refuse(family, refusal_reason::label,
                             "expected each label once, saw " + quoted(label.name) + " again");
    if (found_.labels.size() - of.first_label == limits_.labels_per_series_max)
      return fail(body_fault::kind::too_many,
                  "expected at most " + std::to_string(limits_.labels_per_series_max) +
                      " labels a series, saw more in " + quoted(family.name));
    if (label.value.find_first_of("\\\"\n") != std::string_view::npos) {
      std::string rendered;
      for (char const c : label.value) {
        if (c == '\\' || c == '"' || c == '\n') rendered += '\\';
        rendered += c == '\n' ? 'n' : c;
      }
      label.value = found_.keep(rendered);
    }
    found_.labels.push_back(label);
  }

  // ---- Values ----

  void push(raw_sample sample, sample_part part, std::uint64_t bits) {
    sample.part = part;
    sample.bits = bits;
    if (!fault_ && !found_.add(sample, limits_)) too_many_series();
  }
  void push(raw_sample const& sample, sample_part part, double value) {
    push(sample, part, std::bit_cast<std::uint64_t>(value));
  }
  void push_created(raw_sample sample, protozero::pbf_reader timestamp) {
    auto const time = milliseconds_of(seconds_of(timestamp));
    sample.fits = time.has_value();
    push(sample, sample_part::created, static_cast<std::uint64_t>(time.value_or(0)));
  }

  void read_scalar(protozero::pbf_reader message, raw_sample const& base) {
    double value = 0;
    while (message.next()) switch (message.tag_and_type()) {
        case field(1, wire::fixed64): value = message.get_double(); break;
        case field(3, wire::length_delimited):
          if (type_.field == value_field::counter) {
            push_created(base, message.get_message());
            break;
          }
          [[fallthrough]];
        default: message.skip();
      }
    push(base, sample_part::value, value);
  }

  void read_summary(protozero::pbf_reader message, raw_sample const& base) {
    std::uint64_t count = 0;
    double sum = 0;
    std::size_t parts = 0;
    while (message.next()) switch (message.tag_and_type()) {
        case field(1, wire::varint): count = message.get_uint64(); break;
        case field(2, wire::fixed64): sum = message.get_double(); break;
        case field(3, wire::length_delimited):
          if (!one_more(parts)) return;
          read_quantile(message.get_message(), base);
          break;
        case field(4, wire::length_delimited): push_created(base, message.get_message()); break;
        default: message.skip();
      }
    push(base, sample_part::sum, sum);
    push(base, sample_part::count, count);
  }

  /// Whether a metric may have one bucket or quantile more. A histogram's +Inf does not count.
  bool one_more(std::size_t& seen, std::size_t uncounted = 0) {
    if (seen++ < limits_.buckets_per_histogram_max + uncounted) return true;
    fail(body_fault::kind::too_many, "expected at most " +
                                         std::to_string(limits_.buckets_per_histogram_max) +
                                         " buckets or quantiles a metric, saw more in " +
                                         quoted(found_.families[current_].name) + "; push fewer");
    return false;
  }

  void read_quantile(protozero::pbf_reader message, raw_sample base) {
    base.of = 0;
    double value = 0;
    while (message.next()) switch (message.tag_and_type()) {
        case field(1, wire::fixed64): base.of = message.get_double(); break;
        case field(2, wire::fixed64): value = message.get_double(); break;
        default: message.skip();
      }
    push(base, sample_part::quantile, value);
  }

  void read_histogram(protozero::pbf_reader message, raw_sample base) {
    std::uint64_t count = 0;
    double sum = 0;
    std::size_t parts = 0;
    bool has_infinity = false;
    native_.start();
    while (message.next()) switch (message.tag_and_type()) {
        case field(1, wire::varint): count = message.get_uint64(); break;
        case field(2, wire::fixed64): sum = message.get_double(); break;
        case field(3, wire::length_delimited):
          if (!one_more(parts, 1)) return;
          has_infinity = read_bucket(message.get_message(), base) || has_infinity;
          break;
        case field(15, wire::length_delimited): push_created(base, message.get_message()); break;
        default:
          if (!native_.read_field(message)) message.skip();
      }
    raw_family& family = found_.families[current_];
    if (native_.floating())
      return found_.refuse(family, refusal_reason::type,
                           "expected a histogram of integer counts, saw one of floating-point "
                           "counts, which is not taken");
    push(base, sample_part::sum, sum);
    push(base, sample_part::count, count);
    if (!has_infinity) {
      base.of = std::numeric_limits<double>::infinity();
      push(base, sample_part::bucket, count);
    }
    if (!native_.any()) return;
    std::size_t const at = found_.native_values.size();
    found_.native_values.push_back(0);
    if (std::string why = native_.finish(count, sum, found_.native_values); !why.empty())
      return found_.refuse(family, refusal_reason::value, std::move(why));
    found_.native_values[at] = found_.native_values.size() - at - 1;
    base.of = not_a_number;
    push(base, sample_part::native, at);
  }

  /// Whether it is the +Inf bucket.
  bool read_bucket(protozero::pbf_reader message, raw_sample base) {
    std::uint64_t count = 0;
    base.of = 0;
    while (message.next()) switch (message.tag_and_type()) {
        case field(1, wire::varint): count = message.get_uint64(); break;
        case field(2, wire::fixed64): base.of = message.get_double(); break;
        case field(4, wire::fixed64):
          if (message.get_double() > 0)
            found_.refuse(current_, refusal_reason::type,
                          "expected a histogram of integer counts, saw one of floating-point "
                          "counts, which is not taken");
          break;
        default: message.skip();
      }
    push(base, sample_part::bucket, count);
    return base.of == std::numeric_limits<double>::infinity();
  }

  std::string_view rest_;
  std::size_t const size_;
  push_limits const& limits_;
  raw_bundle& found_;
  native_reader native_;
  std::optional<body_fault> fault_;
  std::uint32_t current_ = 0;  // family
  pushed_type type_{};
};

}  // namespace

std::optional<body_fault> read_protobuf(std::string_view body, push_limits const& limits,
                                        raw_bundle& found) {
  return reader(body, limits, found).read();
}

}  // namespace stele::pushing
