#include "agents/openmetrics_reader.hpp"

#include <array>
#include <cstdint>
#include <span>
#include <string>

#include "agents/number_text.hpp"
#include "agents/openmetrics_types.hpp"
#include "agents/sample_lines.hpp"
#include "agents/text_reader.hpp"

namespace stele::pushing {

namespace {

using naming::digit;

class reader : sample_lines {
 public:
  using sample_lines::sample_lines;

  std::optional<body_fault> read() {
    while (!ended_ && line()) {
    }
    return std::move(at_.fault());
  }

 private:
  bool line() {
    if (at_.ended())
      return at_.fail("expected '# EOF' as the last line, saw the end of the body; send all of it");
    if (!at_.take('#')) return sample();
    return at_.take(' ') ? metadata() : at_.expected("a blank behind '#'");
  }

  bool newline(char const* where) {
    if (at_.take('\n')) return true;
    return at_.expected("the end of the line behind " + std::string(where));
  }

  // ---- Metadata ----

  bool metadata() {
    std::uint32_t const begin = at_.offset();
    std::string_view const keyword = at_.take_word();
    if (keyword == "EOF") return end_of_body();
    bool const help = keyword == "HELP";
    bool const type = keyword == "TYPE";
    if (!help && !type && keyword != "UNIT")
      return at_.fail_at(begin, "expected HELP, TYPE, UNIT or EOF behind '# ', saw " +
                                    quoted(keyword) + "; OpenMetrics has no comments");
    if (!at_.take(' ')) return at_.expected("a blank behind " + std::string(keyword));
    std::uint32_t const name_at = at_.offset();
    std::string_view const name = at_.metric_name();
    if (name.empty() || !at_.take(' '))
      return at_.expected("a metric name and a blank behind " + std::string(keyword));
    if (!current_ || pushed_name_ != name) {
      if (!close_family() || !open_family(name, name_at)) return false;
    } else if (family().samples != 0) {
      return at_.fail_at(begin, "expected metadata before the samples of " + quoted(name) +
                                    ", saw it behind them; move it up");
    }
    bool& seen = help ? has_help_ : type ? has_type_ : has_unit_;
    if (seen)
      return at_.fail_at(begin, "expected one " + std::string(keyword) + " line a family, saw a " +
                                    "second one of " + quoted(name) + "; leave it out");
    seen = true;
    if (type) return type_line();
    return help ? help_line() : unit_line();
  }

  bool end_of_body() {
    at_.take('\n');
    if (!at_.ended()) return at_.expected("the end of the body behind '# EOF'");
    ended_ = true;
    return close_family();
  }

  bool help_line() {
    std::uint32_t const begin = at_.offset();
    std::string_view text = at_.take_rest_of_line();
    if (text.find('\\') != std::string_view::npos) text = found_.keep(unescaped(text));
    if (!help_fits(text, begin)) return false;
    family().help = text;
    return newline("the HELP text");
  }

  bool unit_line() {
    std::uint32_t const begin = at_.offset();
    family().unit = at_.take_rest_of_line();
    unit_at_ = begin;
    return newline("the unit");
  }

  bool type_line() {
    std::uint32_t const begin = at_.offset();
    std::string_view const text = at_.take_rest_of_line();
    type_ = openmetrics_type_of(text);
    if (type_ == nullptr)
      return at_.fail_at(begin,
                         "expected one of " + openmetrics_type_names() + ", saw " + quoted(text));
    family().type = type_->kept_as;
    family().states = type_->is == openmetrics_type::stateset;
    if (!type_->name_suffix.empty()) family().name = found_.keep(pushed_name_, type_->name_suffix);
    if (type_->is == openmetrics_type::gaugehistogram)
      found_.refuse(*current_, refusal_reason::type,
                    "expected another type than gaugehistogram, which is not taken; push a "
                    "histogram or gauges");
    return newline("the type");
  }

  /// Of HELP: \\, \" and \n; any other backslash is one.
  static std::string unescaped(std::string_view text) {
    std::string plain;
    for (std::size_t i = 0; i < text.size(); ++i) {
      char const next = i + 1 < text.size() ? text[i + 1] : '\0';
      bool const escape = text[i] == '\\' && (next == '\\' || next == '"' || next == 'n');
      plain += !escape ? text[i] : next == 'n' ? '\n' : next;
      if (escape) ++i;
    }
    return plain;
  }

  // ---- Families ----

  raw_family& family() { return found_.families[*current_]; }

