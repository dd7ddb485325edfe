// result.hpp: a value, or why there is none. For what fails in ordinary operation: a port that is
// taken is a value, not an exception.
//
//   auto endpoint = stele::serve<coderd::table>();
//   if (!endpoint) std::cerr << endpoint.error().message << '\n';
//
// Threads: a value type.

#pragma once

#include <string>
#include <system_error>
#include <utility>
#include <variant>

namespace stele {

/// What failed: a code for programs, a sentence for people that names what was expected, what was
/// seen, and the fix.
struct error {
  std::error_code code;
  std::string message;
};

template <class Value>
class [[nodiscard]] result {
 public:
  result(Value value) noexcept : content_(std::move(value)) {}
  result(stele::error failure) noexcept : content_(std::move(failure)) {}

  explicit operator bool() const noexcept { return content_.index() == 0; }

  /// REQUIRES: there is a value. Throws std::bad_variant_access where there is none.
  Value& operator*() & { return std::get<0>(content_); }
  Value const& operator*() const& { return std::get<0>(content_); }
  Value&& operator*() && { return std::get<0>(std::move(content_)); }
  Value* operator->() { return &std::get<0>(content_); }
  Value const* operator->() const { return &std::get<0>(content_); }

  /// REQUIRES: there is no value. Throws std::bad_variant_access where there is one.
  [[nodiscard]] stele::error const& error() const { return std::get<1>(content_); }

 private:
  std::variant<Value, stele::error> content_;
};

}  // namespace stele
