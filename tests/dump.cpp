// dump: writes every row of a table with some values, for the judges of tests/judges_test.py.
//
//   dump sample|coderd text|openmetrics [NAME=VALUE of a constant label]
//
// Rows that the table says nobody feeds are written too: here the exposition is judged, not the
// process.

#include <coderd.hpp>
#include <sample.hpp>

#include <boost/hana/for_each.hpp>
#include <boost/hana/tuple.hpp>
#include <boost/hana/type.hpp>

#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

namespace {

/// A value for each label of a row, the first of each closed set.
template <class Row>
std::vector<std::string_view> first_values() {
  std::vector<std::string_view> values;
  for (auto const& label : Row::about.labels)
    values.push_back(label.closed() ? label.values.front() : "a value");
  return values;
}

/// An instrument of a row: where there are labels, one with the first values.
template <class Row>
auto first_series() {
  if constexpr (Row::about.labels.empty()) {
    return stele::row_instrument<Row>();
  } else {
    using family = stele::family<Row>;
    using series = typename family::series_type;
    if constexpr (Row::about.closed()) {
      return typename family::instrument_type(series{0});
    } else {
      auto const values = first_values<Row>();
      using table = typename Row::table;
      return typename family::instrument_type(series{stele::open_handle<table>(
          stele::core::find_block(stele::link_of<table>, Row::index, values.data(), values.size(),
                                  stele::thread_slab<table>))});
    }
  }
}

template <class Instrument>
void update(Instrument const& instrument) {
  if constexpr (Instrument::row::about.type == stele::metric_type::counter)
    instrument.inc(3);
  else if constexpr (Instrument::row::about.type == stele::metric_type::gauge)
    instrument.set(4);
  else if constexpr (Instrument::row::about.type == stele::metric_type::stateset)
    instrument.enable(Instrument::row::about.states.back());
  else
    for (int const value : {0, 1, 50, 7000}) instrument.observe(value);
}

template <class Row>
void update_row() {
  if constexpr (Row::about.type == stele::metric_type::info) {
    stele::use_row<Row>();
    auto const values = first_values<Row>();
    stele::core::show_info(stele::link_of<typename Row::table>, Row::index, values.data(),
                           values.size(), true);
  } else {
    update(first_series<Row>());
  }
}

/// A summary that saw a negative value: what OpenMetrics may not show of it is left out.
void observe_negative() {
  sample::metric<"sample_open_pause_seconds">.with({.cause = "negative"}).observe(-5);
}

/// A body of several chunks.
void make_large() {
  for (int i = 0; i < 3000; ++i)
    sample::metric<"sample_requests_total">
        .with({.code = "200", .path = "/large/" + std::to_string(i)})
        .inc();
}

template <class Table>
int write_all(stele::format format, std::string_view constant) {
  if (std::size_t const name = constant.find('='); name != constant.npos) {
    auto const set =
        stele::set_constant_labels<Table>({{constant.substr(0, name), constant.substr(name + 1)}});
    if (!set) {
      std::fprintf(stderr, "dump: %s\n", set.error().message.c_str());
      return 1;
    }
  }
  boost::hana::for_each(stele::rows<Table>,
                        [](auto row) { update_row<typename decltype(row)::type>(); });
  stele::expose(stele::gather<Table>(), format,
                [](std::string_view chunk) { std::fwrite(chunk.data(), 1, chunk.size(), stdout); });
  return 0;
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 3 && count != 4) {
    std::fprintf(stderr,
                 "dump: expected two arguments, or three: sample|coderd text|openmetrics "
                 "[NAME=VALUE]\n");
    return 2;
  }
  std::string_view const constant(count == 4 ? arguments[3] : "");
  std::string_view const table(arguments[1]);
  auto const format =
      std::string_view(arguments[2]) == "text" ? stele::format::text : stele::format::openmetrics;
  if (table == "sample") {
    observe_negative();
    make_large();
    return write_all<sample::table>(format, constant);
  }
  return write_all<coderd::table>(format, constant);
}
