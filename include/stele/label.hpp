// label.hpp: what a generated label struct is made of.
//
// A label struct is an aggregate with one member a label, initialised by name:
//
//   metric<"http_requests_total">.with({.code = "200", .method = request.method()})
//
// Every label is a type of its own, and a label that is left out does not compile. A label struct
// is a Boost.Hana Struct, so that one algorithm serves every label set.
//
// Threads: values without shared state. A label refers to the caller's string and does not own it.

#pragma once

#include <boost/hana/accessors.hpp>
#include <boost/hana/for_each.hpp>
#include <boost/hana/pair.hpp>
#include <boost/hana/second.hpp>
#include <boost/hana/string.hpp>
#include <boost/hana/tuple.hpp>
#include <boost/hana/unpack.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>

#include "fixed_string.hpp"

namespace stele {

/// The first member of every label struct. It cannot be made from anything a caller has, so that
/// `{"GET", "200"}`, in which two labels could be swapped unnoticed, does not compile.
class by_name_only {
 public:
  static constexpr by_name_only yes() noexcept { return by_name_only(token{}); }

 private:
  struct token {};
  explicit constexpr by_name_only(token) noexcept {}
};

/// An open label: any text. Invalid UTF-8 is replaced when a series is looked up.
template <fixed_string Name, class Enum = void>
struct label {
  static constexpr auto name = Name;
  std::string_view text;

  template <class Text>
    requires std::is_convertible_v<Text const&, std::string_view>
  constexpr label(Text const& value) noexcept : text(value) {}
  label(decltype(nullptr)) = delete;

  [[nodiscard]] constexpr std::string_view as_text() const noexcept { return text; }
};

/// A closed label: one value of the set that the table states. Text that is not in the set becomes
/// `other` where the set has that value; else the update is refused and counted.
template <fixed_string Name, class Enum>
  requires std::is_enum_v<Enum>
struct label<Name, Enum> {
  static constexpr auto name = Name;
  static constexpr std::size_t refused = std::numeric_limits<std::size_t>::max();
  std::size_t index;  // place in the set, or `refused`

  /// A number that was cast to the enumeration and is none of its values is refused.
  constexpr label(Enum value) noexcept
      : index(static_cast<std::size_t>(value) < values().size() ? static_cast<std::size_t>(value)
                                                                : refused) {}

  template <class Text>
    requires std::is_convertible_v<Text const&, std::string_view>
  constexpr label(Text const& value) noexcept : index(index_of(value)) {}
  label(decltype(nullptr)) = delete;

  static constexpr std::span<std::string_view const> values() noexcept {
    return label_values(Enum{});
  }

  /// Empty, as no value of a table is, where it is refused.
  [[nodiscard]] constexpr std::string_view as_text() const noexcept {
    return index == refused ? std::string_view() : values()[index];
  }

 private:
  static constexpr std::size_t index_of(std::string_view text) noexcept {
    std::size_t other = refused;
    for (std::size_t i = 0; i < values().size(); ++i) {
      if (values()[i] == text) return i;
      if (values()[i] == "other") other = i;
    }
    return other;
  }
};

/// The label set of a row without labels.
struct no_labels {};

namespace detail {

/// Stands for a label that is missing, so that the one error has no others in its train.
struct anything {
  template <class Any>
    requires requires { Any::name; }
  constexpr operator Any() const noexcept {
    return Any(std::string_view());
  }
};

}  // namespace detail

/// Carries the row and the label into the compiler's message.
template <class Row, fixed_string Label>
struct label_of {
  static constexpr bool given = false;
};

/// The default value of every label, which no label may have: naming each label is required.
template <class Row, fixed_string Label>
constexpr auto missing_label() noexcept {
  static_assert(label_of<Row, Label>::given,
                "with() requires every label of the row, by name, in the table's order; a label is "
                "missing or out of order: add it as .label = value (the row and the label stand "
                "beside this message)");
  return detail::anything{};
}

namespace detail {

template <class Labels, class Label>
constexpr Label label_type(Label Labels::*);

template <fixed_string Name, std::size_t... I>
constexpr auto hana_string(std::index_sequence<I...>) noexcept {
  return boost::hana::string_c<Name.characters[I]...>;
}

template <auto Member>
struct label_accessor {
  using type = decltype(label_type(Member));

  static constexpr auto key() noexcept {
    return hana_string<type::name>(std::make_index_sequence<type::name.view().size()>{});
  }
  template <class Labels>
  constexpr auto const& operator()(Labels const& labels) const noexcept {
    return labels.*Member;
  }
};

}  // namespace detail

/// The accessors that make a label struct a Hana Struct: the pairs (name, reader) in table order.
/// They are not written with BOOST_HANA_ADAPT_STRUCT because a label may be a C++ keyword, whose
/// member then has another name than the label.
template <auto... Members>
struct label_accessors {
  static constexpr std::size_t size = sizeof...(Members);

  static constexpr auto apply() {
    return boost::hana::make_tuple(boost::hana::make_pair(detail::label_accessor<Members>::key(),
                                                          detail::label_accessor<Members>{})...);
  }
};

/// Calls visit(label) for each label of a label struct, in table order.
template <class Labels, class Visit>
constexpr void for_each_label(Labels const& labels, Visit&& visit) {
  boost::hana::for_each(boost::hana::accessors<Labels>(), [&](auto const& accessor) {
    visit(boost::hana::second(accessor)(labels));
  });
}

/// How many labels a label struct has.
template <class Labels>
inline constexpr std::size_t label_count = Labels::hana_accessors_impl::size;
template <>
inline constexpr std::size_t label_count<no_labels> = 0;

/// The values of a label struct as text, in table order; that of a closed label that is refused is
/// empty.
template <class Labels>
constexpr auto label_texts(Labels const& labels) noexcept {
  return boost::hana::unpack(boost::hana::accessors<Labels>(), [&](auto const&... accessors) {
    return std::array<std::string_view, sizeof...(accessors)>{
        boost::hana::second(accessors)(labels).as_text()...};
  });
}

/// Whether a value among the texts of a row's labels is refused.
template <class Row, std::size_t Labels>
constexpr bool any_refused(std::array<std::string_view, Labels> const& texts) noexcept {
  for (std::size_t i = 0; i < Labels; ++i)
    if (Row::about.labels[i].closed() && texts[i].empty()) return true;
  return false;
}

/// The place of a closed label set among the row's series, the last label running fastest, or
/// SIZE_MAX where a value is refused.
template <class Labels>
constexpr std::size_t closed_series_index(Labels const& labels) noexcept {
  std::size_t index = 0;
  bool refused = false;
  for_each_label(labels, [&]<class Label>(Label const& label) {
    refused = refused || label.index == Label::refused;
    index = index * Label::values().size() + label.index;
  });
  return refused ? std::numeric_limits<std::size_t>::max() : index;
}

}  // namespace stele
