#include "core/label_page.hpp"

#include <cstring>
#include <new>

namespace stele::core {

namespace {

std::size_t bytes_of(label_page::capacity const& room) noexcept {
  std::size_t const series = room.series;
  return sizeof(label_page) + (room.dated ? series * sizeof(std::int64_t) : 0) +
         (series + 1) * sizeof(std::uint32_t) + room.text_bytes + label_texts::slack;
}

}  // namespace

label_page::label_page(capacity const& room, std::byte* memory) noexcept : room_(room) {
  created_ = room.dated ? reinterpret_cast<std::int64_t*>(memory) : nullptr;
  if (room.dated) memory += room.series * sizeof(std::int64_t);
  ends_ = reinterpret_cast<std::uint32_t*>(memory);
  ends_[0] = 0;
  text_ = reinterpret_cast<char*>(ends_ + room.series + 1);
}

label_page_use label_page::make(capacity const& room) {
  static_assert(sizeof(label_page) % sizeof(std::int64_t) == 0);
  auto* const memory = static_cast<std::byte*>(allocate(room.part, bytes_of(room)));
  if (memory == nullptr) throw std::bad_alloc();
  return label_page_use(new (memory) label_page(room, memory + sizeof(label_page)));
}

void label_page::drop_use() noexcept {
  if (uses_.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  release(room_.part, this, bytes_of(room_));
}

void label_page::append(std::string_view labels, std::int64_t created) noexcept {
  if (!labels.empty()) std::memcpy(text_ + ends_[size_], labels.data(), labels.size());
  ends_[size_ + 1] = ends_[size_] + static_cast<std::uint32_t>(labels.size());
  if (created_ != nullptr) created_[size_] = created;
  ++size_;
}

}  // namespace stele::core
