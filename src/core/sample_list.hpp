// sample_list.hpp: what one call of a callback gave, until the gather takes it into its snapshot.
//
// Its memory is kept from call to call, so that a set of a steady size is gathered without an
// allocation.
//
//   samples.start(row, series_max);
//   entry.source->read(samples);                              // calls add_number()
//   for (std::size_t i = 0; i < samples.size(); ++i) take(samples.labels()[i]);
//
// Threads: a list is written by the thread that runs the callback and read by the gather after the
// call has ended; it belongs to one of them at a time.

#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "core/memory.hpp"
#include "stele/descriptor.hpp"
#include "stele/reading.hpp"

namespace stele::core {

class sample_list {
 public:
  template <class T>
  using list = vector<T, memory_part::readings>;
  using text_type = string_of<memory_part::readings>;

  /// Empties the list for a call that feeds `row` with at most so many series.
  void start(descriptor const& row, std::size_t series_max) noexcept;

  void add_number(std::string_view const* labels, number value);
  void add_histogram(std::string_view const* labels, std::span<std::uint64_t const> buckets,
                     double sum);

  [[nodiscard]] std::size_t size() const noexcept { return kinds_.size(); }
  [[nodiscard]] std::span<char const> text() const noexcept { return text_; }
  /// Where each sample's labels end in the text, rendered, behind a 0.
  [[nodiscard]] std::span<std::uint32_t const> ends() const noexcept { return ends_; }
  [[nodiscard]] std::span<number::kind const> kinds() const noexcept { return kinds_; }
  /// As snapshot_data holds them.
  [[nodiscard]] list<std::uint64_t> const& values() const noexcept { return values_; }

  /// How many samples were refused, and why the last one was.
  [[nodiscard]] std::uint64_t refused() const noexcept { return refused_; }
  [[nodiscard]] std::string_view why_refused() const noexcept { return why_; }

 private:
  void trim();
  void add(std::string_view const* labels, number::kind kind);
  bool render(std::string_view const* labels);
  [[nodiscard]] std::string_view labels_of(std::size_t which) const noexcept;
  [[nodiscard]] std::size_t find_slot(std::string_view labels) const noexcept;
  void grow_slots();
  void refuse(char const* why) noexcept;

  descriptor const* row_ = nullptr;
  std::size_t series_max_ = 0;
  text_type text_;
  text_type valid_;  // the label value at hand
  list<std::uint32_t> ends_;
  list<number::kind> kinds_;
  list<std::uint64_t> values_;
  list<std::uint32_t> slots_;  // a hash table of the samples by labels: place + 1, 0 if free
  std::uint64_t refused_ = 0;
  char const* why_ = "";
};

}  // namespace stele::core
