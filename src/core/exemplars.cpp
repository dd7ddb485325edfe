#include "core/exemplars.hpp"

#include <algorithm>
#include <chrono>
#include <new>
#include <utility>

#include "core/label_text.hpp"
#include "core/table_state.hpp"
#include "core/tables.hpp"
#include "stele/naming.hpp"

namespace stele {

void exemplar_writer::append(std::string_view text) noexcept {
  code_points_ += static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
  spoiled_ = spoiled_ || code_points_ > code_points_max || size_ + text.size() >= sizeof text_;
  if (spoiled_) return;
  size_ += text.copy(text_ + size_, text.size());
  text_[size_++] = '\0';
}

void exemplar_writer::add(std::string_view name, std::string_view value) noexcept try {
  spoiled_ = spoiled_ || !naming::valid_label_name(name) || value.size() > bytes_max;
  if (spoiled_) return;
  core::string valid;
  core::append_valid_utf8(valid, value);
  append(name);
  append(valid);
} catch (std::bad_alloc const&) {
  spoiled_ = true;
}

namespace core {

// ---- One exemplar
// ---------------------------------------------------------------------------------

exemplar_slot* exemplar_slot::make(std::size_t capacity) noexcept {
  std::size_t const words = (capacity + sizeof(std::uint64_t) - 1) / sizeof(std::uint64_t);
  void* const memory = std::malloc(sizeof(exemplar_slot) + words * sizeof(std::uint64_t));
  if (memory == nullptr) return nullptr;
  auto* const made = new (memory) exemplar_slot(words);
  for (std::size_t i = 0; i < words; ++i) new (made->text() + i) std::atomic<std::uint64_t>(0);
  return made;
}

void exemplar_slot::put(double value, std::int64_t milliseconds, std::string_view from,
                        std::uint32_t number) noexcept {
  std::uint32_t even = sequence_.load(std::memory_order_relaxed);
  if (even % 2 != 0 ||
      !sequence_.compare_exchange_strong(even, even + 1, std::memory_order_acquire))
    return;
  // Each store releases the odd sequence: who reads one of them sees that it is being written.
  value_.store(std::bit_cast<std::uint64_t>(value), std::memory_order_release);
  milliseconds_.store(milliseconds, std::memory_order_release);
  size_.store(from.size(), std::memory_order_release);
  for (std::size_t i = 0; i * sizeof(std::uint64_t) < from.size(); ++i) {
    std::uint64_t word = 0;
    from.copy(reinterpret_cast<char*>(&word), sizeof word, i * sizeof word);
    text()[i].store(word, std::memory_order_release);
  }
  written_.store(number, std::memory_order_relaxed);
  sequence_.store(even + 2, std::memory_order_release);
}

bool exemplar_slot::read(exemplar_copy& into) const noexcept {
  std::uint32_t const before = sequence_.load(std::memory_order_acquire);
  if (before == 0 || before % 2 != 0) return false;
  into.value = std::bit_cast<double>(value_.load(std::memory_order_acquire));
  into.milliseconds = milliseconds_.load(std::memory_order_acquire);
  into.size = std::min(size_.load(std::memory_order_acquire), capacity());
  for (std::size_t i = 0; i * sizeof(std::uint64_t) < into.size; ++i) {
    std::uint64_t const word = text()[i].load(std::memory_order_acquire);
    std::size_t const at = i * sizeof word;
    std::copy_n(reinterpret_cast<char const*>(&word), std::min(sizeof word, into.size - at),
                into.text.data() + at);
  }
  return sequence_.load(std::memory_order_relaxed) == before;
}

void exemplar_slot::clear() noexcept {
  written_.store(0, std::memory_order_relaxed);
  sequence_.store(0, std::memory_order_release);
}

// ---- Those of a series
// ----------------------------------------------------------------------------

exemplar_table* exemplar_table::make(std::size_t places) noexcept {
  void* const memory = std::malloc(sizeof(exemplar_table) + places * sizeof(slot_pointer));
  if (memory == nullptr) return nullptr;
  auto* const made = new (memory) exemplar_table(places);
  for (std::size_t i = 0; i < places; ++i) new (&made->slot(i)) slot_pointer(nullptr);
  return made;
}

void exemplar_table::drop_use() noexcept {
  if (uses_.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  for (std::size_t i = 0; i < places_; ++i)
    for (exemplar_slot* each = slot(i).load(std::memory_order_relaxed); each != nullptr;)
      std::free(std::exchange(each, each->smaller));
  std::free(this);
}

bool exemplar_table::is_fresh(std::size_t place, std::uint32_t number) const noexcept {
  exemplar_slot const* const present = slot(place).load(std::memory_order_acquire);
  return present != nullptr && present->written() == number;
}

exemplar_slot* exemplar_table::slot_for(std::size_t place, std::size_t bytes) noexcept {
  constexpr std::size_t usual = 96;  // a trace and a span, with their names
  constexpr std::size_t largest = exemplar_writer::bytes_max + exemplar_writer::code_points_max;
  slot_pointer& pointer = slot(place);
  exemplar_slot* present = pointer.load(std::memory_order_acquire);
  if (present != nullptr && present->capacity() >= bytes) return present;
  exemplar_slot* const made = exemplar_slot::make(bytes <= usual ? usual : largest);
  if (made == nullptr) return nullptr;
  made->smaller = present;
  if (pointer.compare_exchange_strong(present, made, std::memory_order_acq_rel)) return made;
  std::free(made);
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

// ---- Where they come from
// -------------------------------------------------------------------------

exemplar_source::~exemplar_source() = default;

namespace {

constinit std::atomic<exemplar_source*> the_source{nullptr};
constinit std::atomic<exemplar_source*> all_sources{nullptr};

/// Whether this thread is in the source, whose own updates take no exemplars.
constinit thread_local bool in_source = false;

/// Asks the source; false where it gives nothing, or something that breaks a rule.
bool ask_source(table_link& link, std::size_t row, exemplar_writer& labels) noexcept {
  exemplar_source* const source = the_source.load(std::memory_order_acquire);
  if (source == nullptr || std::exchange(in_source, true)) return false;
  try {
    source->write(labels);
  } catch (...) {
    labels.add("", "");  // spoils it
  }
  in_source = false;
  if (labels.spoiled()) refuse(link, row);
  return labels.complete();
}

bool write_labels(table_link& link, std::size_t row, exemplar_labels from,
                  exemplar_writer& labels) noexcept {
  for (exemplar_label const& each : from) labels.add(each.name, each.value);
  if (labels.spoiled()) refuse(link, row);
  return labels.complete();
}

}  // namespace

namespace {

void put(table_link& link, std::size_t row, exemplar_table* into, exemplar_point at,
         exemplar_labels labels) noexcept {
  exemplar_writer written;
  if (write_labels(link, row, labels, written) && into != nullptr) into->put(at, written.text());
}

void sample(table_link& link, std::size_t row, exemplar_table* into, exemplar_point at) noexcept {
  if (into == nullptr || into->is_fresh(at.bucket, gather_number.load(std::memory_order_relaxed)))
    return;
  exemplar_writer labels;
  if (ask_source(link, row, labels)) into->put(at, labels.text());
}

/// The place in the one table that a closed row has for all its series.
exemplar_point in_row(table_link& link, std::size_t row, std::size_t series,
                      exemplar_point at) noexcept {
  return {series * exemplar_places(*link.info->rows[row]) + at.bucket, at.value};
}

}  // namespace

void put_exemplar(table_link& link, std::size_t row, std::size_t series, exemplar_point at,
                  exemplar_labels labels) noexcept {
  put(link, row, state_of(link).exemplars_of(row), in_row(link, row, series, at), labels);
}

void put_exemplar(table_link& link, open_block& block, exemplar_point at,
                  exemplar_labels labels) noexcept {
  put(link, block.row, state_of(link).exemplars_of(block), at, labels);
}

void sample_exemplar(table_link& link, std::size_t row, std::size_t series,
                     exemplar_point at) noexcept {
  if (has_exemplar_source())
    sample(link, row, state_of(link).exemplars_of(row), in_row(link, row, series, at));
}

void sample_exemplar(table_link& link, open_block& block, exemplar_point at) noexcept {
  if (has_exemplar_source()) sample(link, block.row, state_of(link).exemplars_of(block), at);
}

bool has_exemplar_source() noexcept {
  return the_source.load(std::memory_order_relaxed) != nullptr;
}

void use_exemplar_source(exemplar_source* source) noexcept {
  the_source.store(source, std::memory_order_release);
  if (source == nullptr) return;
  source->earlier = all_sources.load(std::memory_order_relaxed);
  while (!all_sources.compare_exchange_weak(source->earlier, source)) {
  }
  ask_all_threads_for_samples();
}

}  // namespace core

}  // namespace stele
