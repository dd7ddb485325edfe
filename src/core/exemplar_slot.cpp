#include "core/exemplar_slot.hpp"

#include <algorithm>
#include <new>

#include "core/memory.hpp"

namespace stele::core {

namespace {

constexpr std::size_t word_bytes = sizeof(std::uint64_t);

}  // namespace

exemplar_slot* exemplar_slot::make(std::size_t capacity) noexcept {
  std::size_t const words = (capacity + word_bytes - 1) / word_bytes;
  void* const memory = allocate(memory_part::exemplars, bytes_of(words));
  if (memory == nullptr) return nullptr;
  auto* const made = new (memory) exemplar_slot(words);
  for (std::size_t i = 0; i < words; ++i) new (made->text() + i) std::atomic<std::uint64_t>(0);
  return made;
}

void exemplar_slot::free(exemplar_slot* made) noexcept {
  release(memory_part::exemplars, made, bytes_of(made->words_));
}

void exemplar_slot::put(double value, std::int64_t milliseconds, std::string_view from,
                        std::uint32_t number) noexcept {
  std::uint64_t begun = 0;
  if (!sequence_.try_begin(begun)) return;
  store_in_update(value_, value);
  store_in_update(milliseconds_, milliseconds);
  store_in_update(size_, from.size());
  for (std::size_t i = 0; i * word_bytes < from.size(); ++i) {
    std::uint64_t word = 0;
    from.copy(reinterpret_cast<char*>(&word), word_bytes, i * word_bytes);
    store_in_update(text()[i], word);
  }
  written_.store(number, std::memory_order_relaxed);
  sequence_.end(begun);
}

bool exemplar_slot::read(exemplar_copy& into) const noexcept {
  bool is_there = false;
  bool const whole = sequence_.try_read([&](std::uint64_t sequence) {
    is_there = sequence != 0;
    into.value = load_for_copy(value_);
    into.milliseconds = load_for_copy(milliseconds_);
    into.size = std::min(load_for_copy(size_), capacity());
    for (std::size_t i = 0; i * word_bytes < into.size; ++i) {
      std::uint64_t const word = load_for_copy(text()[i]);
      std::size_t const at = i * word_bytes;
      std::copy_n(reinterpret_cast<char const*>(&word), std::min(word_bytes, into.size - at),
                  into.text.data() + at);
    }
  });
  return whole && is_there;
}

void exemplar_slot::clear() noexcept {
  written_.store(0, std::memory_order_relaxed);
  sequence_.reset();
}

}  // namespace stele::core
