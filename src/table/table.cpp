#include "table/table.hpp"

namespace stele::tables {

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
