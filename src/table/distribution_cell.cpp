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

#include "stele/naming.hpp"
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

class distribution_parser {
 public:
  distribution_parser(raw_cell const& cell, metric_type type, diagnostics& found)
      : cell_(cell), text_(cell.text), type_(type), found_(found) {}

  std::optional<std::vector<double>> parse() {
    std::string_view const whole = trimmed(text_);
    std::size_t const begin =
        whole.empty() ? 0 : static_cast<std::size_t>(whole.data() - text_.data());
    if (lowered(whole).find("native") != std::string::npos)
      return refuse(lowered(text_).find("native"),
                    "expected bounds or a rule for them, saw 'native'", "native-unsupported",
                    "native histograms are not supported yet; state classic bounds");
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
        "write linear(start, width, count) or exponential(start, factor, count)";
    bool const exponential = name == "exponential";
    if ((!exponential && name != "linear") || !bounds() || !whole.ends_with(')'))
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
    return expanded(whole, begin, size, exponential, arguments);
  }

  std::optional<std::vector<double>> expanded(std::string_view whole, std::size_t begin,
                                              std::size_t size, bool exponential,
                                              double const (&arguments)[3]) {
    auto const [start, step, count] = arguments;
    bool const count_fits = size == 3 && count >= 1 && count <= static_cast<double>(bounds_max) &&
                            count == std::floor(count);
    bool const ascends = exponential ? start > 0 && step > 1 : step > 0;
    if (!count_fits || !ascends)
      return refuse(
          begin,
          fmt::format("expected {} and a whole count from 1 to {}, saw {}",
                      exponential ? "a start above 0, a factor above 1" : "a width above 0",
                      bounds_max, in_quotes(whole)),
          "distribution", "correct the three numbers");
    std::vector<double> values;
    for (double i = 0; i < count; ++i)
      values.push_back(rounded(exponential ? start * std::pow(step, i) : start + i * step));
    if (!naming::valid_bounds(values))
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

std::optional<std::vector<double>> read_distribution(raw_cell const& cell, metric_type type,
                                                     stele::unit unit, diagnostics& found) {
  bool const distributes = type == metric_type::histogram || type == metric_type::summary;
  std::string_view const text = trimmed(cell.text);
  bool const empty = text.empty() || text == "-";
  if (empty && type == metric_type::summary)
    return std::vector<double>(std::begin(quantiles), std::end(quantiles));
  if (empty && type == metric_type::histogram) {
    auto const bounds = default_bounds(unit);
    if (!bounds.empty()) return std::vector<double>(bounds.begin(), bounds.end());
    found.error(cell.begin, "expected bounds for points in time, saw an empty cell",
                "distribution-missing", "write bounds: times have no usual range");
    return std::nullopt;
  }
  if (empty) return std::vector<double>();
  if (!distributes) {
    found.error(
        cell.begin,
        fmt::format("expected an empty cell for a {}, saw {}", type_name(type), in_quotes(text)),
        "distribution-type", "only histograms and summaries have a distribution");
    return std::nullopt;
  }
  return distribution_parser(cell, type, found).parse();
}

}  // namespace stele::tables
