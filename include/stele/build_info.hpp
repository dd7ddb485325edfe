// build_info.hpp: fills a row that says what is running, by the names of its labels.
//
//   stele::set_build_info(metric<"shop_build_info">,
//                         {.version = "1.4.2", .revision = "9f2c1ab", .branch = "main"});
//
// The row is an info row, or a gauge, which is set to 1. Of its labels `version`, `revision` and
// `branch` are the caller's; `compiler`, `cplusplus` and `stele_version` are those of the unit that
// makes the call. A row has any of them, in any order; another label does not compile.
//
// Threads: any. Call it once: another call replaces what an info row shows, and leaves a gauge's
// earlier series as it is.

#pragma once

#include <boost/hana/accessors.hpp>
#include <boost/hana/second.hpp>
#include <boost/hana/unpack.hpp>

#include <string_view>
#include <type_traits>

#include "label.hpp"
#include "metric.hpp"
#include "stele/version.hpp"  // made by the build

namespace stele {

/// What only the program knows. What is left out is an empty label value.
struct build_info {
  std::string_view version{};
  std::string_view revision{};
  std::string_view branch{};
};

/// Carries the row, and a label that nobody here knows, into the compiler's message.
template <class Row, fixed_string Label>
struct build_label_of {
  static constexpr bool known = false;
};

namespace detail {

#define STELE_DETAIL_TEXT_OF(macro) #macro
#define STELE_DETAIL_TEXT(macro) STELE_DETAIL_TEXT_OF(macro)

// Each unit has its own: units of one program may be compiled by different compilers.
#if defined(__clang__)
constexpr std::string_view unit_compiler =
    "clang " STELE_DETAIL_TEXT(__clang_major__) "." STELE_DETAIL_TEXT(
        __clang_minor__) "." STELE_DETAIL_TEXT(__clang_patchlevel__);
#else
constexpr std::string_view unit_compiler = "gcc " STELE_DETAIL_TEXT(__GNUC__) "." STELE_DETAIL_TEXT(
    __GNUC_MINOR__) "." STELE_DETAIL_TEXT(__GNUC_PATCHLEVEL__);
#endif
constexpr std::string_view unit_cplusplus = [] {
  std::string_view text = STELE_DETAIL_TEXT(__cplusplus);
  while (!text.empty() && (text.back() < '0' || text.back() > '9')) text.remove_suffix(1);
  return text;  // 202002 of 202002L
}();

#undef STELE_DETAIL_TEXT
#undef STELE_DETAIL_TEXT_OF

template <class Row, class Label>
static constexpr Label build_label(build_info const& build) noexcept {
  constexpr std::string_view name = Label::name.view();
  if constexpr (name == "version") return build.version;
  if constexpr (name == "revision") return build.revision;
  if constexpr (name == "branch") return build.branch;
  if constexpr (name == "compiler") return unit_compiler;
  if constexpr (name == "cplusplus") return unit_cplusplus;
  if constexpr (name == "stele_version") return std::string_view(STELE_VERSION_STRING);
  constexpr bool known = name == "version" || name == "revision" || name == "branch" ||
                         name == "compiler" || name == "cplusplus" || name == "stele_version";
  static_assert(known || build_label_of<Row, Label::name>::known,
                "set_build_info() requires labels among version, revision, branch, compiler, "
                "cplusplus and stele_version; the row and its other label stand beside this "
                "message: remove the label, or call set() with every label");
  return std::string_view();
}

template <class Row>
static constexpr typename Row::labels build_labels(build_info const& build) noexcept {
  using labels = typename Row::labels;
  if constexpr (Row::about.labels.empty())
    return labels{};
  else
    return boost::hana::unpack(
        boost::hana::accessors<labels>(), [&]<class... Accessor>(Accessor const&...) {
          return labels{by_name_only::yes(),
                        build_label<Row, typename std::remove_cvref_t<decltype(boost::hana::second(
                                             std::declval<Accessor const&>()))>::type>(build)...};
        });
}

}  // namespace detail

/// Fills the row. It is a function of the unit that calls it, as the macros that it states are.
template <class Instrument>
static void set_build_info(Instrument const& instrument, build_info const& build = {}) noexcept {
  if constexpr (requires { typename Instrument::row; }) {  // else the name is not in the table
    using row = typename Instrument::row;
    constexpr metric_type type = row::about.type;
    static_assert(type == metric_type::info || type == metric_type::gauge || call_on<row>::exists,
                  "set_build_info() requires an info row, or a gauge");
    if constexpr (type == metric_type::info)
      instrument.set(detail::build_labels<row>(build));
    else if constexpr (type == metric_type::gauge && row::about.labels.empty())
      instrument.set(1);
    else if constexpr (type == metric_type::gauge)
      instrument.with(detail::build_labels<row>(build)).set(1);
  }
}

}  // namespace stele
