#include "serve/landing_data.hpp"

#include <algorithm>

#include "serve/family_reader.hpp"
#include "serve/json_text.hpp"
#include "serve/query.hpp"
#include "serve/row_summary.hpp"
#include "stele/enum_names.hpp"
#include "stele/version.hpp"

namespace stele::serving {

namespace {

/// Of numbers alone there is none to show.
std::string_view shown(unit in) noexcept {
  return in == unit::none || in == unit::other ? std::string_view() : name_of(in);
}

template <class Items, class Append>
void append_list(std::string& out, Items const& items, Append append) {
  out += '[';
  for (auto const& each : items) {
    if (out.back() != '[') out += ',';
    append(each);
  }
  out += ']';
}

void append_labels(std::string& out, descriptor const& row) {
  append_list(out, row.labels, [&out](label_descriptor const& label) {
    out += "{\"name\":";
    append_json(out, label.name);
    out += ",\"values\":";
    append_list(out, label.values, [&out](std::string_view value) { append_json(out, value); });
    out += '}';
  });
}

}  // namespace

void landing_data::start(core::snapshot_data const& values,
                         std::span<core::table_link* const> tables, landing_facts const& facts) {
  values_ = &values;
  tables_ = tables;
  facts_ = facts;
  table_ = 0;
  row_ = 0;
  rows_ = 0;
  at_ = {};
  summaries_.clear();
  ended_ = false;
  taken_ = 0;
  buffer_.clear();
  append_facts();
}

bool landing_data::add_up_some() {
  step_values_ = 0;
  while (true) {
    for (; !at_.is_at_end(); at_.advance()) {
      if (step_values_ >= step_values_max) return false;
      step_values_ += at_.value_count();
      summaries_.back().add(at_.series());
    }
    while (table_ < tables_.size() && row_ == tables_[table_]->info->rows.size()) {
      ++table_;
      row_ = 0;
    }
    if (table_ == tables_.size()) break;
    begin_row(*tables_[table_]->info->rows[row_++]);
  }
  table_ = 0;
  return true;
}

void landing_data::begin_row(descriptor const& row) {
  summaries_.emplace_back(row);
  if (auto const* const family = find_family(*values_, row.name)) at_ = {*values_, *family};
}

std::string_view landing_data::next() {
  buffer_.erase(0, taken_);
  if (buffer_.size() < chunk_bytes_max) fill();
  taken_ = std::min(buffer_.size(), chunk_bytes_max);
  return std::string_view(buffer_).substr(0, taken_);
}

void landing_data::fill() {
  if (ended_) return;
  for (; table_ < tables_.size(); ++table_, row_ = 0) {
    auto const rows = tables_[table_]->info->rows;
    for (; row_ < rows.size(); ++row_) {
      if (buffer_.size() >= chunk_bytes_max) return;
      append_row(*rows[row_]);
    }
  }
  buffer_ += "]}\n";
  ended_ = true;
}

void landing_data::append_facts() {
  buffer_ += "{\"version\":";
  append_json(buffer_, std::string_view(STELE_VERSION_STRING));
  buffer_ += ",\"now_ms\":";
  append_json(buffer_, facts_.now_ms);
  buffer_ += ",\"uptime_ms\":";
  append_json(buffer_, facts_.uptime_ms);
  buffer_ += ",\"tables\":";
  append_list(buffer_, tables_,
              [this](core::table_link const* each) { append_json(buffer_, each->info->name); });
  buffer_ += ",\"views\":";
  append_list(buffer_, facts_.views, [this](std::string_view path) { append_json(buffer_, path); });
  buffer_ += ",\"rows\":[\n";
}

void landing_data::append_row(descriptor const& row) {
  auto const append = [this](std::string_view name, std::string_view text) {
    buffer_.append(",\"").append(name).append("\":");
    append_json(buffer_, text);
  };
  row_summary const& sum = summaries_[rows_];
  if (rows_++ != 0) buffer_ += ",\n";
  buffer_ += "{\"table\":";
  append_json(buffer_, std::uint64_t{table_});
  append("name", row.name);
  append("type", name_of(row.type));
  append("help", row.help);
  append("unit", shown(row.unit));
  append("source", name_of(row.source));
  if (!row.absent_reason.empty()) append("reason", row.absent_reason);
  buffer_ += ",\"labels\":";
  append_labels(buffer_, row);

  core::family_data const* const family = find_family(*values_, row.name);
  buffer_ += family != nullptr ? ",\"exposed\":true" : ",\"exposed\":false";
  sum.append_json(buffer_);
  if (family != nullptr && is_listed(facts_.query, "series", row.name))
    append_first_series(row, *family);
  buffer_ += '}';
}

void landing_data::append_first_series(descriptor const& row, core::family_data const& family) {
  std::string labels;
  series_reader at(*values_, family);
  buffer_ += ",\"first\":[";
  for (std::size_t shown = 0; shown < first_series_max && !at.is_at_end(); ++shown, at.advance()) {
    series_view const each = at.series();
    labels = constant_labels_of(family);
    if (!labels.empty() && !each.labels.empty()) labels += ',';
    labels += each.labels.substr(0, label_bytes_max);  // maybe within a character: see below
    bool const cut = labels.size() > label_bytes_max || each.labels.size() > label_bytes_max;
    buffer_ += shown == 0 ? "{\"labels\":" : ",{\"labels\":";
    append_json(buffer_, cut ? cut_utf8(labels, label_bytes_max - 1) : labels);
    if (cut) buffer_ += ",\"cut\":true";
    row_summary one(row);
    one.add(each);
    one.append_json(buffer_);
    buffer_ += '}';
  }
  buffer_ += ']';
}

}  // namespace stele::serving
