// diagnostics.hpp: one callback for what would otherwise be logged. Without one nothing is printed.
//
//   stele::on_diagnostic([](stele::diagnostic const& seen) {
//     std::clog << seen.metric << ": " << seen.message << '\n';
//   });
//
// Threads: on_diagnostic() may be called from any thread, and from inside the callback. The
// callback is called on the thread on which the thing happened, several at once, with no lock of
// Stele's held; an update that is refused reports it before it returns, and a scrape on the
// endpoint's thread, which does nothing else meanwhile. So the callback should be quick, and no
// update that may be refused belongs in a signal handler, since the callback would run there. What
// a callback itself causes is counted and not reported. Of each row the first report of a kind is
// made at once, then at most one a second; what was left out in between is in the message's total.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include "api.hpp"

namespace stele {

/// Valid during the call that it is given to.
struct diagnostic {
  enum class kind : std::uint8_t {
    refused,        // an update or a sample of a reading was refused
    reading_threw,  // a callback of read_from() threw
    reading_late,   // a callback of read_from() did not end before the gather's deadline
    overflow,       // a row has as many series as it may have
    reload,         // a file was read again, or could not be
    configuration,  // something in a file or in options has no effect, or will not do for long
    push,           // a push to another server failed, or was not taken as a whole
  };
  kind is = kind::refused;
  std::string_view metric{};   // the row's name; empty where it is about none
  std::string_view message{};  // one sentence, without a line break at its end
};

namespace core {

class STELE_API diagnostic_sink {
 public:
  diagnostic_sink() = default;
  virtual ~diagnostic_sink();
  diagnostic_sink(diagnostic_sink const&) = delete;
  diagnostic_sink& operator=(diagnostic_sink const&) = delete;

  virtual void take(diagnostic const& seen) = 0;
};

/// Takes `sink`, or null. Waits for running calls of the one before, except from inside one.
STELE_API void set_diagnostic_sink(diagnostic_sink* sink);

template <class Callback>
class callback_sink final : public diagnostic_sink {
 public:
  explicit callback_sink(Callback callback) : callback_(std::move(callback)) {}
  void take(diagnostic const& seen) override { callback_(seen); }

 private:
  Callback callback_;
};

}  // namespace core

/// Reports to `callback` from now on, instead of to the one before, whose running calls it waits
/// for, except from inside one. What the callback throws is dropped. Throws std::bad_alloc.
template <class Callback>
void on_diagnostic(Callback callback) {
  core::set_diagnostic_sink(new core::callback_sink<Callback>(std::move(callback)));
}

/// Reports to nobody from now on.
inline void on_diagnostic(std::nullptr_t) { core::set_diagnostic_sink(nullptr); }

}  // namespace stele
