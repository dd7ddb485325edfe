#include "agents/page_list.hpp"

#include <atomic>
#include <limits>

namespace stele::pushing {

namespace {

// As core/series_list.cpp has it: what is small needs little.
constexpr std::size_t series_min = 8;
constexpr std::size_t series_max = 16 * 1024;
/// What a page has room for beyond the series that it is made for.
constexpr std::size_t text_bytes_max = std::size_t{4} << 20;

}  // namespace

void page_list::reserve(std::uint32_t series, std::size_t text_bytes) {
  if (!pages_.empty() && pages_.back()->has_room(series, text_bytes)) return;
  if (text_bytes > std::numeric_limits<std::uint32_t>::max()) throw std::bad_alloc();
  std::size_t const count =
      std::max<std::size_t>(series, std::clamp(size_ / 4, series_min, series_max));
  std::size_t const each = series == 0 ? 0 : (text_bytes + series - 1) / series;
  std::size_t const room = std::max(text_bytes, std::min(count * each, text_bytes_max));
  core::reserve_one(pages_);
  pages_.push_back(series_page::make(
      form_, {static_cast<std::uint32_t>(count), static_cast<std::uint32_t>(room)}));
}

cell page_list::add(series_owner const& of, std::string_view labels, std::int64_t created,
                    std::uint32_t target) noexcept {
  series_page& last = *pages_.back();
  ++size_;
  return {&last, last.add(of, labels, created, target)};
}

void page_list::take_out(cell const& of) noexcept {
  of.page->take_out(of.at);
  --size_;
  has_holes_ = true;
}

owned_page page_list::made_anew(series_page& sparse) const {
  std::size_t text_bytes = 0;
  auto const labels = [&](std::uint32_t at) {
    return form_.labelled ? sparse.labels()->texts()[at] : std::string_view();
  };
  for (std::uint32_t at = 0; at < sparse.size(); ++at)
    if (sparse.parts()[at] != series_page::hole) text_bytes += labels(at).size();
  auto made = series_page::make(form_, {sparse.series(), static_cast<std::uint32_t>(text_bytes)});
  for (std::uint32_t at = 0; at < sparse.size(); ++at) {
    if (sparse.parts()[at] == series_page::hole) continue;
    std::uint32_t const to =
        made->add({sparse.parts()[at], sparse.indexes()[at]}, labels(at), sparse.created(at),
                  form_.labelled ? 0 : sparse.targets()[at]);
    if (form_.values == 0)
      made->values_list(to).swap(sparse.values_list(at));
    else
      std::copy_n(sparse.values(at), form_.values, made->values(to));
  }
  return made;
}

}  // namespace stele::pushing
