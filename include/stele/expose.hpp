// expose.hpp: a snapshot as the bytes of an exposition format, without any server.
//
//   stele::expose(stele::gather<coderd::table>(), stele::format::text,
//                 [&](std::string_view chunk) { socket.write(chunk); });
//
// Threads: a snapshot is rendered by one thread at a time.

#pragma once

#include <cstdint>
#include <string_view>
#include <type_traits>

#include "snapshot.hpp"

namespace stele {

/// The exposition formats. Prometheus documents them under "Exposition formats"; OpenMetrics has a
/// specification of its own.
enum class format : std::uint8_t {
  text,         // text 0.0.4
  openmetrics,  // OpenMetrics 1.0
  protobuf,     // io.prometheus.client.MetricFamily messages, each behind its length
};

/// The value of the Content-Type header of a format.
STELE_API std::string_view content_type(format which) noexcept;

/// Takes the chunks of an exposition, of at most 64 KiB each, in order. Refers to the callable.
class sink {
 public:
  template <class Write>
    requires(std::is_class_v<std::remove_cvref_t<Write>> &&
             !std::is_same_v<std::remove_cvref_t<Write>, sink> &&
             std::is_invocable_v<Write&, std::string_view>)
  sink(Write&& write) noexcept
      : callable_(const_cast<void*>(static_cast<void const*>(&write))),
        call_([](sink const& self, std::string_view chunk) {
          (*static_cast<std::remove_reference_t<Write>*>(self.callable_))(chunk);
        }) {}

  sink(void (*write)(std::string_view)) noexcept
      : function_(write),
        call_([](sink const& self, std::string_view chunk) { self.function_(chunk); }) {}

  void operator()(std::string_view chunk) const { call_(*this, chunk); }

 private:
  void* callable_ = nullptr;
  void (*function_)(std::string_view) = nullptr;
  void (*call_)(sink const&, std::string_view);
};

struct expose_options {
  /// OpenMetrics: whether a series that adds up has a sample `_created`, the time in seconds at
  /// which it began. Prometheus up to 2.49 stores each as a series of its own.
  bool created = false;
};

/// Renders a whole snapshot. What the sink throws passes through. Throws std::bad_alloc.
STELE_API void expose(snapshot const& values, format which, sink write,
                      expose_options const& options = {});

}  // namespace stele
