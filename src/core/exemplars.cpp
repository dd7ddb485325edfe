#include "core/exemplars.hpp"

#include <chrono>
#include <cstdlib>
#include <new>
#include <utility>

#include "core/memory.hpp"
#include "stele/open_block.hpp"

namespace stele::core {

exemplar_table* exemplar_table::make(std::size_t places) noexcept {
  void* const memory = allocate(memory_part::exemplars, bytes_of(places));
  if (memory == nullptr) return nullptr;
  auto* const made = new (memory) exemplar_table(places);
  for (std::size_t i = 0; i < places; ++i) new (&made->slot(i)) slot_pointer(nullptr);
  return made;
}

void exemplar_table::drop_use() noexcept {
  if (uses_.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  for (std::size_t i = 0; i < places_; ++i)
    for (exemplar_slot* each = slot(i).load(std::memory_order_relaxed); each != nullptr;)
      exemplar_slot::free(std::exchange(each, each->smaller));
  release(memory_part::exemplars, this, bytes_of(places_));
}

bool exemplar_table::is_fresh(std::size_t place, std::uint32_t number) const noexcept {
  exemplar_slot const* const present = slot(place).load(std::memory_order_acquire);
  return present != nullptr && present->written() == number;
}

exemplar_slot* exemplar_table::slot_for(std::size_t place, std::size_t bytes) noexcept {
  constexpr std::size_t usual = 96;  // a trace and a span, with their names
  slot_pointer& pointer = slot(place);
  exemplar_slot* present = pointer.load(std::memory_order_acquire);
  if (present != nullptr && present->capacity() >= bytes) return present;
  exemplar_slot* const made =
      exemplar_slot::make(bytes <= usual ? usual : exemplar_writer::text_max);
  if (made == nullptr) return nullptr;
  made->smaller = present;
  if (pointer.compare_exchange_strong(present, made, std::memory_order_acq_rel)) return made;
  exemplar_slot::free(made);
  return present->capacity() >= bytes ? present : nullptr;  // another thread was faster
}

void exemplar_table::put(exemplar_point at, std::string_view text) noexcept {
  using namespace std::chrono;
  exemplar_slot* const into = slot_for(at.bucket, text.size());
  if (into == nullptr) return;
  auto const now = duration_cast<milliseconds>(system_clock::now().time_since_epoch());
  into->put(at.value, now.count(), text, gather_number.load(std::memory_order_relaxed));
}

bool exemplar_table::read(std::size_t place, exemplar_copy& into) const noexcept {
  exemplar_slot const* const present = slot(place).load(std::memory_order_acquire);
  return present != nullptr && present->read(into);
}

void exemplar_table::clear() noexcept {
  for_each_slot([](exemplar_slot& each) { each.clear(); });
}

void exemplar_table::repair() noexcept {
  for_each_slot([](exemplar_slot& each) {
    if (each.in_put()) each.clear();
  });
}

std::size_t exemplar_places(descriptor const& row) noexcept {
  if (row.type == metric_type::counter) return 1;
  return row.type == metric_type::histogram ? row.bounds.size() + 1 : 0;
}

}  // namespace stele::core
