// expose.hpp: a snapshot as the bytes of an exposition format, without any server.
//
//   stele::expose(stele::gather<coderd::table>(), stele::format::text,
//                 [&](std::string_view chunk) { socket.write(chunk); });
//
// An answer to a scrape, for a server that asks for its next part:
//
//   auto const asked = stele::negotiate(request.header("Accept"));
//   stele::exposition_stream body(stele::gather<coderd::table>(), asked.which);
//   response.set("Content-Type", asked.content_type);
//   for (auto chunk = body.next(); !chunk.empty(); chunk = body.next()) response.write(chunk);
//
// Threads: a snapshot is rendered by one thread at a time.

#pragma once

#include <cstdint>
#include <string_view>
#include <type_traits>

#include "snapshot.hpp"

namespace stele {

namespace exposition {
class renderer;  // src/expose/renderer.hpp
}

/// The exposition formats. Prometheus documents them under "Exposition formats"; OpenMetrics has a
/// specification of its own.
enum class format : std::uint8_t {
  text,         // text 0.0.4
  openmetrics,  // OpenMetrics 1.0
  protobuf,     // io.prometheus.client.MetricFamily messages, each behind its length
};

/// The value of the Content-Type header of a format.
STELE_API std::string_view content_type(format which) noexcept;

/// What a scraper is to be sent.
struct negotiated {
  format which = format::text;
  std::string_view content_type{};  // with the version and the escaping that were asked for
};

/// Chooses a format by the Accept header of a request, as the endpoint does: the type with the
/// highest weight, of equals the first that is named; text where the header is empty, names nothing
/// that there is, or is not to be understood. The answer then has `Vary: Accept`. Of several Accept
/// fields a request means one that lists them all, with commas. Any thread.
STELE_API negotiated negotiate(std::string_view accept) noexcept;

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

/// Renders a whole snapshot, as fast as the sink takes it. What the sink throws passes through.
/// Throws std::bad_alloc.
STELE_API void expose(snapshot const& values, format which, sink write,
                      expose_options const& options = {});

/// An exposition that is rendered as it is asked for, so that a reader that is slow, or gone, costs
/// a chunk and the snapshot, and blocks nobody. Threads: one at a time.
class STELE_API exposition_stream {
 public:
  /// Takes the snapshot, and returns it to be used again when it ends. Throws std::bad_alloc.
  exposition_stream(snapshot values, format which, expose_options const& options = {});
  /// What was moved from may be assigned to or destroyed.
  exposition_stream(exposition_stream&& other) noexcept;
  exposition_stream& operator=(exposition_stream&& other) noexcept;
  ~exposition_stream();

  /// The next chunk, of at most 64 KiB, valid until the next call or the end of the stream; empty
  /// at the end. Throws std::bad_alloc, after which the exposition is to be cut short: what was
  /// sent of it is no whole one.
  [[nodiscard]] std::string_view next();

 private:
  snapshot values_;
  exposition::renderer* render_;
};

}  // namespace stele
