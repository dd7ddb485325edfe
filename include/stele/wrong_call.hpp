// wrong_call.hpp: the calls that an instrument does not have, so that the compiler's message says
// what to call instead.
//
// Each instrument inherits a class that has every call there is; what the instrument declares
// itself hides the one that it inherits. So a call is told of in one place: its line in the list.
// Threads: nothing here is ever run.
//
//   struct gauge : wrong_calls<row> { void set(int) const; };
//   gauge().set(1);        // its own
//   gauge().observe(1);    // error: observe() requires a histogram or a summary; …

#pragma once

namespace stele {

/// Carries the row into the compiler's message.
template <class Row>
struct call_on {
  static constexpr bool exists = false;
};

// Every call, and what a row that lacks it is told. A macro, as a name of a method cannot be a
// parameter of a template.
#define STELE_CALLS(CALL)                                                                          \
  CALL(inc,                                                                                        \
       "inc() requires a counter or a gauge; on a histogram or a summary use observe(value), on "  \
       "a stateset enable(state), on an info row add({…})")                                        \
  CALL(inc_from_signal,                                                                            \
       "inc_from_signal() requires a counter: add one to the table, or let the handler set a "     \
       "flag that the program reads")                                                              \
  CALL(dec,                                                                                        \
       "dec() requires a gauge; a counter only goes up, a histogram or a summary has "             \
       "observe(value), a stateset disable(state), an info row remove({…})")                       \
  CALL(set,                                                                                        \
       "set() requires a gauge; on a counter use inc(), on a histogram or a summary "              \
       "observe(value)")                                                                           \
  CALL(set_to_current_time,                                                                        \
       "set_to_current_time() requires a gauge: add one to the table, in the unit unix")           \
  CALL(track,                                                                                      \
       "track() requires a gauge; to time a scope use time() of a histogram or a summary, on a "   \
       "stateset use enable(state) and disable(state)")                                            \
  CALL(observe,                                                                                    \
       "observe() requires a histogram or a summary; on a counter use inc(), on a gauge set(), "   \
       "inc() or dec(), on a stateset switch_to(state), on an info row set({…})")                  \
  CALL(time,                                                                                       \
       "time() requires a histogram or a summary; to count what is in progress use track() of a "  \
       "gauge")                                                                                    \
  CALL(count_exceptions,                                                                           \
       "count_exceptions() requires a counter; this row is of another type: add a counter to the " \
       "table")                                                                                    \
  CALL(read_from,                                                                                  \
       "read_from() requires a counter, a gauge or a histogram; an info row has set({…})")         \
  CALL(switch_to, "switch_to() requires a stateset; on a gauge use set(value)")                    \
  CALL(enable, "enable() requires a stateset; on a gauge use set(1)")                              \
  CALL(disable, "disable() requires a stateset; on a gauge use set(0)")                            \
  CALL(add,                                                                                        \
       "add() requires an info row; on a counter or a gauge use inc(amount), on a histogram or a " \
       "summary observe(value), on a stateset enable(state)")                                      \
  CALL(remove,                                                                                     \
       "remove() requires a row with an open label, of which it ends a series: call it on the "    \
       "row, remove({.label = value}), not on what with() gives; or an info row")                  \
  CALL(clear,                                                                                      \
       "clear() requires a row with an open label, whose series it ends: call it on the row, not " \
       "on what with() gives; or an info row")                                                     \
  CALL(limit_series,                                                                               \
       "limit_series() requires a row with an open label: call it on the row, not on what with() " \
       "gives")                                                                                    \
  CALL(expire_after,                                                                               \
       "expire_after() requires a row with an open label: call it on the row, not on what with() " \
       "gives")

/// The label struct of a row without labels. Its name is what the compiler prints for
/// `with({.label = value})`, in which no assertion can be reached.
template <class Row>
struct this_row_has_no_labels {};

#define STELE_WRONG_CALL(name, message)           \
  template <class... Arguments>                   \
  int name(Arguments&&...) const {                \
    static_assert(call_on<Row>::exists, message); \
    return 0;                                     \
  }

/// What an instrument says of the calls that it does not have.
template <class Row>
struct wrong_calls {
  STELE_CALLS(STELE_WRONG_CALL)

  template <class Labels = this_row_has_no_labels<Row>>
  int with(Labels const& = {}) const {
    static_assert(call_on<Row>::exists,
                  "with() requires a row that has labels; this row has none: call the method "
                  "directly");
    return 0;
  }
};

#undef STELE_WRONG_CALL
#define STELE_CALL_BEFORE_WITH(name, message)                                                    \
  template <class... Arguments>                                                                  \
  int name(Arguments&&...) const {                                                               \
    static_assert(call_on<Row>::exists,                                                          \
                  "a row with labels requires with({.label = value, …}) first, which names the " \
                  "series");                                                                     \
    return 0;                                                                                    \
  }

/// What a row with labels says of every call that is made before with().
template <class Row>
struct calls_before_with {
  STELE_CALLS(STELE_CALL_BEFORE_WITH)
};

#undef STELE_CALL_BEFORE_WITH
#define STELE_ANY_CALL(name, message) \
  template <class... Arguments>       \
  int name(Arguments&&...) const {    \
    return 0;                         \
  }

/// Takes any call, so that a name that is not in the table is one error and not two.
struct any_call {
  STELE_CALLS(STELE_ANY_CALL)

  template <class Labels = int>
  any_call with(Labels const& = {}) const {
    return {};
  }
};

#undef STELE_ANY_CALL
#undef STELE_CALLS

}  // namespace stele
