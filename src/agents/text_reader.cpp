#include "agents/text_reader.hpp"

#include <array>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "agents/number_text.hpp"
#include "agents/sample_lines.hpp"

namespace stele::pushing {

namespace {

using namespace std::string_literals;

/// What HELP and TYPE lines have said of a family.
struct stated {
  bool help = false;
  bool type = false;  // or a sample without one
};

struct type_name {
  std::string_view name;
  std::optional<metric_type> type;  // nothing: not taken
};
constexpr type_name type_names[]{
    {"counter", metric_type::counter},     {"gauge", metric_type::gauge},
    {"histogram", metric_type::histogram}, {"summary", metric_type::summary},
    {"untyped", metric_type::unknown},     {"gauge_histogram", std::nullopt}};

type_name const* type_of(std::string_view text) noexcept {
  auto const same = [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a - 'A' + 'a' : a) == b; };
  for (type_name const& each : type_names)
    if (std::equal(text.begin(), text.end(), each.name.begin(), each.name.end(), same))
      return &each;
  return nullptr;
}

class reader : sample_lines {
 public:
  using sample_lines::sample_lines;

  std::optional<body_fault> read() {
    while (!at_.ended() && line()) {
    }
    return std::move(at_.fault());
  }

 private:
  bool line() {
    at_.skip_blanks();
    if (at_.ended() || at_.take('\n')) return true;
    return at_.take('#') ? comment() : sample();
  }

  bool newline(char const* expected) {
    if (at_.take('\n')) return true;
    return at_.expected(expected, at_.ended() ? "end the last line with \\n" : "");
  }

  // ---- Comments ----

  bool comment() {
    at_.skip_blanks();
    std::string_view const keyword = at_.take_word();
    bool const help = keyword == "HELP";
    if (!help && keyword != "TYPE") {
      at_.take_rest_of_line();
      return newline("the end of the comment's line");
    }
    at_.skip_blanks();
    if (at_.take('\n')) return true;
    if (at_.ended()) return newline("a metric name");
    std::string_view const name = at_.metric_name();
    if (name.empty()) return at_.expected("a metric name behind " + std::string(keyword));
    if (at_.take('\n')) return true;
    if (at_.here() != ' ' && at_.here() != '\t')
      return at_.expected("a blank behind the metric name", "names are [a-zA-Z_:][a-zA-Z0-9_:]*");
    std::uint32_t family;
    sample_part part;
    if (!find_family(name, family, part)) return false;
    at_.skip_blanks();
    if (at_.take('\n')) return true;
    return help ? help_of(family) : type_of_family(family);
  }

  bool help_of(std::uint32_t family) {
    if (stated_[family].help)
      return at_.fail("expected one HELP line a family, saw a second one of " +
                      quoted(found_.families[family].name) + "; leave it out");
    std::uint32_t const begin = at_.offset();
    std::string_view text = at_.take_rest_of_line();
    if (text.find('\\') != std::string_view::npos) {
      std::string plain;
      for (std::size_t i = 0; i < text.size(); ++i) {
        char c = text[i];
        if (c == '\\') {
          c = ++i < text.size() ? text[i] : '\n';
          if (c != '\\' && c != 'n')
            return at_.fail_at(begin + i - 1, "expected \\\\ or \\n in a HELP text, saw " +
                                                  shown(body_, begin + i - 1) +
                                                  "; write a backslash as \\\\");
          if (c == 'n') c = '\n';
        }
        plain += c;
      }
      text = found_.keep(plain);
    }
    if (!help_fits(text, begin)) return false;
    found_.families[family].help = text;
    stated_[family].help = true;
    return newline("the end of the HELP line");
  }

  bool type_of_family(std::uint32_t index) {
    raw_family& family = found_.families[index];
    if (stated_[index].type)
      return at_.fail("expected one TYPE line a family, before its samples, saw another one of " +
                      quoted(family.name) + "; move it up, or leave it out");
    std::uint32_t const begin = at_.offset();
    std::string_view const text = at_.take_rest_of_line();
    type_name const* const type = type_of(text);
    if (type == nullptr)
      return at_.fail_at(begin,
                         "expected one of counter, gauge, histogram, summary, untyped, saw " +
                             quoted(text) + "; OpenMetrics' types need its Content-Type");
    if (type->type)
      family.type = *type->type;
    else
      found_.refuse(index, refusal_reason::type,
                    "expected another type than gauge_histogram, which is not taken; push a "
                    "histogram or gauges");
    stated_[index].type = true;
    return newline("the end of the TYPE line");
  }

  // ---- Families ----

  /// The family that a name stands for: its own, or a summary's or histogram's of which it is a
  /// part; a new one where there is none.
  bool find_family(std::string_view name, std::uint32_t& family, sample_part& part) {
    part = sample_part::value;
    if (name == last_name_) {
      family = last_family_;
      part = last_part_;
      return true;
    }
    if (auto const own = found_.family_of(name)) {
      family = *own;
    } else if (!find_part(name, family, part)) {
      if (!one_more_family()) return false;
      family = found_.add_family(name, metric_type::unknown);
      stated_.emplace_back();
    }
    last_name_ = name;
    last_family_ = family;
    last_part_ = part;
    return true;
  }

