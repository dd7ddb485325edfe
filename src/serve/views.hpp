// views.hpp: the views of an endpoint, checked and kept.
//
//   view_set views;
//   if (auto wrong = views.add({.path = "/metrics/service", .except = {"coderd_workspace_*"}}))
//     return *wrong;
//   kept_view const* found = views.find("/metrics/service");
//
// Threads: made by one; then any may read.

#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/glob.hpp"
#include "stele/descriptor.hpp"
#include "stele/result.hpp"
#include "stele/slab.hpp"
#include "stele/view.hpp"

namespace stele::serving {

inline constexpr std::string_view metrics_path = "/metrics";
inline constexpr std::string_view page_path = "/";
inline constexpr std::string_view page_data_path = "/-/table";
inline constexpr std::string_view healthy_path = "/-/healthy";

using core::matches_glob;

/// A view with texts of its own.
class kept_view {
 public:
  explicit kept_view(view const& from);

  [[nodiscard]] std::string_view path() const noexcept { return path_; }

  /// False where no series of the row can be in the view.
  [[nodiscard]] bool may_have(core::table_info const& table, descriptor const& row) const noexcept;

  /// Whether there is anything to ask has() about.
  [[nodiscard]] bool has_label_conditions() const noexcept { return !labels_.empty(); }
  /// Whether a series of such a row is in it. Labels as in text 0.0.4.
  [[nodiscard]] bool has(std::string_view constant_labels, std::string_view labels) const noexcept;

 private:
  struct condition {
    std::string name;
    label_condition::kind must;
    std::string value;
  };

  [[nodiscard]] static bool can_hold(condition const& asked, core::table_info const& table,
                                     descriptor const& row) noexcept;

  std::string path_;
  std::vector<std::string> tables_;
  std::vector<std::string> names_;
  std::vector<std::string> except_;
  std::vector<condition> labels_;
};

class view_set {
 public:
  view_set();

  /// Takes a view, or says what is wrong with it, and takes nothing. Throws std::bad_alloc, after
  /// which it is of no use.
  std::optional<error> add(view const& from);

  [[nodiscard]] kept_view const* find(std::string_view path) const noexcept;

  /// For who asks for a path that is not served: those that are.
  [[nodiscard]] std::string_view not_found() const noexcept { return not_found_; }

 private:
  void list_paths();

  std::vector<std::unique_ptr<kept_view>> views_;
  std::string not_found_;
};

}  // namespace stele::serving
