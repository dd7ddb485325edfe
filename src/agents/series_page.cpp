#include "agents/series_page.hpp"

#include <algorithm>
#include <new>

namespace stele::pushing {

std::size_t series_page::bytes(form const& of, room const& size) noexcept {
  std::size_t const numbers = of.labelled ? 2 : 3;  // parts, indexes, targets
  return sizeof(series_page) +
         size.series * (of.values * sizeof(std::uint64_t) + numbers * sizeof(std::uint32_t));
}

owned_page series_page::make(form const& of, room const& size) {
  static_assert(sizeof(series_page) % alignof(std::uint64_t) == 0);
  void* const memory = core::allocate(pushed_memory, bytes(of, size));
  if (memory == nullptr) throw std::bad_alloc();
  owned_page made(new (memory) series_page(of, size));
  if (of.labelled)
    made->labels_ = core::label_page::make({size.series, size.text_bytes, of.dated, pushed_memory});
  if (of.values == 0) made->lists_.resize(size.series);
  return made;
}

void series_page::destroy::operator()(series_page* page) const noexcept {
  std::size_t const size = bytes(page->form_, page->size_);
  page->~series_page();
  core::release(pushed_memory, page, size);
}

std::uint32_t series_page::add(series_owner const& of, std::string_view labels,
                               std::int64_t created, std::uint32_t target) noexcept {
  std::uint32_t const at = used_++;
  ++series_;
  if (form_.labelled)
    labels_->append(labels, created);
  else
    targets()[at] = target;
  if (form_.values != 0) std::fill_n(values(at), form_.values, 0);
  parts()[at] = of.part;
  indexes()[at] = of.index;
  return at;
}

void series_page::take_out(std::uint32_t at) noexcept {
  parts()[at] = hole;
  --series_;
  if (form_.values == 0) list<std::uint64_t>().swap(lists_[at]);
}

bool series_page::is_sparse() noexcept {
  if (2 * series_ < used_) return true;
  std::uint32_t stretches = 1;
  std::uint32_t const* const part = parts();
  for (std::uint32_t i = 1; i < used_; ++i)
    stretches += part[i] != hole && part[i - 1] == hole ? 1 : 0;
  return stretches > 8 + series_ / 32;
}

}  // namespace stele::pushing
