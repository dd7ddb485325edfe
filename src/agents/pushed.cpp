#include "stele/pushed.hpp"

#include <charconv>
#include <cmath>

namespace stele {

namespace {

void append_number(double value, std::string& to) {
  if (std::isnan(value)) {
    to += "NaN";
  } else if (std::isinf(value)) {
    to += value > 0 ? "+Inf" : "-Inf";
  } else {
    char text[32];
    auto const end = std::to_chars(text, text + sizeof text, value);
    to.append(text, end.ptr);
  }
}

void append_escaped(std::string_view text, bool quotes, std::string& to) {
  for (char const c : text) {
    if (c == '\\')
      to += "\\\\";
    else if (c == '\n')
      to += "\\n";
    else if (c == '"' && quotes)
      to += "\\\"";
    else
      to += c;
  }
}

constexpr std::string_view type_words[]{"counter", "gauge", "histogram", "summary", "untyped"};

}  // namespace

pushed& pushed::family(std::string_view name, pushed_type type, std::string_view help) {
  name_ = name;
  if (!help.empty()) {
    text_.append("# HELP ").append(name).append(" ");
    append_escaped(help, false, text_);
    text_ += '\n';
  }
  text_.append("# TYPE ")
      .append(name)
      .append(" ")
      .append(type_words[static_cast<std::size_t>(type)])
      .append("\n");
  return *this;
}

/// Up to the value: `name_suffix{labels,name="of"} `.
void pushed::line(std::string_view suffix, pushed_labels labels, std::string_view name, double of) {
  text_.append(name_).append(suffix);
  bool first = true;
  auto const begin_label = [&](std::string_view label) {
    text_.append(first ? "{" : ",").append(label).append("=\"");
    first = false;
  };
  for (pushed_label const& each : labels.all()) {
    begin_label(each.name);
    append_escaped(each.value, true, text_);
    text_ += '"';
  }
  if (!name.empty()) {
    begin_label(name);
    append_number(of, text_);
    text_ += '"';
  }
  text_.append(first ? " " : "} ");
}

void pushed::end_line(double value) {
  append_number(value, text_);
  text_ += '\n';
}

void pushed::end_line(std::uint64_t value) { text_.append(std::to_string(value)).append("\n"); }

pushed& pushed::value(pushed_labels labels, double value) {
  line({}, labels, {}, 0);
  end_line(value);
  return *this;
}

pushed& pushed::buckets(pushed_labels labels, std::span<double const> bounds,
                        std::span<std::uint64_t const> counts, double sum) {
  std::uint64_t total = 0;
  for (std::size_t i = 0; i <= bounds.size(); ++i) {
    if (i < counts.size()) total += counts[i];
    line("_bucket", labels, "le", i < bounds.size() ? bounds[i] : HUGE_VAL);
    end_line(total);
  }
  line("_sum", labels, {}, 0);
  end_line(sum);
  line("_count", labels, {}, 0);
  end_line(total);
  return *this;
}

pushed& pushed::cumulative_buckets(pushed_labels labels, std::span<double const> bounds,
                                   std::span<std::uint64_t const> counts, double sum) {
  std::uint64_t last = 0;
  for (std::size_t i = 0; i <= bounds.size(); ++i) {
    if (i < counts.size()) last = counts[i];
    line("_bucket", labels, "le", i < bounds.size() ? bounds[i] : HUGE_VAL);
    end_line(last);
  }
  line("_sum", labels, {}, 0);
  end_line(sum);
  line("_count", labels, {}, 0);
  end_line(last);
  return *this;
}

pushed& pushed::quantiles(pushed_labels labels, std::span<double const> quantiles,
                          std::span<double const> values, double sum, std::uint64_t count) {
  for (std::size_t i = 0; i < quantiles.size() && i < values.size(); ++i) {
    line({}, labels, "quantile", quantiles[i]);
    end_line(values[i]);
  }
  line("_sum", labels, {}, 0);
  end_line(sum);
  line("_count", labels, {}, 0);
  end_line(count);
  return *this;
}

}  // namespace stele
