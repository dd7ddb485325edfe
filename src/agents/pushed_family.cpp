#include "agents/pushed_family.hpp"

#include <algorithm>
#include <utility>

#include "agents/join_values.hpp"

namespace stele::pushing {

pushed_family::pushed_family(std::string_view name, metric_type type, std::string_view help,
                             owned<joins> joined)
    : about_(make_kept<family_about const>(name, type, help)), joined_(std::move(joined)) {}

pushed_layout& pushed_family::layout_of(layout const& of, std::string_view label_names,
                                        bool dated) {
  bool const is_dated = dated && joined_ == nullptr;
  auto const [begin, end] = by_hash_.equal_range(hash_of(of, label_names, is_dated));
  for (auto at = begin; at != end; ++at)
    if (at->second->dated == is_dated && at->second->shown->is(of, label_names)) return *at->second;
  auto made = make_owned<pushed_layout>(about_, of, label_names, is_dated, joined_ != nullptr);
  std::lock_guard const lock(mutex);
  core::reserve_one(layouts_);
  by_hash_.emplace(made->hash, made.get());
  layouts_.push_back(std::move(made));
  return *layouts_.back();
}

void pushed_family::forget(pushed_layout& layout) noexcept {
  auto const [begin, end] = by_hash_.equal_range(layout.hash);
  by_hash_.erase(
      std::find_if(begin, end, [&](auto const& each) { return each.second == &layout; }));
}

void pushed_family::drop_empty_layouts() noexcept {
  std::erase_if(layouts_, [this](auto const& each) {
    bool const is_empty = each->series.empty() && each->sources.empty();
    if (is_empty) forget(*each);
    return is_empty;
  });
}

void pushed_family::take_out(cell const& of) noexcept {
  pushed_layout& layout = of.page->layout();
  if (joined_ != nullptr) joined_->end_source(layout, of);
  pushed(layout).take_out(of);
  has_holes_ = true;
}

void pushed_family::read(live_parts const& live, join_tools& tools, core::snapshot_data& out) {
  std::size_t const first = out.runs.size();
  {
    std::lock_guard const lock(mutex);
    if (joined_ != nullptr)
      joined_->read(layouts_, live, tools, out);
    else
      for (auto const& each : layouts_) read_layout(*each, live, out);
    if (out.runs.size() == first) return;
    for (auto const& each : layouts_) out.kept.push_back(each->shown);
  }
  out.kept.push_back(about_);
  out.families.push_back({&about_->shown(), first, out.runs.size()});
}

std::size_t pushed_family::count_joined(live_parts const& live) {
  std::lock_guard const lock(mutex);
  list<std::uint8_t> shown(joined_->size());
  for_each([&](series_page& page, std::uint32_t at) {
    if (live.has(page.parts()[at])) shown[page.targets()[at]] = 1;
  });
  return static_cast<std::size_t>(std::count(shown.begin(), shown.end(), 1));
}

namespace {

void read_values(series_page& page, std::uint32_t first, std::uint32_t end,
                 core::snapshot_vector<std::uint64_t>& out) {
  std::size_t const each = page.has().values;
  if (each == 1) {
    std::size_t const begin = out.size();
    out.resize(begin + (end - first));
    std::uint64_t const* const from = page.numbers();
    std::uint64_t* to = out.data() + begin;
    for (std::uint32_t at = first; at < end; ++at) *to++ = load_value(from + at);
  } else if (each != 0) {
    out.insert(out.end(), page.values(first), page.values(first) + each * (end - first));
  } else {
    for (std::uint32_t at = first; at < end; ++at)
      out.insert(out.end(), page.values_list(at).begin(), page.values_list(at).end());
  }
}

}  // namespace

void pushed_family::read_layout(pushed_layout& layout, live_parts const& live,
                                core::snapshot_data& out) {
  for (owned_page const& page : layout.series.pages()) {
    std::uint32_t const* const parts = page->parts();
    bool is_kept = false;
    for_each_stretch(
        page->size(), [&](std::uint32_t at) { return live.has(parts[at]); },
        [&](std::uint32_t first, std::uint32_t end) {
          if (!is_kept) out.pages.push_back(page->labels().again());
          is_kept = true;
          std::int64_t const* const created = page->labels()->created();
          out.runs.push_back({page->labels()->texts(first),
                              created == nullptr ? nullptr : created + first, out.values.size(),
                              end - first, number::kind::floating, &layout.shown->shown()});
          read_values(*page, first, end, out.values);
        });
  }
}

}  // namespace stele::pushing
