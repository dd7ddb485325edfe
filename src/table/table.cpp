#include "table/table.hpp"

namespace stele::tables {

std::string_view type_name(metric_type type) noexcept {
  switch (type) {
    case metric_type::counter: return "counter";
    case metric_type::gauge: return "gauge";
    case metric_type::histogram: return "histogram";
    case metric_type::summary: return "summary";
    case metric_type::info: return "info";
    case metric_type::stateset: return "stateset";
    case metric_type::unknown: break;  // of no row
  }
  return "unknown";
}

descriptor described(table_row const& row) noexcept {
  descriptor result;
  result.name = row.name;
  result.type = row.type;
  result.help = row.help;
  result.unit = row.unit;
  result.openmetrics_unknown = row.openmetrics_unknown;
  return result;
}

}  // namespace stele::tables
