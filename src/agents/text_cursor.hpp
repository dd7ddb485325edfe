// text_cursor.hpp: what the two text parsers share: where they are, and what they say there.
//
//   text_cursor at(body);
//   std::string_view const name = at.metric_name();
//   if (name.empty()) return at.expected("a metric name");
//
// Threads: one.

#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "agents/body_text.hpp"
#include "stele/naming.hpp"

namespace stele::pushing {

class text_cursor {
 public:
  /// REQUIRES: the body has no NUL, which is what is read at its end; it outlives this.
  explicit text_cursor(std::string_view body) noexcept
      : body_(body), at_(body.data()), end_(at_ + body.size()) {}

  [[nodiscard]] char here() const noexcept { return at_ == end_ ? '\0' : *at_; }
  [[nodiscard]] bool ended() const noexcept { return at_ == end_; }
  [[nodiscard]] char const* position() const noexcept { return at_; }
  [[nodiscard]] char const* end() const noexcept { return end_; }
  [[nodiscard]] std::uint32_t offset() const noexcept {
    return static_cast<std::uint32_t>(at_ - body_.data());
  }
  void move_to(char const* to) noexcept { at_ = to; }
  void skip() noexcept { ++at_; }  // REQUIRES: !ended()

  bool take(char c) noexcept {
    if (at_ == end_ || *at_ != c) return false;
    ++at_;
    return true;
  }
  void skip_blanks() noexcept {
    while (at_ != end_ && (*at_ == ' ' || *at_ == '\t')) ++at_;
  }
  /// Up to the first of these, or the end.
  template <class Stops>
  std::string_view take_until(Stops const& stops) noexcept {
    char const* const begin = at_;
    while (at_ != end_ && !stops(*at_)) ++at_;
    return {begin, static_cast<std::size_t>(at_ - begin)};
  }
  std::string_view take_word() noexcept {
    return take_until([](char c) { return c == ' ' || c == '\t' || c == '\n'; });
  }
  /// Up to the end of the line, which is not taken.
  std::string_view take_rest_of_line() noexcept {
    auto const* found = at_ == end_ ? nullptr
                                    : static_cast<char const*>(std::memchr(
                                          at_, '\n', static_cast<std::size_t>(end_ - at_)));
    std::string_view const rest(at_, static_cast<std::size_t>((found ? found : end_) - at_));
    at_ += rest.size();
    return rest;
  }
  /// Empty where there is none.
  std::string_view metric_name() noexcept { return name(true); }
  std::string_view label_name() noexcept { return name(false); }

  /// Always false: what a parser returns. The first fault counts.
  bool fail_at(std::size_t offset, std::string what,
               body_fault::kind kind = body_fault::kind::syntax) {
    if (!fault_) fault_ = fault_at(body_, offset, std::move(what), kind);
    return false;
  }
  bool fail(std::string what, body_fault::kind kind = body_fault::kind::syntax) {
    return fail_at(offset(), std::move(what), kind);
  }
  bool expected(std::string what, std::string_view fix = {}) {
    what = "expected " + what + ", saw " + shown(body_, offset());
    if (!fix.empty()) what.append("; ").append(fix);
    return fail(std::move(what));
  }

  [[nodiscard]] std::optional<body_fault>& fault() noexcept { return fault_; }

 private:
  std::string_view name(bool colon) noexcept {
    if (naming::digit(here())) return {};
    return take_until([colon](char c) {
      return !naming::letter(c) && !naming::digit(c) && !(colon && c == ':');
    });
  }

  std::string_view body_;
  char const* at_;
  char const* end_;
  std::optional<body_fault> fault_;
};

}  // namespace stele::pushing
