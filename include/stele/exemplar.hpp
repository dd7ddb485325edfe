// exemplar.hpp: an example of what a counter or a histogram's bucket counted, such as the trace of
// one request, exposed beside the count (OpenMetrics 1.0, "Exemplars").
//
//   metric<"requests_total">.inc(1, {{"trace_id", id}});
//   metric<"latency_seconds">.observe(elapsed, {{"trace_id", id}});
//   stele::set_exemplar_source([](stele::exemplar_writer& labels) {
//     if (auto const* span = current_span()) labels.add("trace_id", span->trace_id());
//   });
//
// A counter keeps its last exemplar, a histogram the last of each bucket. Names must be label
// names, each once, and names and values together have at most 128 code points (UTF-8 characters);
// an exemplar that breaks a rule, or is one of NaN, is refused, counted and reported, the update is
// not. What is not UTF-8 in a value is replaced.
//
// Threads: any. Taking an exemplar waits for nobody: of two threads at one place, one is taken.

#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <type_traits>
#include <utility>

#include "open_block.hpp"
#include "slab.hpp"

namespace stele {

/// One label of an exemplar.
struct exemplar_label {
  std::string_view name;
  std::string_view value;
};

/// The labels of an exemplar, as they stand at a call: `{{"trace_id", id}, {"span_id", span}}`.
using exemplar_labels = std::initializer_list<exemplar_label>;

/// What an exemplar source writes to. The text is copied by add().
class STELE_API exemplar_writer {
 public:
  static constexpr std::size_t code_points_max = 128;
  static constexpr std::size_t bytes_max = 4 * code_points_max;
  /// A 0 stands behind each name and value, of which a pair has at least one code point.
  static constexpr std::size_t text_max = bytes_max + code_points_max;

  /// Adds a label. One that breaks a rule spoils the exemplar, which is then refused.
  void add(std::string_view name, std::string_view value) noexcept;

  /// Whether there is an exemplar: at least one label, and none that broke a rule.
  [[nodiscard]] bool complete() const noexcept { return size_ != 0 && !spoiled_; }
  [[nodiscard]] bool spoiled() const noexcept { return spoiled_; }
  /// name, 0, value, 0 and so on: neither can hold a 0.
  [[nodiscard]] std::string_view text() const noexcept { return {text_, size_}; }

 private:
  [[nodiscard]] bool has(std::string_view name) const noexcept;
  void append(std::string_view text) noexcept;

  char text_[text_max];
  std::size_t size_ = 0;
  std::size_t code_points_ = 0;
  bool spoiled_ = false;
};

namespace core {

/// Where an exemplar belongs, and the value of its update.
struct exemplar_point {
  std::size_t bucket;  // 0 of a counter
  double value;
};

/// Keeps an exemplar of a closed series, or of the calling thread's block. Any thread.
STELE_API void put_exemplar(table_link& link, std::size_t row, std::size_t series,
                            exemplar_point at, exemplar_labels labels) noexcept;
STELE_API void put_exemplar(table_link& link, open_block& block, exemplar_point at,
                            exemplar_labels labels) noexcept;

/// The same from the exemplar source, where one is wanted at this place: an update that went the
/// long way asks.
STELE_API void sample_exemplar(table_link& link, std::size_t row, std::size_t series,
                               exemplar_point at) noexcept;
STELE_API void sample_exemplar(table_link& link, open_block& block, exemplar_point at) noexcept;

/// A program's source of exemplars. Never destroyed.
class STELE_API exemplar_source {
 public:
  exemplar_source() = default;
  virtual ~exemplar_source();
  virtual void write(exemplar_writer& labels) = 0;

  exemplar_source* earlier = nullptr;  // the library's: one that was replaced may still be running
};

/// Null takes the present one away.
STELE_API void use_exemplar_source(exemplar_source* source) noexcept;

template <class Callback>
class callback_source final : public exemplar_source {
 public:
  explicit callback_source(Callback callback) : callback_(std::move(callback)) {}
  void write(exemplar_writer& labels) override { callback_(labels); }

 private:
  Callback callback_;
};

}  // namespace core

/// Sets where exemplars come from by themselves: `source(exemplar_writer&)` adds the labels of what
/// the calling thread does at that moment, such as its trace, or nothing. Meant to be called once,
/// at the start; a later call replaces the source, and what the earlier captured is never freed.
///
/// Taking an exemplar costs more than an update, so they are samples: after each gather, the next
/// 65,536 updates of a thread go the long way (some 10 to 30 ns each), and of each counter and
/// bucket the first update among them gives the exemplar. All others cost what they cost without a
/// source.
///
/// The source is called from any thread that updates a counter or a histogram, and never from
/// inside itself; where it throws there is no exemplar.
template <class Callback>
void set_exemplar_source(Callback source) {
  static_assert(
      std::is_invocable_v<Callback&, exemplar_writer&>,
      "set_exemplar_source() requires a callback that takes a stele::exemplar_writer&, or "
      "nullptr");
  core::use_exemplar_source(new core::callback_source<Callback>(std::move(source)));
}

/// From here on exemplars are only those of calls that state one. set_exemplar_source(nullptr) does
/// the same.
inline void clear_exemplar_source() noexcept { core::use_exemplar_source(nullptr); }
inline void set_exemplar_source(decltype(nullptr)) noexcept { clear_exemplar_source(); }

}  // namespace stele
