#include "table/sdk_rows.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "stele/aggregator_rows.hpp"
#include "stele/closest_name.hpp"
#include "stele/enum_names.hpp"
#include "stele/self.hpp"
#include "table/text.hpp"

namespace stele::tables {

namespace {

using enum metric_type;

using fed_row = core::self_row;

constexpr std::string_view codes[]{"200", "500", "503"};

// What src/collect and src/serve feed by these names.
constexpr fed_row other_rows[]{
    {"process_cpu_seconds_total", counter, ""},
    {"process_max_fds", gauge, ""},
    {"process_open_fds", gauge, ""},
    {"process_resident_memory_bytes", gauge, ""},
    {"process_start_time_seconds", gauge, ""},
    {"process_virtual_memory_bytes", gauge, ""},
    {"process_virtual_memory_max_bytes", gauge, ""},
    {"promhttp_metric_handler_requests_in_flight", gauge, ""},
    {"promhttp_metric_handler_requests_total", counter, "code", codes},
};

constexpr auto fed_rows = [] {
  std::array<fed_row,
             std::size(other_rows) + std::size(core::self_rows) + std::size(core::aggregator_rows)>
      all{};
  auto const others = std::copy(std::begin(other_rows), std::end(other_rows), all.begin());
  std::copy(std::begin(core::aggregator_rows), std::end(core::aggregator_rows),
            std::copy(std::begin(core::self_rows), std::end(core::self_rows), others));
  return all;
}();

/// A closed one (the statuses that a scrape can be answered with, the parts of memory), or an open
/// one, or none.
std::vector<table_label> labels_of(fed_row const& row) {
  if (row.label.empty()) return {};
  return {{std::string(row.label), {row.values.begin(), row.values.end()}}};
}

fed_row const* find(std::string_view name) noexcept {
  auto const* const place = std::find_if(fed_rows.begin(), fed_rows.end(),
                                         [&](fed_row const& row) { return row.name == name; });
  return place == fed_rows.end() ? nullptr : place;
}

std::string_view closest(std::string_view name) noexcept {
  return std::min_element(fed_rows.begin(), fed_rows.end(),
                          [&](fed_row const& a, fed_row const& b) {
                            return naming::edit_distance(a.name, name) <
                                   naming::edit_distance(b.name, name);
                          })
      ->name;
}

bool is_what_stele_feeds(table_row const& row, diagnostics& found) {
  constexpr std::string_view rule = "sdk-row";
  fed_row const* const fed = find(row.name);
  if (fed == nullptr) {
    found.error(
        row.at.name,
        fmt::format("expected a row that Stele feeds, saw {} with Source sdk", in_quotes(row.name)),
        rule,
        fmt::format("did you mean {}? What the service feeds has Source service",
                    closest(row.name)));
    return false;
  }
  if (row.type != fed->type) {
    found.error(row.at.type,
                fmt::format("expected {}, the type that Stele feeds {} with, saw {}",
                            name_of(fed->type), in_quotes(row.name), name_of(row.type)),
                rule, fmt::format("write {}", name_of(fed->type)));
    return false;
  }
  auto const labels = labels_of(*fed);
  if (row.labels == labels) return true;
  std::string text = labels.empty() ? "no labels" : labels[0].name;
  if (!labels.empty() && !labels[0].values.empty())
    text += fmt::format("{{{}}}", fmt::join(labels[0].values, ","));
  found.error(
      row.at.labels,
      fmt::format("expected {}, as Stele feeds {}, saw others", text, in_quotes(row.name)), rule,
      labels.empty() ? std::string("empty the Labels cell") : fmt::format("write `{}`", text));
  return false;
}

}  // namespace

void refuse_sdk_rows(metric_table& table, diagnostics& found, row_counts& counts) {
  std::erase_if(table, [&](table_row const& row) {
    if (row.source_is_empty && find(row.name) != nullptr)
      found.warning(row.at.source,
                    fmt::format("expected Source sdk for {}, which Stele feeds, saw an empty cell",
                                in_quotes(row.name)),
                    "sdk-row", "write sdk, or service if the service feeds it");
    if (row.source != source::sdk || is_what_stele_feeds(row, found)) return false;
    ++counts.refused;
    return true;
  });
}

}  // namespace stele::tables
