#include "core/series_list.hpp"

#include <limits>
#include <new>
#include <utility>

namespace stele::core {

namespace {

// A row with few series needs little; one with many has pages of 2 MiB, which memory.hpp has ways
// for.
constexpr std::size_t series_min = 8;
constexpr std::size_t series_max = 16 * 1024;
constexpr std::size_t text_bytes_each = 128;  // a guess; a page ends where either is used up

}  // namespace

void series_list::reserve(std::size_t text_bytes) {
  if (!shelves_.empty() && shelves_.back().page->has_room(text_bytes)) return;
  if (text_bytes > std::numeric_limits<std::uint32_t>::max()) throw std::bad_alloc();
  std::size_t const count = std::clamp(size_ / 4, series_min, series_max);
  reserve_one(shelves_);
  shelf made;
  made.places.reserve(count);
  made.page = label_page::make(
      {static_cast<std::uint32_t>(count),
       static_cast<std::uint32_t>(std::max(count * text_bytes_each, text_bytes)), dated_});
  shelves_.push_back(std::move(made));
}

void series_list::add(place const& of, std::string_view labels, std::int64_t created) noexcept {
  shelf& last = shelves_.back();
  last.page->append(labels, created);
  last.places.push_back(of);
  ++last.used;
  ++size_;
}

/// Where there is no memory for a shelf anew, it keeps its holes.
void series_list::close_ranks() noexcept {
  for (shelf& each : shelves_) {
    if (each.used == 0 || !is_sparse(each)) continue;
    try {
      each = made_anew(each);
    } catch (std::bad_alloc const&) {
      continue;
    }
  }
  std::erase_if(shelves_, [](shelf const& each) { return each.used == 0; });
}

series_list::shelf series_list::made_anew(shelf const& sparse) const {
  label_texts const texts = sparse.page->texts();
  std::size_t text_bytes = 0;
  for (std::size_t i = 0; i < sparse.places.size(); ++i)
    if (sparse.places[i].of != nullptr) text_bytes += texts[i].size();
  shelf made;
  made.places.reserve(sparse.used);
  made.page = label_page::make(
      {static_cast<std::uint32_t>(sparse.used), static_cast<std::uint32_t>(text_bytes), dated_});
  for (std::size_t i = 0; i < sparse.places.size(); ++i) {
    if (sparse.places[i].of == nullptr) continue;
    made.page->append(texts[i], dated_ ? sparse.page->created()[i] : 0);
    made.places.push_back(sparse.places[i]);
    ++made.used;
  }
  return made;
}

}  // namespace stele::core
