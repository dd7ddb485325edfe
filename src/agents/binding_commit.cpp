// binding_commit.cpp: what was planned, done: first all that may lack memory, then all that shows.

#include <algorithm>
#include <mutex>
#include <utility>

#include "agents/binding.hpp"

namespace stele::pushing {

binding::~binding() {
  if (committed_) return;
  if (record_) state_.records.give_back(*record_);
  if (made_workspace_) state_.gone(*workspace_, now_);
  for (planned_family const& each : families_) drop_unused(*each.of);
  if (at_hand_ != nullptr) drop_unused(*at_hand_);
}

/// What the plan made in a family that is there, and nothing came of.
void binding::drop_unused(pushed_family& family) noexcept {
  std::lock_guard const lock(family.mutex);
  if (family.joined() != nullptr) family.joined()->drop_unused();
  family.drop_empty_layouts();
}

void binding::prepare() {
  native_values_.resize(series_.size());
  for (planned_family const& each : families_) prepare_family(each);
  state_.families.reserve(made_.size());
  if (workspace_ == nullptr) {
    workspace_ = &state_.make_workspace(push_.workspace_id);
    made_workspace_ = true;
  }
  if (group_ == nullptr) {
    made_group_ = make_owned<pushed_group>();
    made_group_->of = workspace_;
    made_group_->key = push_.group;
    made_group_->labels = push_.labels;
    store_state::reserve_group(*workspace_);
    made_group_->parts.reserve(1);
  } else {
    core::reserve_one(group_->parts);
  }
  part_ = make_owned<pushed_part>();
  part_->what = push_.what.of;
  part_->families.resize(all().families.size());
  part_->cells.resize(all().series.size());
  record_ = state_.records.take();
  if (state_.parts.size() <= *record_) state_.parts.resize(state_.records.size());
}

void binding::prepare_family(planned_family const& planned) {
  pushed_family& family = *planned.of;
  for (std::size_t i = planned.first_series; i < planned.end_series; ++i) {
    planned_series const& each = series_[i];
    if (each.layout->series.form().values == 0) {
      auto const values = values_of_series(each.index);
      native_values_[i].resize(values.size());
      copy_values(family.type(), all().layouts[all().series[each.index].layout], values,
                  native_values_[i].data());
    }
  }
  std::lock_guard const lock(family.mutex);
  reserve_cells(planned);
  if (family.joined() == nullptr) return;
  for (std::size_t i = planned.first_series; i < planned.end_series; ++i)
    if (!series_[i].stays)
      series_[i].target = family.joined()->target_of(*series_[i].layout, labels_of(series_[i]));
}

/// Room in each layout for what it gets.
void binding::reserve_cells(planned_family const& planned) {
  std::span const series =
      std::span(series_).subspan(planned.first_series, planned.end_series - planned.first_series);
  for (planned_series const& each : series) each.layout->more_series = 0;
  for (planned_series const& each : series) each.layout->more_text = 0;
  for (planned_series const& each : series) {
    if (each.stays) continue;
    ++each.layout->more_series;
    each.layout->more_text += each.end_char - each.first_char;
  }
  bool const labelled = planned.of->joined() == nullptr;
  for (planned_series const& each : series) {
    std::uint32_t const more = std::exchange(each.layout->more_series, 0);
    if (more != 0)
      planned.of->pushed(*each.layout).reserve(more, labelled ? each.layout->more_text : 0);
  }
}

pushed_group& binding::commit() noexcept {
  committed_ = true;
  if (made_group_ != nullptr) {
    group_ = made_group_.get();
    if (workspace_->groups.empty()) ++state_.owned_workspaces;
    workspace_->groups.push_back(std::move(made_group_));
  }
  part_->of = group_;
  part_->record = *record_;
  part_->series = static_cast<std::uint32_t>(series_.size());
  for (planned_series const& each : series_) {
    part_->is_dated = part_->is_dated || each.created != 0;
    part_->has_lists = part_->has_lists || each.layout->series.form().values == 0;
  }
  part_->refused = std::move(refused_);
  state_.parts[*record_] = part_.get();
  // Before the series, so that one which was an earlier part's is shown at every moment.
  part_record& record = state_.records[*record_];
  record.workspace.store(workspace_->number, std::memory_order_relaxed);
  record.series.store(part_->series, std::memory_order_relaxed);
  record.last_update.store(now_, std::memory_order_relaxed);
  for (pushed_family* each : ousted_) state_.release_all(*each);
  state_.families.change(ousted_, made_);
  for (planned_family const& each : families_) commit_family(each);
  end_replaced();
  for (planned_family const& each : families_) state_.close_ranks(*each.of);
  state_.series += part_->series;
  state_.other_helps.fetch_add(other_helps_, std::memory_order_relaxed);
  group_->parts.push_back(std::move(part_));
  group_->last = push_.what.of;
  return *group_;
}

void binding::commit_family(planned_family const& planned) noexcept {
  pushed_family& family = *planned.of;
  part_->families[planned.index] = &family;
  std::lock_guard const lock(family.mutex);
  for (std::size_t i = planned.first_series; i < planned.end_series; ++i)
    commit_series(family, series_[i]);
  // What the group had of the family beside these goes under the same lock: where series are joined
  // it would be shown with other buckets under the same labels.
  for (held_family const& each : before(family)) state_.release_counted(*each.of, each.index);
  // A gather that began before they ended would show them, too.
  for (outlived_target const& each : outlived_)
    if (each.of == &family) state_.release_sources(family, each.target, *group_);
}

void binding::commit_series(pushed_family& family, planned_series const& series) noexcept {
  cell& to = part_->cells[series.index];
  if (series.before != nullptr) {
    --series.before->series;
    --state_.series;
  }
  if (series.stays) {
    to = std::exchange(*series.old, {});
    to.page->parts()[to.at] = *record_;
    to.page->indexes()[to.at] = series.index;
  } else {
    if (series.old != nullptr) family.take_out(std::exchange(*series.old, {}));
    to = family.pushed(*series.layout)
             .add({*record_, series.index},
                  family.joined() == nullptr ? labels_of(series) : std::string_view(),
                  series.created, series.target);
    if (family.joined() != nullptr) family.joined()->add_source(series.target);
  }
  auto const values = values_of_series(series.index);
  auto const place = static_cast<std::size_t>(&series - series_.data());
  layout const& of = all().layouts[all().series[series.index].layout];
  if (to.page->has().values == 0) {
    if (family.joined() != nullptr)
      family.joined()->keep_if_reset(*series.layout, to, native_values_[place]);
    to.page->values_list(to.at).swap(native_values_[place]);
  } else {
    write_cell(family, to, of, values);
  }
}

/// The parts that a PUT replaces, and those from which a POST took all.
void binding::end_replaced() noexcept {
  std::erase_if(group_->parts, [&](owned<pushed_part> const& each) {
    bool const is_empty = std::all_of(each->families.begin(), each->families.end(),
                                      [](auto const* family) { return family == nullptr; });
    if (how_ == replace::families && !is_empty) return false;
    state_.series -= each->series;
    state_.release_all(*each);
    return true;
  });
}

}  // namespace stele::pushing