  bool find_part(std::string_view name, std::uint32_t& family, sample_part& part) const {
    struct suffix {
      std::string_view text;
      sample_part part;
    };
    static constexpr std::array<suffix, 3> suffixes{{{"_sum", sample_part::sum},
                                                     {"_count", sample_part::count},
                                                     {"_bucket", sample_part::bucket}}};
    for (suffix const& each : suffixes) {
      if (!name.ends_with(each.text)) continue;
      auto const found = found_.family_of(name.substr(0, name.size() - each.text.size()));
      if (!found) continue;
      metric_type const type = found_.families[*found].type;
      if (type != metric_type::histogram &&
          !(type == metric_type::summary && each.part != sample_part::bucket))
        continue;
      family = *found;
      part = each.part;
      return true;
    }
    return false;
  }

  // ---- Samples ----

  bool sample() {
    std::string_view const name = at_.metric_name();
    if (name.empty())
      return at_.expected("a metric name, a comment or an empty line",
                          "names are [a-zA-Z_:][a-zA-Z0-9_:]*");
    raw_sample sample;
    if (!find_family(name, sample.family, sample.part)) return false;
    stated_[sample.family].type = true;
    raw_family& family = found_.families[sample.family];
    at_.skip_blanks();
    sample.first_label = static_cast<std::uint32_t>(found_.labels.size());
    has_of_ = false;
    if (at_.take('{') && !labels(family, sample)) return false;
    sample.end_label = static_cast<std::uint32_t>(found_.labels.size());
    at_.skip_blanks();
    double value;
    if (!number(sample, value) || !behind_number()) return false;
    set(sample, value);
    check_part(family, sample);
    bool const is_series =
        family.type != metric_type::histogram && family.type != metric_type::summary;
    return add(sample, is_series);
  }

  bool behind_number() {
    if (at_.take('\n')) return true;
    if (at_.ended()) return newline("a newline behind the number");
    at_.skip_blanks();
    if (naming::digit(at_.here()) || at_.here() == '-')
      return at_.fail(std::string(timestamp_refused));
    return at_.expected("the end of the line directly behind the number");
  }

  /// A part of a summary or histogram has the label that it needs, and no other has it.
  void check_part(raw_family& family, raw_sample& sample) {
    bool const histogram = family.type == metric_type::histogram;
    bool const summary = family.type == metric_type::summary;
    if (!histogram && !summary) return;
    std::string_view const label = histogram ? "le" : "quantile";
    bool const wanted =
        histogram ? sample.part == sample_part::bucket : sample.part == sample_part::value;
    if (summary && wanted) sample.part = sample_part::quantile;
    if (histogram && sample.part == sample_part::value)
      found_.refuse(family, refusal_reason::value, sample,
                    "expected a histogram's _bucket, _sum or _count, saw its name alone");
    else if (wanted && !has_of_)
      found_.refuse(family, refusal_reason::label, sample,
                    "expected the label " + std::string(label) + ", saw none");
    else if (!wanted && has_of_)
      found_.refuse(
          family, refusal_reason::label, sample,
          "expected no label " + std::string(label) + " on a sum or count, saw one; leave it out");
  }

  bool labels(raw_family const& family, raw_sample& sample) {
    for (;;) {
      at_.skip_blanks();
      if (at_.take('}')) return true;
      std::uint32_t const name_at = at_.offset();
      std::string_view const name = at_.label_name();
      if (name.empty())
        return at_.expected("a label name or '}'", "names are [a-zA-Z_][a-zA-Z0-9_]*");
      at_.skip_blanks();
      if (!at_.take('=')) return at_.expected("'=' behind the label name");
      at_.skip_blanks();
      if (!at_.take('"')) return at_.expected("'\"' before the label's value");
      std::string_view value;
      if (!label_value(value)) return false;
      double* const own = naming::reserved_label(name, family.type) ? &sample.of : nullptr;
      if (!label(sample.first_label, name, value, name_at, own)) return false;
      at_.skip_blanks();
      if (at_.take(',')) continue;
      if (at_.take('}')) return true;
      return at_.expected("',' or '}' behind the label's value");
    }
  }

  /// As it stands, up to the closing quote: a text has no escapes but those of a scrape.
  bool label_value(std::string_view& value) {
    char const* const begin = at_.position();
    for (;;) {
      at_.take_until([](char c) { return c == '"' || c == '\\' || c == '\n'; });
      if (at_.take('\\')) {
        if (char const c = at_.here(); c != '\\' && c != '"' && c != 'n')
          return at_.expected("\\\\, \\\" or \\n in a label's value", "write a backslash as \\\\");
        at_.skip();
        continue;
      }
      if (at_.here() != '"') return at_.expected("'\"' behind the label's value");
      value = {begin, static_cast<std::size_t>(at_.position() - begin)};
      at_.skip();
      return true;
    }
  }

  std::vector<stated> stated_;  // a family each
  std::string_view last_name_;
  std::uint32_t last_family_ = 0;
  sample_part last_part_ = sample_part::value;
};

}  // namespace

std::optional<body_fault> read_text(std::string_view body, push_limits const& limits,
                                    raw_bundle& found) {
  if (auto fault = wrong_bytes(body)) return fault;
  return reader(body, limits, found).read();
}

}  // namespace stele::pushing