  bool open_family(std::string_view name, std::uint32_t name_at) {
    if (!one_more_family()) return false;
    if (found_.family_of(name))
      return at_.fail_at(name_at, "expected the lines of a family together, saw " + quoted(name) +
                                      " again; move them together");
    pushed_name_ = name;
    current_ = found_.add_family(name, metric_type::unknown);
    type_ = &unknown_openmetrics_type();
    has_help_ = has_type_ = has_unit_ = false;
    return true;
  }

  /// What can be said of a family only when all of it was seen.
  bool close_family() {
    if (!current_ || family().unit.empty()) return true;
    std::string_view const unit = family().unit;
    if (family().type == metric_type::info || family().states)
      return at_.fail_at(unit_at_, "expected no unit for an info or stateset, saw " + quoted(unit) +
                                       "; leave the UNIT line out");
    bool const ends_in_it = pushed_name_.size() > unit.size() && pushed_name_.ends_with(unit) &&
                            pushed_name_[pushed_name_.size() - unit.size() - 1] == '_';
    if (ends_in_it) return true;
    return at_.fail_at(unit_at_, "expected the unit that the name " + quoted(pushed_name_) +
                                     " ends in, saw " + quoted(unit) +
                                     "; rename the metric or leave the UNIT line out");
  }

  /// Which sample of the current family a name is; null: of none.
  [[nodiscard]] openmetrics_suffix const* suffix_of(std::string_view name) const {
    if (!current_ || !name.starts_with(pushed_name_)) return nullptr;
    name.remove_prefix(pushed_name_.size());
    for (openmetrics_suffix const& each : type_->suffixes)
      if (name == each.text) return &each;
    return nullptr;
  }

  // ---- Samples ----

  bool sample() {
    std::uint32_t const begin = at_.offset();
    std::string_view const name = at_.metric_name();
    if (name.empty()) return at_.expected("a metric name or '#'", "OpenMetrics has no empty lines");
    openmetrics_suffix const* suffix = suffix_of(name);
    if (suffix == nullptr) {
      // Without metadata: a family of its own.
      if (!close_family() || !open_family(name, begin)) return false;
      suffix = &type_->suffixes.front();
    }
    raw_sample sample{.family = *current_,
                      .first_label = static_cast<std::uint32_t>(found_.labels.size()),
                      .part = suffix->part};
    has_of_ = false;
    if (at_.take('{') && !labels(*suffix, &sample)) return false;
    sample.end_label = static_cast<std::uint32_t>(found_.labels.size());
    if (!at_.take(' ')) return at_.expected("one blank before the number");
    double value;
    if (!number(sample, value) || !behind_number(*suffix)) return false;
    set(sample, value);
    check_part(*suffix, sample);
    return add(sample, type_->suffixes.size() == 1);
  }

  bool behind_number(openmetrics_suffix const& suffix) {
    if (at_.take('\n')) return true;
    if (!at_.take(' ')) return at_.expected("a newline behind the number");
    if (at_.here() != '#') {
      double timestamp;
      char const* p = at_.position();
      return read_number(p, at_.end(), timestamp) ? at_.fail(std::string(timestamp_refused))
                                                  : at_.expected("a newline behind the number");
    }
    if (!suffix.takes_exemplar)
      return at_.expected("no exemplar but on a counter's _total and a histogram's _bucket");
    at_.skip();
    return exemplar();
  }

  /// ` {labels} value [timestamp]`: checked, and left out.
  bool exemplar() {
    constexpr std::size_t characters_max = 128;
    std::uint32_t const begin = at_.offset();
    if (!at_.take(' ') || !at_.take('{'))
      return at_.expected("a blank and '{' behind an exemplar's '#'");
    std::size_t const first = found_.labels.size();
    openmetrics_suffix const none{};
    if (!labels(none, nullptr, first)) return false;
    std::size_t characters = 0;
    for (std::size_t i = first; i < found_.labels.size(); ++i)
      characters += found_.labels[i].name.size() + character_count(found_.labels[i].value);
    found_.labels.resize(first);
    if (characters > characters_max)
      return at_.fail_at(begin, "expected at most 128 characters in an exemplar's labels, saw " +
                                    std::to_string(characters));
    double value;
    raw_sample unused;
    if (!at_.take(' ')) return at_.expected("one blank before the exemplar's number");
    if (!number(unused, value)) return false;
    if (at_.take(' ')) {
      if (!number(unused, value)) return false;
      if (!(value - value == 0)) return at_.fail("expected a finite timestamp of the exemplar");
    }
    return newline("the exemplar");
  }

