#include "table/identifiers.hpp"

#include <algorithm>
#include <array>
#include <iterator>

#include "stele/naming.hpp"
#include "table/system_names.hpp"

namespace stele::tables {

namespace {

// Sorted: searched by halves.
constexpr std::string_view reserved_words[]{"EOF",
                                            "FALSE",
                                            "INFINITY",
                                            "NAN",
                                            "NULL",
                                            "TRUE",
                                            "alignas",
                                            "alignof",
                                            "and",
                                            "and_eq",
                                            "asm",
                                            "assert",
                                            "auto",
                                            "bitand",
                                            "bitor",
                                            "bool",
                                            "break",
                                            "case",
                                            "catch",
                                            "char",
                                            "char16_t",
                                            "char32_t",
                                            "char8_t",
                                            "class",
                                            "co_await",
                                            "co_return",
                                            "co_yield",
                                            "compl",
                                            "concept",
                                            "const",
                                            "const_cast",
                                            "consteval",
                                            "constexpr",
                                            "constinit",
                                            "continue",
                                            "decltype",
                                            "default",
                                            "delete",
                                            "do",
                                            "double",
                                            "dynamic_cast",
                                            "else",
                                            "enum",
                                            "errno",
                                            "explicit",
                                            "export",
                                            "extern",
                                            "false",
                                            "float",
                                            "for",
                                            "friend",
                                            "goto",
                                            "if",
                                            "inline",
                                            "int",
                                            "linux",
                                            "long",
                                            "major",
                                            "minor",
                                            "mutable",
                                            "namespace",
                                            "new",
                                            "noexcept",
                                            "not",
                                            "not_eq",
                                            "nullptr",
                                            "operator",
                                            "or",
                                            "or_eq",
                                            "private",
                                            "protected",
                                            "public",
                                            "register",
                                            "reinterpret_cast",
                                            "requires",
                                            "return",
                                            "short",
                                            "signed",
                                            "sizeof",
                                            "static",
                                            "static_assert",
                                            "static_cast",
                                            "stderr",
                                            "stdin",
                                            "stdout",
                                            "struct",
                                            "switch",
                                            "template",
                                            "this",
                                            "thread_local",
                                            "throw",
                                            "true",
                                            "try",
                                            "typedef",
                                            "typeid",
                                            "typename",
                                            "union",
                                            "unix",
                                            "unsigned",
                                            "using",
                                            "virtual",
                                            "void",
                                            "volatile",
                                            "wchar_t",
                                            "while",
                                            "xor",
                                            "xor_eq"};
static_assert(std::is_sorted(std::begin(reserved_words), std::end(reserved_words)));

/// `__x` and `_X`: C++ leaves all of them to compilers and system headers, which have many.
bool for_the_compiler(std::string_view text) noexcept {
  return text.size() > 1 && text[0] == '_' &&
         (text[1] == '_' || (text[1] >= 'A' && text[1] <= 'Z'));
}

}  // namespace

bool reserved_word(std::string_view text) noexcept {
  return std::binary_search(std::begin(reserved_words), std::end(reserved_words), text) ||
         is_macro(text) || for_the_compiler(text);
}

std::string identifier_of(std::string_view text) {
  std::string result;
  if (text.empty() || naming::digit(text[0])) result = "_";
  for (char const c : text) result += naming::letter(c) || naming::digit(c) ? c : '_';
  if (for_the_compiler(result)) result.insert(0, 1, 'x');  // behind it, `_` would not help
  if (reserved_word(result)) result += '_';
  return result;
}

std::string name_scope::take(std::string_view wanted) {
  std::string name = identifier_of(wanted);
  while (!taken_.insert(name).second) name += '_';
  return name;
}

}  // namespace stele::tables
