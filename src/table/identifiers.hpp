// identifiers.hpp: C++ names for what a table calls by other names.
//
//   identifier_of("200") == "_200"; identifier_of("delete") == "delete_"
//
// Threads: pure functions; a name_scope belongs to one thread.

#pragma once

#include <functional>
#include <initializer_list>
#include <set>
#include <string>
#include <string_view>

namespace stele::tables {

/// A keyword of C++20 (alternative tokens included), a word that a system header may define as a
/// macro or one that C++ leaves to the compiler: no identifier of a generated header is one.
bool reserved_word(std::string_view text) noexcept;

/// A text as an identifier: other characters become `_`, a leading digit gets `_` before it, a
/// leading `__` or `_A` gets `x` before it, a reserved word gets `_` behind it.
std::string identifier_of(std::string_view text);

/// The names that are taken in one C++ scope.
class name_scope {
 public:
  name_scope() = default;
  name_scope(std::initializer_list<std::string> taken) : taken_(taken) {}

  /// The name as an identifier, with as many `_` behind it as make it new; takes it.
  std::string take(std::string_view wanted);
  void reserve(std::string_view name) { taken_.emplace(name); }
  [[nodiscard]] std::set<std::string, std::less<>> const& taken() const noexcept { return taken_; }

 private:
  std::set<std::string, std::less<>> taken_;
};

}  // namespace stele::tables