  /// As they are said: an escape is one character.
  static std::size_t character_count(std::string_view rendered) {
    std::size_t count = 0;
    for (std::size_t i = 0; i < rendered.size(); ++i) {
      if (rendered[i] == '\\') ++i;
      count += (static_cast<unsigned char>(rendered[i]) & 0xC0) != 0x80 ? 1U : 0U;
    }
    return count;
  }

  /// A part of a summary or histogram has the label that it needs, and no other has it.
  void check_part(openmetrics_suffix const& suffix, raw_sample const& sample) {
    if (!suffix.own_label.empty() && !has_of_)
      found_.refuse(family(), refusal_reason::label, sample,
                    "expected the label " + std::string(suffix.own_label) + ", saw none");
    metric_type const type = family().type;
    for (std::uint32_t i = sample.first_label; i < sample.end_label; ++i)
      if (naming::reserved_label(found_.labels[i].name, type))
        found_.refuse(family(), refusal_reason::label, sample,
                      "expected no label " + std::string(found_.labels[i].name) +
                          " on a sum, count or start time");
    if (!family().states) return;
    double const state = sample.number();
    bool named = false;
    for (std::uint32_t i = sample.first_label; i < sample.end_label; ++i)
      named = named || found_.labels[i].name == pushed_name_;
    if (!named)
      found_.refuse(family(), refusal_reason::label, sample,
                    "expected a stateset's label " + std::string(pushed_name_) + ", saw none");
    else if (state != 0 && state != 1)
      found_.refuse(family(), refusal_reason::value, sample, "expected 0 or 1 of a stateset");
  }

  // ---- Labels ----

  bool labels(openmetrics_suffix const& suffix, raw_sample* sample) {
    return labels(suffix, sample, sample->first_label);
  }
  /// Behind '{'. `sample` takes the value of the suffix's own label; null where that has none.
  bool labels(openmetrics_suffix const& suffix, raw_sample* sample, std::size_t first) {
    if (at_.take('}')) return true;
    do {
      std::uint32_t const name_at = at_.offset();
      std::string_view const name = at_.label_name();
      if (name.empty()) return at_.expected("a label name", "names are [a-zA-Z_][a-zA-Z0-9_]*");
      if (!at_.take('=') || !at_.take('"'))
        return at_.expected("'=' and '\"' behind the label name");
      std::string_view value;
      if (!label_value(value)) return false;
      bool const own = !suffix.own_label.empty() && name == suffix.own_label;
      if (!label(first, name, value, name_at, own ? &sample->of : nullptr)) return false;
    } while (at_.take(','));
    return at_.take('}') || at_.expected("',' or '}' behind the label's value");
  }

  bool label_value(std::string_view& value) {
    char const* const begin = at_.position();
    bool other_escapes = false;
    for (;;) {
      at_.take_until([](char c) { return c == '"' || c == '\\' || c == '\n'; });
      if (at_.take('\\')) {
        char const c = at_.here();
        if (c == '\n' || at_.ended()) return at_.expected("'\"' behind the label's value");
        other_escapes = other_escapes || (c != '\\' && c != '"' && c != 'n');
        at_.skip();
        continue;
      }
      if (at_.here() != '"') return at_.expected("'\"' behind the label's value");
      value = {begin, static_cast<std::size_t>(at_.position() - begin)};
      at_.skip();
      if (other_escapes) value = found_.keep(with_backslashes(value));
      return true;
    }
  }

  /// Any other backslash is one: a scrape writes it twice.
  static std::string with_backslashes(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
      out += text[i];
      if (text[i] != '\\') continue;
      char const next = text[++i];
      if (next != '\\' && next != '"' && next != 'n') out += '\\';
      out += next;
    }
    return out;
  }

  std::optional<std::uint32_t> current_;  // family
  std::string_view pushed_name_;
  openmetrics_type_rules const* type_ = nullptr;
  std::uint32_t unit_at_ = 0;
  bool has_help_ = false;
  bool has_type_ = false;
  bool has_unit_ = false;
  bool ended_ = false;
};

}  // namespace

std::optional<body_fault> read_openmetrics(std::string_view body, push_limits const& limits,
                                           raw_bundle& found) {
  if (auto fault = wrong_bytes(body)) return fault;
  return reader(body, limits, found).read();
}

}  // namespace stele::pushing
