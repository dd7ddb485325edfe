#include "core/constant_labels.hpp"

#include <algorithm>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>
#include <system_error>

#include "core/label_text.hpp"
#include "core/table_state.hpp"
#include "stele/constant_labels.hpp"
#include "stele/naming.hpp"

namespace stele::core {

namespace {

/// What is wrong with a name.
struct objection {
  std::string expected;
  std::string fix;
};

/// What the rows of a table have against a name.
std::optional<objection> taken_by_a_row(table_info const& table, std::string_view name) {
  for (descriptor const* const row : table.rows) {
    if (row->type == metric_type::stateset && row->name == name)
      return objection{"a name that no stateset of the table has",
                       "rename it: the exposition writes this label for the states"};
    if (std::any_of(row->labels.begin(), row->labels.end(),
                    [&](label_descriptor const& label) { return label.name == name; }))
      return objection{"a name that is no label of the table's rows",
                       std::string("rename it: the row '").append(row->name) + "' has this label"};
  }
  return std::nullopt;
}

std::optional<objection> objection_to(table_info const& table,
                                      std::span<constant_label const> labels, std::size_t index) {
  std::string_view const name = labels[index].name;
  if (!naming::valid_identifier(name))
    return objection{"a label name", "use letters, digits and underscores, no digit first"};
  if (!naming::valid_label_name(name))
    return objection{"a label name without leading '__'",
                     "rename it: such names belong to Prometheus"};
  for (auto const type : {metric_type::histogram, metric_type::summary})
    if (naming::reserved_label(name, type))
      return objection{"a name that the exposition does not write itself", "rename it"};
  auto const earlier = labels.first(index);
  if (std::any_of(earlier.begin(), earlier.end(),
                  [&](constant_label const& each) { return each.name == name; }))
    return objection{"each name once", "remove one of the two"};
  return taken_by_a_row(table, name);
}

/// For a message: valid, and cut where it is long.
std::string shown(std::string_view name) {
  constexpr std::size_t shown_max = 60;
  std::string text;
  append_valid_utf8(text, name.substr(0, shown_max));
  return "'" + text + (name.size() > shown_max ? "…'" : "'");
}

error refusal(table_info const& table, std::size_t index, std::string_view name,
              objection const& why) {
  return {std::make_error_code(std::errc::invalid_argument),
          "set_constant_labels of the table '" + std::string(table.name) + "', label " +
              std::to_string(index + 1) + ": expected " + why.expected + ", saw " + shown(name) +
              "; " + why.fix};
}

std::shared_ptr<constant_label_set const> made_of(std::span<constant_label const> labels) {
  if (labels.empty()) return nullptr;
  auto made = std::allocate_shared<constant_label_set>(allocator<constant_label_set>());
  for (constant_label const& each : labels) {
    auto& label = made->labels.emplace_back();
    label.name = each.name;
    append_valid_utf8(label.value, each.value);
    if (!made->rendered.empty()) made->rendered += ',';
    append_label(made->rendered, label.name, label.value);
  }
  return made;
}

}  // namespace

result<std::size_t> set_constant_labels(table_link& link, std::span<constant_label const> labels) {
  for (std::size_t i = 0; i < labels.size(); ++i)
    if (auto const why = objection_to(*link.info, labels, i))
      return refusal(*link.info, i, labels[i].name, *why);
  auto made = made_of(labels);
  table_state& state = state_of(link);
  {
    std::lock_guard const lock(state.mutex);
    state.constant_labels.swap(made);
  }
  return labels.size();  // the earlier set ends here, without the lock
}

}  // namespace stele::core
