// result.hpp: a value, or why there is none. For what fails in ordinary operation: a port that is
// taken is a value, not an exception.
//
//   auto endpoint = stele::serve<coderd::table>();
//   if (!endpoint) std::cerr << endpoint.error().message << '\n';
//
// Threads: a value type.

#pragma once

#include <new>
#include <string>
#include <system_error>
#include <type_traits>
#include <utility>

#include "api.hpp"

namespace stele {

/// What failed: a code for programs, a sentence for people that names what was expected, what was
/// seen, and the fix.
struct error {
  std::error_code code;
  std::string message;
};

namespace core {

/// Throws std::logic_error: `call` was made on a result that has the other content. In libstele, so
/// that this header can be included where exceptions are switched off.
[[noreturn]] STELE_API void wrong_result_access(char const* call);

}  // namespace core

/// Movable. A result that was moved from keeps which of the two it holds.
template <class Value>
class [[nodiscard]] result {
  static_assert(std::is_nothrow_move_constructible_v<Value>,
                "result<Value> requires a Value that moves without an exception");

 public:
  result(Value value) noexcept : has_value_(true), value_(std::move(value)) {}
  result(stele::error failure) noexcept : has_value_(false), error_(std::move(failure)) {}
  result(result&& other) noexcept { take(other); }
  result& operator=(result&& other) noexcept {
    if (this != &other) {
      destroy();
      take(other);
    }
    return *this;
  }
  ~result() { destroy(); }

  explicit operator bool() const noexcept { return has_value_; }

  /// REQUIRES: there is a value. Throws std::logic_error where there is none.
  Value& operator*() & { return checked(); }
  Value const& operator*() const& { return checked(); }
  Value&& operator*() && { return std::move(checked()); }
  Value* operator->() { return &checked(); }
  Value const* operator->() const { return &checked(); }

  /// REQUIRES: there is no value. Throws std::logic_error where there is one.
  [[nodiscard]] stele::error const& error() const {
    if (has_value_) core::wrong_result_access("error()");
    return error_;
  }

 private:
  Value& checked() { return const_cast<Value&>(std::as_const(*this).checked()); }
  Value const& checked() const {
    if (!has_value_) core::wrong_result_access("*");
    return value_;
  }
  void take(result& other) noexcept {
    has_value_ = other.has_value_;
    if (has_value_)
      ::new (static_cast<void*>(&value_)) Value(std::move(other.value_));
    else
      ::new (static_cast<void*>(&error_)) stele::error(std::move(other.error_));
  }
  void destroy() noexcept {
    if (has_value_)
      value_.~Value();
    else
      error_.~error();
  }

  bool has_value_;
  union {
    Value value_;
    stele::error error_;
  };
};

}  // namespace stele
