#include "serve/views.hpp"

#include <algorithm>
#include <system_error>

#include "stele/naming.hpp"

namespace stele::serving {

namespace {

constexpr std::string_view path_characters =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/";

/// A label of `a="b",c="d"`, whose value is escaped.
struct written_label {
  std::string_view name;
  std::string_view value;
};

/// Takes the first label. REQUIRES: `labels` is not empty.
written_label take_label(std::string_view& labels) noexcept {
  std::size_t const name_end = std::min(labels.find('='), labels.size());
  std::string_view const name = labels.substr(0, name_end);
  std::size_t const begin = std::min(name_end + 2, labels.size());
  std::size_t end = begin;
  while (end < labels.size() && labels[end] != '"') end += labels[end] == '\\' ? 2 : 1;
  end = std::min(end, labels.size());
  std::string_view const value = labels.substr(begin, end - begin);
  labels.remove_prefix(std::min(end + 2, labels.size()));
  return {name, value};
}

/// Whether an escaped value is this text.
bool is_text(std::string_view escaped, std::string_view text) noexcept {
  std::size_t at = 0;
  for (std::size_t i = 0; i < escaped.size(); ++i, ++at) {
    char c = escaped[i];
    if (c == '\\' && i + 1 < escaped.size()) {
      c = escaped[++i];
      if (c == 'n') c = '\n';
    }
    if (at == text.size() || text[at] != c) return false;
  }
  return at == text.size();
}

/// The escaped value of a label; empty where it is not among them.
std::string_view value_of(std::string_view labels, std::string_view name) noexcept {
  while (!labels.empty()) {
    written_label const each = take_label(labels);
    if (each.name == name) return each.value;
  }
  return {};
}

label_descriptor const* find_label(descriptor const& row, std::string_view name) noexcept {
  auto const found = std::find_if(row.labels.begin(), row.labels.end(),
                                  [&](label_descriptor const& each) { return each.name == name; });
  return found == row.labels.end() ? nullptr : &*found;
}

bool matches_any(std::vector<std::string> const& patterns, std::string_view name) noexcept {
  return std::any_of(patterns.begin(), patterns.end(),
                     [&](std::string const& each) { return matches_glob(each, name); });
}

error refusal(view const& of, std::string_view expected, std::string_view saw,
              std::string_view fix) {
  return {std::make_error_code(std::errc::invalid_argument),
          "serve: view '" + std::string(of.path) + "': expected " + std::string(expected) +
              ", saw '" + std::string(saw) + "'; " + std::string(fix)};
}

bool is_reserved(std::string_view path) noexcept {
  return path == metrics_path || path == page_path || path.starts_with("/-/") || path == "/-";
}

std::optional<error> objection_to_path(view const& of, view_set const& others) {
  std::string_view const path = of.path;
  if (path.empty() || path.front() != '/')
    return refusal(of, "a path that begins with '/'", path, "write it as '/metrics/part'");
  if (path.find_first_not_of(path_characters) != path.npos)
    return refusal(of, "a path of letters, digits, '-', '.', '_', '~' and '/'", path,
                   "what is chosen by a query is name[]");
  if (is_reserved(path) || others.find(path) != nullptr)
    return refusal(of, "a path that is not served yet", path, "give the view another one");
  if (path.ends_with('/'))
    return refusal(of, "a path that does not end with '/'", path, "take it off");
  return std::nullopt;
}

template <class List>
bool has_empty(List const& texts) noexcept {
  return std::any_of(texts.begin(), texts.end(),
                     [](std::string_view each) { return each.empty(); });
}

std::optional<error> objection_to(view const& of, view_set const& others) {
  if (auto wrong = objection_to_path(of, others)) return wrong;
  if (!of.tables.fits() || !of.names.fits() || !of.except.fits() || !of.labels.fits())
    return refusal(of, "at most 16 conditions of a kind", "more",
                   "use '*' in names, or make two views");
  if (has_empty(of.tables) || has_empty(of.names) || has_empty(of.except))
    return refusal(of, "names of tables and rows", "", "leave the condition out to take all");
  for (label_condition const& each : of.labels)
    if (!naming::valid_identifier(each.name))
      return refusal(of, "a label name", each.name,
                     "use letters, digits and underscores, no digit first");
  return std::nullopt;
}

}  // namespace

kept_view::kept_view(view const& from)
    : path_(from.path),
      tables_(from.tables.begin(), from.tables.end()),
      names_(from.names.begin(), from.names.end()),
      except_(from.except.begin(), from.except.end()) {
  for (label_condition const& each : from.labels)
    labels_.push_back({std::string(each.name), each.must, std::string(each.value)});
}

bool kept_view::can_hold(condition const& asked, core::table_info const& table,
                         descriptor const& row) noexcept {
  bool const is = asked.must == label_condition::kind::is;
  if (label_descriptor const* const label = find_label(row, asked.name)) {
    if (!label->closed()) return true;
    return std::any_of(label->values.begin(), label->values.end(),
                       [&](std::string_view value) { return (value == asked.value) == is; });
  }
  // A constant label has a name that no row of its table has: it may be one, unless another row has
  // the label. Else the row has it not, as if it were empty.
  bool const may_be_constant = std::none_of(
      table.rows.begin(), table.rows.end(),
      [&](descriptor const* each) { return find_label(*each, asked.name) != nullptr; });
  return may_be_constant || asked.value.empty() == is;
}

bool kept_view::may_have(core::table_info const& table, descriptor const& row) const noexcept {
  if (!tables_.empty() && std::find(tables_.begin(), tables_.end(), table.name) == tables_.end())
    return false;
  if (!names_.empty() && !matches_any(names_, row.name)) return false;
  if (matches_any(except_, row.name)) return false;
  return std::all_of(labels_.begin(), labels_.end(),
                     [&](condition const& each) { return can_hold(each, table, row); });
}

bool kept_view::has(std::string_view constant_labels, std::string_view labels) const noexcept {
  return std::all_of(labels_.begin(), labels_.end(), [&](condition const& each) {
    std::string_view value = value_of(labels, each.name);
    if (value.empty()) value = value_of(constant_labels, each.name);
    return is_text(value, each.value) == (each.must == label_condition::kind::is);
  });
}

view_set::view_set() { list_paths(); }

std::optional<error> view_set::add(view const& from) {
  if (auto wrong = objection_to(from, *this)) return wrong;
  views_.push_back(std::make_unique<kept_view>(from));
  list_paths();
  return std::nullopt;
}

void view_set::list_paths() {
  not_found_ = "nothing is served here; the paths that are: ";
  not_found_.append(page_path).append(", ").append(metrics_path).append(", ").append(healthy_path);
  for (auto const& each : views_) not_found_.append(", ").append(each->path());
  not_found_ += '\n';
}

kept_view const* view_set::find(std::string_view path) const noexcept {
  auto const found = std::find_if(views_.begin(), views_.end(),
                                  [&](auto const& each) { return each->path() == path; });
  return found == views_.end() ? nullptr : found->get();
}

}  // namespace stele::serving
