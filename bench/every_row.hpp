// every_row.hpp: all rows of a table in use, whoever feeds them.
//
//   bench::touch_every_row<coderd::table>(8);   // 8 series where a label is open
//
// Threads: as instruments.

#pragma once

#include <boost/hana/for_each.hpp>
#include <boost/hana/tuple.hpp>
#include <boost/hana/type.hpp>

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace bench {

template <class Instrument>
void touch(Instrument const& instrument) {
  using stele::metric_type;
  constexpr metric_type type = Instrument::row::about.type;
  if constexpr (type == metric_type::counter)
    instrument.inc(3);
  else if constexpr (type == metric_type::gauge)
    instrument.set(4);
  else if constexpr (type == metric_type::histogram || type == metric_type::summary)
    for (int const value : {0, 1, 50, 7000}) instrument.observe(value);
}

/// The label struct of a row with these texts, in the table's order.
template <class Row, std::size_t... I>
typename Row::labels labels_of(std::array<std::string_view, sizeof...(I)> const& texts,
                               std::index_sequence<I...>) {
  return {stele::by_name_only::yes(), texts[I]...};
}

/// All series of a row whose labels are closed, else `open_series` of them.
template <class Row>
void touch_row(std::size_t open_series) {
  if constexpr (Row::about.labels.empty()) {
    touch(stele::row_instrument<Row>());
  } else {
    constexpr std::size_t labels = Row::about.labels.size();
    std::size_t series = open_series;
    if constexpr (Row::about.closed()) series = stele::closed_series_count(Row::about);
    for (std::size_t i = 0; i < series; ++i) {
      std::string const open = "value " + std::to_string(i);
      std::array<std::string_view, labels> texts;
      std::size_t rest = i;
      for (std::size_t j = 0; j < labels; ++j) {
        auto const values = Row::about.labels[j].values;
        texts[j] = values.empty() ? std::string_view(open) : values[rest % values.size()];
        if (!values.empty()) rest /= values.size();
      }
      touch(stele::row_instrument<Row>().with(
          labels_of<Row>(texts, std::make_index_sequence<labels>())));
    }
  }
}

template <class Table>
void touch_every_row(std::size_t open_series) {
  boost::hana::for_each(stele::rows<Table>, [open_series](auto row) {
    touch_row<typename decltype(row)::type>(open_series);
  });
}

}  // namespace bench
