// view.hpp: a further path of the endpoint, which exposes a part of what /metrics has.
//
//   constexpr stele::view views[]{
//       {.path = "/metrics/service", .except = {"coderd_workspace_*"}},
//       {.path = "/metrics/errors", .labels = {stele::label_condition::is("code", "500")}}};
//   auto endpoint = stele::serve<coderd::table>({.views = views});
//
// A series is in a view where each of the conditions that the view has holds; a view without any
// is a second path to everything. A row that a view cannot have costs its scrape nothing. A name, a
// table or a value of a closed label that is in no table that is served is reported by serve()
// through on_diagnostic(), as kind::configuration.
//
// Threads: value types. serve() copies them, with the texts that they refer to.

#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string_view>

namespace stele {

/// What a label of a series must be. As in Prometheus, a label that a series does not have is one
/// whose value is empty. Constant labels are labels too; `le`, `quantile` and the states of a
/// stateset are not, so that a view never takes a histogram apart.
struct label_condition {
  enum class kind : std::uint8_t { is, is_not };

  std::string_view name{};
  kind must = kind::is;
  std::string_view value{};

  static constexpr label_condition is(std::string_view name, std::string_view value) noexcept {
    return {name, kind::is, value};
  }
  /// Holds where the label is absent, too.
  static constexpr label_condition is_not(std::string_view name, std::string_view value) noexcept {
    return {name, kind::is_not, value};
  }
  static constexpr label_condition present(std::string_view name) noexcept {
    return is_not(name, {});
  }
  static constexpr label_condition absent(std::string_view name) noexcept { return is(name, {}); }
};

/// Up to 16 conditions of one kind, held by value. More are an error of serve().
template <class Condition>
class view_list {
 public:
  static constexpr std::size_t size_max = 16;

  constexpr view_list() noexcept = default;
  constexpr view_list(std::initializer_list<Condition> conditions) noexcept {
    for (Condition const& each : conditions) push_back(each);
  }
  constexpr void push_back(Condition const& condition) noexcept {
    if (size_ < size_max) conditions_[size_] = condition;
    ++size_;
  }

  [[nodiscard]] constexpr bool fits() const noexcept { return size_ <= size_max; }
  [[nodiscard]] constexpr bool empty() const noexcept { return size_ == 0; }
  [[nodiscard]] constexpr Condition const* begin() const noexcept { return conditions_; }
  [[nodiscard]] constexpr Condition const* end() const noexcept {
    return conditions_ + (fits() ? size_ : size_max);
  }

 private:
  Condition conditions_[size_max]{};
  std::size_t size_ = 0;
};

struct view {
  /// Begins with `/` and does not end with one; of letters, digits, `-._~/`. Not a path that is
  /// served already, nor one under `/-/`.
  std::string_view path{};
  /// Tables, by the name that their page gives them; empty: all.
  view_list<std::string_view> tables{};
  /// Rows, by their name in the table, in which `*` stands for any characters; empty: all.
  view_list<std::string_view> names{};
  /// Rows that are left out, in the same way.
  view_list<std::string_view> except{};
  /// Series, by their labels; each of the conditions must hold.
  view_list<label_condition> labels{};
};

}  // namespace stele
