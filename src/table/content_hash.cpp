#include "table/content_hash.hpp"

#include <string_view>

#include "table/literals.hpp"

namespace stele::tables {

namespace {

/// Every field ends with a byte that no field contains, so that no two tables have one text.
class fnv_1a {
 public:
  void field(std::string_view text, char end = '\x1f') noexcept {
    for (char const c : text) byte(c);
    byte(end);
  }
  void end_of_list() noexcept { byte('\x1e'); }
  [[nodiscard]] std::uint64_t value() const noexcept { return hash_; }

 private:
  void byte(char c) noexcept {
    hash_ ^= static_cast<unsigned char>(c);
    hash_ *= 0x100000001b3;
  }

  std::uint64_t hash_ = 0xcbf29ce484222325;
};

}  // namespace

std::uint64_t content_hash(metric_table const& table) {
  fnv_1a hash;
  for (auto const& row : table) {
    hash.field(row.name);
    hash.field(type_name(row.type));
    hash.field(number_literal(static_cast<double>(row.unit)));
    for (auto const& label : row.labels) {
      hash.field(label.name);
      for (auto const& value : label.values) hash.field(value);
      hash.end_of_list();
    }
    hash.end_of_list();
    for (double const bound : row.bounds) hash.field(number_literal(bound));
    hash.end_of_list();
    for (double const quantile : row.quantiles) hash.field(number_literal(quantile));
    hash.end_of_list();
  }
  return hash.value();
}

}  // namespace stele::tables
