#include "table/content_hash.hpp"

#include <string_view>

#include "stele/enum_names.hpp"
#include "table/literals.hpp"

namespace stele::tables {

namespace {

/// Sizes stand before texts and lists, so that no two tables have one text: a description may hold
/// any byte that could separate fields.
class fnv_1a {
 public:
  void field(std::string_view text) noexcept {
    size(text.size());
    for (char const c : text) byte(c);
  }
  void size(std::size_t count) noexcept {
    for (std::uint64_t rest = count, i = 0; i < 8; ++i, rest >>= 8)
      byte(static_cast<char>(rest & 0xFF));
  }
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
    hash.field(name_of(row.type));
    hash.field(row.help);
    hash.field(number_literal(static_cast<double>(row.unit)));
    hash.field(number_literal(static_cast<double>(row.source)));
    hash.field(row.absent_reason);
    hash.field(row.openmetrics_unknown ? "unknown" : "");
    hash.size(row.labels.size());
    for (auto const& label : row.labels) {
      hash.field(label.name);
      hash.size(label.values.size());
      for (auto const& value : label.values) hash.field(value);
    }
    hash.size(row.bounds.size());
    for (double const bound : row.bounds) hash.field(number_literal(bound));
    hash.size(row.quantiles.size());
    for (double const quantile : row.quantiles) hash.field(number_literal(quantile));
    // Only where they are: a row's name, which else comes next, is never one of these two words.
    if (row.native_schema != no_native) {
      hash.field("+native");
      hash.field(number_literal(row.native_schema));
    }
    if (!row.states.empty()) {
      hash.field("+states");
      hash.size(row.states.size());
      for (auto const& state : row.states) hash.field(state);
    }
  }
  return hash.value();
}

}  // namespace stele::tables
