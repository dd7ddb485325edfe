#include "table/distribution_cell.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

#include "stele/enum_names.hpp"
#include "stele/table_rules.hpp"
#include "table/table.hpp"
#include "table/text.hpp"

namespace stele::tables {

namespace {

constexpr double counts[]{1, 2, 5, 10, 20, 50, 100, 200, 500, 1000};
constexpr double seconds[]{0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10};
constexpr double milliseconds[]{5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10000};
constexpr double microseconds[]{5e3, 1e4, 2.5e4, 5e4, 1e5, 2.5e5, 5e5, 1e6, 2.5e6, 5e6, 1e7};
constexpr double nanoseconds[]{5e6, 1e7, 2.5e7, 5e7, 1e8, 2.5e8, 5e8, 1e9, 2.5e9, 5e9, 1e10};
constexpr double minutes[]{1, 2, 5, 10, 15, 30, 60, 120, 240};
constexpr double hours[]{1, 2, 4, 8, 12, 24, 48, 72, 168};
constexpr double days[]{1, 2, 7, 14, 30, 60, 90, 180, 365};
constexpr double bytes[]{256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216};
constexpr double ratios[]{0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1};
constexpr double percents[]{10, 20, 30, 40, 50, 60, 70, 80, 90, 100};
constexpr double quantiles[]{0.5, 0.9, 0.99};

std::optional<double> parsed_number(std::string_view text) noexcept {
  double value = 0;
  auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// To 15 significant digits, so that linear(0.1, 0.1, 3) is 0.1 0.2 0.3 and not
/// 0.30000000000000004.
double rounded(double value) noexcept {
  char digits[40];
  auto const end =
      std::to_chars(digits, digits + sizeof digits, value, std::chars_format::scientific, 14);
  double result = value;
  std::from_chars(digits, end.ptr, result);
  return result;
}

/// Which of the rules for bounds a cell names.
enum class bound_rule : std::uint8_t { linear, exponential, exponential_range };

std::optional<bound_rule> rule_of(std::string_view name) noexcept {
  if (name == "linear") return bound_rule::linear;
  if (name == "exponential") return bound_rule::exponential;
  if (name == "exponential_range") return bound_rule::exponential_range;
  return std::nullopt;
}

std::string_view demands_of(bound_rule which) noexcept {
  switch (which) {
    case bound_rule::linear: return "a width above 0 and a whole count from 1";
    case bound_rule::exponential:
      return "a start above 0, a factor above 1 and a whole count from 1";
    case bound_rule::exponential_range: break;
  }
  return "a minimum above 0, a maximum above it and a whole count from 2";
}

/// The bounds of a rule whose three numbers fit it; nothing where they do not.
std::optional<std::vector<double>> expanded(bound_rule which, double const (&arguments)[3]) {
  auto const [first, second, count] = arguments;
  bool const range = which == bound_rule::exponential_range;
  bool const whole = count >= (range ? 2 : 1) && count <= static_cast<double>(bounds_max) &&
                     count == std::floor(count);
  bool const ascends = which == bound_rule::linear ? second > 0
                       : range                     ? first > 0 && second > first
                                                   : first > 0 && second > 1;
  if (!whole || !ascends) return std::nullopt;
  std::vector<double> values;
  for (double i = 0; i < count; ++i) {
    double const share = range ? i / (count - 1) : 0;  // of the way up, on a logarithmic scale
    double const value = which == bound_rule::linear ? first + i * second
                         : range                     ? first * std::pow(second / first, share)
                                                     : first * std::pow(second, i);
    values.push_back(rounded(value));
  }
  if (range) {  // stated, so not rounded
    values.front() = first;
    values.back() = second;
  }
  return values;
}

/// Bounds or quantiles: the first `size` bytes of a cell.
class distribution_parser {
 public:
  distribution_parser(raw_cell const& cell, std::size_t size, metric_type type, diagnostics& found)
      : cell_(cell),
        text_(std::string_view(cell.text).substr(0, size)),
        type_(type),
        found_(found) {}

  std::optional<std::vector<double>> parse() {
    std::string_view const whole = trimmed(text_);
    std::size_t const begin =
        whole.empty() ? 0 : static_cast<std::size_t>(whole.data() - text_.data());
    if (std::size_t const open = whole.find('('); open != whole.npos)
      return rule(whole, begin, open);
    return list();
  }

 private:
  std::optional<std::vector<double>> refuse(std::size_t at, std::string message,
                                            std::string_view rule, std::string fix) {
    found_.error(cell_.at(at), std::move(message), rule, std::move(fix));
    return std::nullopt;
  }

  [[nodiscard]] bool bounds() const noexcept { return type_ == metric_type::histogram; }

  /// Numbers separated by spaces or commas, each checked against the one before.
  std::optional<std::vector<double>> list() {
    std::vector<double> values;
    for (std::size_t at = 0; at < text_.size();) {
      if (space(text_[at]) || text_[at] == ',') {
        ++at;
        continue;
      }
      std::size_t const end = std::min(text_.find_first_of(" ,\t\n", at), text_.size());
      std::string_view const word = text_.substr(at, end - at);
      auto const value = parsed_number(word);
      if (!fits(word, value, values, at)) return std::nullopt;
      values.push_back(*value);
      at = end;
    }
    return values;
  }

  bool fits(std::string_view word, std::optional<double> value, std::vector<double> const& values,
            std::size_t at) {
    std::string const name = bounds() ? "bound" : "quantile";
    if (word == "+Inf" || word == "Inf" || (value && !naming::finite(*value)))
      return refuse(at, fmt::format("expected a finite {}, saw {}", name, in_quotes(word)),
                    "distribution-finite", "leave it out: the +Inf bucket is always there"),
             false;
    if (!value)
      return refuse(at, fmt::format("expected a number, saw {}", in_quotes(word)), "distribution",
                    bounds() ? "write bounds such as '5 10 25', or exponential(1, 2, 12)"
                             : "write quantiles such as '0.5 0.9 0.99'"),
             false;
    if (!bounds() && !(*value >= 0 && *value <= 1))
      return refuse(at, fmt::format("expected a quantile from 0 to 1, saw {}", in_quotes(word)),
                    "quantile-range", "0.99 is the 99th percentile"),
             false;
    if (!values.empty() && !(values.back() < *value))
      return refuse(at,
                    fmt::format("expected a {} above {}, saw {}", name, values.back(),
                                in_quotes(word)),
                    "distribution-order", "write them in ascending order, each once"),
             false;
    if (values.size() == bounds_max)
      return refuse(at,
                    fmt::format("expected at most {} numbers, saw {}", bounds_max, in_quotes(word)),
                    "distribution-size", "every bound is a series; choose fewer"),
             false;
    return true;
  }

  /// `exponential(1, 2, 12)`; `whole` begins at text_[begin], its parenthesis at whole[open].
  std::optional<std::vector<double>> rule(std::string_view whole, std::size_t begin,
                                          std::size_t open) {
    std::string const name = lowered(trimmed(whole.substr(0, open)));
    constexpr std::string_view form =
        "write linear(start, width, count), exponential(start, factor, count) or "
        "exponential_range(min, max, count)";
    auto const which = rule_of(name);
    if (!which || !bounds() || !whole.ends_with(')'))
      return refuse(
          begin,
          fmt::format("expected {}, saw {}", bounds() ? "bounds" : "quantiles", in_quotes(whole)),
          "distribution", std::string(bounds() ? form : "write quantiles such as '0.5 0.9 0.99'"));
    double arguments[3]{};
    std::size_t size = 0;
    for (std::size_t at = open + 1; at < whole.size();) {
      std::size_t const end = std::min(whole.find_first_of(",)", at), whole.size());
      auto const value = parsed_number(trimmed(whole.substr(at, end - at)));
      if (size == 3 || !value || !naming::finite(*value))
        return refuse(begin + at, fmt::format("expected three numbers, saw {}", in_quotes(whole)),
                      "distribution", std::string(form));
      arguments[size++] = *value;
      at = end + 1;
    }
    auto values = size == 3 ? expanded(*which, arguments) : std::nullopt;
    if (!values)
      return refuse(begin,
                    fmt::format("expected {} to {}, saw {}", demands_of(*which), bounds_max,
                                in_quotes(whole)),
                    "distribution", "correct the three numbers");
    if (!naming::valid_bounds(*values))
      return refuse(begin,
                    fmt::format("expected finite bounds that differ, saw {}", in_quotes(whole)),
                    "distribution-finite", "choose a smaller count or a larger step");
    return values;
  }

  raw_cell const& cell_;
  std::string_view text_;
  metric_type type_;
  diagnostics& found_;
};

/// The word `native` of a histogram's cell: where it stands, and what it says.
struct native_word {
  std::size_t bounds_end = 0;  // where the bounds before it end: at its `+`, or at the word
  bool beside_bounds = false;  // with a `+`
  std::int8_t schema = default_native_schema;
};

/// `native`, `native(5)`, with what stands before it; at `word` of the cell's text. Nothing where
/// it was refused.
std::optional<native_word> read_native(raw_cell const& cell, std::size_t word, diagnostics& found) {
  constexpr std::size_t word_size = 6;
  std::string_view const text = cell.text;
  auto const refuse = [&](std::size_t at, std::string message, std::string_view rule,
                          std::string fix) {
    found.error(cell.at(at), std::move(message), rule, std::move(fix));
    return std::nullopt;
  };
  native_word result{.bounds_end = word};
  std::string_view const before = trimmed(text.substr(0, word));
  result.beside_bounds = before.ends_with('+');
  if (result.beside_bounds) result.bounds_end = text.rfind('+', word);
  if (!before.empty() && !result.beside_bounds)
    return refuse(word, "expected '+native' behind bounds, saw 'native'", "native",
                  "write '5 10 25 +native' for both forms, 'native' for that alone");
  std::string_view const behind = trimmed(text.substr(word + word_size));
  if (behind.empty()) return result;
  std::size_t const at = static_cast<std::size_t>(behind.data() - text.data());
  if (!behind.starts_with('(') || !behind.ends_with(')'))
    return refuse(at,
                  fmt::format("expected nothing behind 'native', or its schema in parentheses, "
                              "saw {}",
                              in_quotes(behind)),
                  "native", "write native or native(3)");
  std::string_view const digits = trimmed(behind.substr(1, behind.size() - 2));
  int schema = 0;
  auto const [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), schema);
  if (error != std::errc() || end != digits.data() + digits.size() ||
      !naming::valid_native_schema(schema))
    return refuse(at + 1,
                  fmt::format("expected a schema from {} to {}, saw {}", native_schema_min,
                              native_schema_max, in_quotes(digits)),
                  "native-schema", "write native(3) for buckets 9 % wide; one more halves them");
  result.schema = static_cast<std::int8_t>(schema);
  return result;
}

std::optional<std::vector<double>> read_default_bounds(raw_cell const& cell, stele::unit unit,
                                                       diagnostics& found) {
  auto const bounds = default_bounds(unit);
  if (!bounds.empty()) return std::vector<double>(bounds.begin(), bounds.end());
  found.error(
      cell.begin,
      fmt::format("expected bounds for points in time, saw {}",
                  trimmed(cell.text).empty() ? "an empty cell" : in_quotes(trimmed(cell.text))),
      "distribution-missing", "write bounds: times have no usual range");
  return std::nullopt;
}

std::optional<distribution> read_histogram(raw_cell const& cell, stele::unit unit,
                                           diagnostics& found) {
  distribution result;
  std::size_t bounds_end = cell.text.size();
  std::size_t const word = lowered(cell.text).find("native");
  if (word != std::string::npos) {
    auto const native = read_native(cell, word, found);
    if (!native) return std::nullopt;
    result.native_schema = native->schema;
    if (!native->beside_bounds) return result;
    bounds_end = native->bounds_end;
  }
  std::string_view const bounds = trimmed(std::string_view(cell.text).substr(0, bounds_end));
  auto values = bounds.empty() || bounds == "-"
                    ? read_default_bounds(cell, unit, found)
                    : distribution_parser(cell, bounds_end, metric_type::histogram, found).parse();
  if (!values) return std::nullopt;
  result.values = std::move(*values);
  return result;
}

std::optional<distribution> read_summary(raw_cell const& cell, diagnostics& found) {
  std::string_view const text = trimmed(cell.text);
  if (text.empty() || text == "-")
    return distribution{std::vector<double>(std::begin(quantiles), std::end(quantiles))};
  auto values = distribution_parser(cell, cell.text.size(), metric_type::summary, found).parse();
  if (!values) return std::nullopt;
  return distribution{std::move(*values)};
}

}  // namespace

std::span<double const> default_bounds(stele::unit which) noexcept {
  switch (which) {
    case unit::none:
    case unit::other: return counts;
    case unit::seconds: return seconds;
    case unit::milliseconds: return milliseconds;
    case unit::microseconds: return microseconds;
    case unit::nanoseconds: return nanoseconds;
    case unit::minutes: return minutes;
    case unit::hours: return hours;
    case unit::days: return days;
    case unit::bytes: return bytes;
    case unit::ratio: return ratios;
    case unit::percent: return percents;
    case unit::unix_seconds: break;
  }
  return {};
}

std::span<double const> default_quantiles() noexcept { return quantiles; }

std::optional<distribution> read_distribution(raw_cell const& cell, metric_type type,
                                              stele::unit unit, diagnostics& found) {
  if (type == metric_type::histogram) return read_histogram(cell, unit, found);
  if (type == metric_type::summary) return read_summary(cell, found);
  std::string_view const text = trimmed(cell.text);
  if (text.empty() || text == "-") return distribution{};
  found.error(cell.begin,
              fmt::format("expected an empty cell for {} {}, saw {}",
                          type == metric_type::info ? "an" : "a", name_of(type), in_quotes(text)),
              "distribution-type", "only histograms and summaries have a distribution");
  return std::nullopt;
}

}  // namespace stele::tables
