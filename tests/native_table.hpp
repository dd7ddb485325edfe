// native_table.hpp: a table of histograms with native buckets, in the form of a generated header.

#pragma once

#include <stele.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace native {

struct table;

enum class kind : std::uint8_t { a, b };
inline constexpr std::string_view kind_values[]{"a", "b"};
constexpr std::span<std::string_view const> label_values(kind) noexcept { return kind_values; }

inline constexpr stele::label_descriptor label_set_kind[]{{"kind", kind_values}};
template <class Row>
struct labels_kind {
  stele::by_name_only named = stele::by_name_only::yes();
  stele::label<"kind", native::kind> kind = stele::missing_label<Row, "kind">();

  using hana_accessors_impl = stele::label_accessors<&labels_kind::kind>;
};

inline constexpr stele::label_descriptor label_set_test[]{{"test"}};
template <class Row>
struct labels_test {
  stele::by_name_only named = stele::by_name_only::yes();
  stele::label<"test"> test = stele::missing_label<Row, "test">();

  using hana_accessors_impl = stele::label_accessors<&labels_test::test>;
};

namespace rows {

struct native_alone {
  using table = native::table;
  using labels = stele::no_labels;
  static constexpr std::size_t index = 0;
  static constexpr stele::descriptor about{.name = "native_alone",
                                           .type = stele::metric_type::histogram,
                                           .help = "Native buckets alone.",
                                           .unit = stele::unit::other,
                                           .native_schema = 3};
};

struct native_both_seconds {
  using table = native::table;
  using labels = stele::no_labels;
  static constexpr std::size_t index = 1;
  static constexpr double bounds[]{0.5, 1, 2};
  static constexpr stele::descriptor about{.name = "native_both_seconds",
                                           .type = stele::metric_type::histogram,
                                           .help = "Both forms.",
                                           .unit = stele::unit::seconds,
                                           .bounds = bounds,
                                           .native_schema = 3};
};

struct native_change_celsius {
  using table = native::table;
  using labels = stele::no_labels;
  static constexpr std::size_t index = 2;
  static constexpr double bounds[]{-1, 1};
  static constexpr stele::descriptor about{.name = "native_change_celsius",
                                           .type = stele::metric_type::histogram,
                                           .help = "Both forms, a negative bound.",
                                           .unit = stele::unit::other,
                                           .bounds = bounds,
                                           .native_schema = 3};
};

struct native_closed {
  using table = native::table;
  using labels = labels_kind<native_closed>;
  static constexpr std::size_t index = 3;
  static constexpr stele::descriptor about{.name = "native_closed",
                                           .type = stele::metric_type::histogram,
                                           .help = "A closed label.",
                                           .unit = stele::unit::other,
                                           .labels = label_set_kind,
                                           .native_schema = 3};
};

inline constexpr std::string_view schema_names[]{
    "native_schema_a", "native_schema_b", "native_schema_c", "native_schema_d", "native_schema_e",
    "native_schema_f", "native_schema_g", "native_schema_h", "native_schema_i", "native_schema_j",
    "native_schema_k", "native_schema_l", "native_schema_m"};

/// A row for each schema, with an open label, so that each test has series of its own.
template <int Schema>
struct native_schema {
  using table = native::table;
  using labels = labels_test<native_schema>;
  static constexpr std::size_t index = 8 + Schema;
  static constexpr stele::descriptor about{.name = schema_names[4 + Schema],
                                           .type = stele::metric_type::histogram,
                                           .help = "A schema.",
                                           .unit = stele::unit::other,
                                           .labels = label_set_test,
                                           .native_schema = Schema};
};

struct native_tight_seconds {
  using table = native::table;
  using labels = stele::no_labels;
  static constexpr std::size_t index = 17;
  static constexpr double bounds[]{0.5, 1, 2};
  static constexpr stele::descriptor about{.name = "native_tight_seconds",
                                           .type = stele::metric_type::histogram,
                                           .help = "What a stress test observes.",
                                           .unit = stele::unit::seconds,
                                           .bounds = bounds,
                                           .native_schema = 8};
};

}  // namespace rows

struct table {
  static constexpr std::string_view name = "native";
  static constexpr std::uint64_t content_hash = 1;
  static constexpr stele::descriptor const* descriptors[]{
      &rows::native_alone::about,          &rows::native_both_seconds::about,
      &rows::native_change_celsius::about, &rows::native_closed::about,
      &rows::native_schema<-4>::about,     &rows::native_schema<-3>::about,
      &rows::native_schema<-2>::about,     &rows::native_schema<-1>::about,
      &rows::native_schema<0>::about,      &rows::native_schema<1>::about,
      &rows::native_schema<2>::about,      &rows::native_schema<3>::about,
      &rows::native_schema<4>::about,      &rows::native_schema<5>::about,
      &rows::native_schema<6>::about,      &rows::native_schema<7>::about,
      &rows::native_schema<8>::about,      &rows::native_tight_seconds::about};

  template <template <class...> class List>
  using row_types =
      List<rows::native_alone, rows::native_both_seconds, rows::native_change_celsius,
           rows::native_closed, rows::native_schema<-4>, rows::native_schema<-3>,
           rows::native_schema<-2>, rows::native_schema<-1>, rows::native_schema<0>,
           rows::native_schema<1>, rows::native_schema<2>, rows::native_schema<3>,
           rows::native_schema<4>, rows::native_schema<5>, rows::native_schema<6>,
           rows::native_schema<7>, rows::native_schema<8>, rows::native_tight_seconds>;
};

static_assert(stele::naming::table_is_valid(table::descriptors));

template <class Row>
inline constexpr stele::instrument<Row> metric_of{};

inline constexpr auto& alone = metric_of<rows::native_alone>;
inline constexpr auto& both = metric_of<rows::native_both_seconds>;
inline constexpr auto& change = metric_of<rows::native_change_celsius>;
inline constexpr auto& closed = metric_of<rows::native_closed>;
inline constexpr auto& tight = metric_of<rows::native_tight_seconds>;
template <int Schema>
inline constexpr auto& at_schema = metric_of<rows::native_schema<Schema>>;

}  // namespace native
