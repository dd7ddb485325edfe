// wrong_call.hpp: the calls that an instrument does not have, so that the compiler's message can
// say what to call instead. Each instrument inherits those of the other types.

#pragma once

namespace stele {

/// Carries the row into the compiler's message.
template <class Row>
struct call_on {
  static constexpr bool exists = false;
};

template <class Row>
struct no_count_exceptions {
  template <class... Arguments>
  int count_exceptions(Arguments&&...) const {
    static_assert(call_on<Row>::exists,
                  "count_exceptions() requires a counter; this row is of another type: add a "
                  "counter to the table");
    return 0;
  }
};

template <class Row>
struct no_inc : no_count_exceptions<Row> {
  template <class... Arguments>
  int inc(Arguments&&...) const {
    static_assert(call_on<Row>::exists,
                  "inc() requires a counter or a gauge; this row is a histogram or a summary: use "
                  "observe()");
    return 0;
  }
};

template <class Row>
struct no_set {
  template <class... Arguments>
  int set(Arguments&&...) const {
    static_assert(call_on<Row>::exists,
                  "set() requires a gauge; on a counter use inc(), on a histogram or a summary use "
                  "observe()");
    return 0;
  }
  template <class... Arguments>
  int set_to_current_time(Arguments&&...) const {
    static_assert(call_on<Row>::exists, "set_to_current_time() requires a gauge");
    return 0;
  }
  template <class... Arguments>
  int dec(Arguments&&...) const {
    static_assert(call_on<Row>::exists,
                  "dec() requires a gauge; a counter only goes up, a histogram or a summary has "
                  "observe()");
    return 0;
  }
  template <class... Arguments>
  int track(Arguments&&...) const {
    static_assert(call_on<Row>::exists,
                  "track() requires a gauge; to time a scope use time() of a histogram or a "
                  "summary");
    return 0;
  }
};

template <class Row>
struct no_observe {
  template <class... Arguments>
  int observe(Arguments&&...) const {
    static_assert(call_on<Row>::exists,
                  "observe() requires a histogram or a summary; on a counter use inc(), on a gauge "
                  "use set(), inc() or dec()");
    return 0;
  }
  template <class... Arguments>
  int time(Arguments&&...) const {
    static_assert(call_on<Row>::exists,
                  "time() requires a histogram or a summary; to count what is in progress use "
                  "track() of a gauge");
    return 0;
  }
};

template <class Row>
struct no_read_from {
  template <class... Arguments>
  int read_from(Arguments&&...) const {
    static_assert(call_on<Row>::exists,
                  "read_from() requires a counter, a gauge or a histogram; this row is a summary, "
                  "whose quantiles only observe() gives");
    return 0;
  }
};

/// Calls of the types that have a number, on one of the two that have none.
template <class Row>
struct no_number {
  template <class... Arguments>
  int inc(Arguments&&...) const {
    static_assert(call_on<Row>::exists,
                  "inc() requires a counter or a gauge; a stateset has switch_to(state), "
                  "enable(state) and disable(state), an info row set({…}) and add({…})");
    return 0;
  }
  template <class... Arguments>
  int dec(Arguments&&...) const {
    static_assert(call_on<Row>::exists,
                  "dec() requires a gauge; a stateset has disable(state), an info row "
                  "remove({…})");
    return 0;
  }
  template <class... Arguments>
  int observe(Arguments&&...) const {
    static_assert(call_on<Row>::exists,
                  "observe() requires a histogram or a summary; a stateset has switch_to(state), "
                  "an info row set({…})");
    return 0;
  }
  template <class... Arguments>
  int time(Arguments&&...) const {
    static_assert(call_on<Row>::exists,
                  "time() requires a histogram or a summary; a stateset and an info row measure "
                  "nothing");
    return 0;
  }
  template <class... Arguments>
  int track(Arguments&&...) const {
    static_assert(call_on<Row>::exists,
                  "track() requires a gauge; on a stateset use enable(state) and disable(state)");
    return 0;
  }
  template <class... Arguments>
  int set_to_current_time(Arguments&&...) const {
    static_assert(call_on<Row>::exists, "set_to_current_time() requires a gauge");
    return 0;
  }
  template <class... Arguments>
  int read_from(Arguments&&...) const {
    static_assert(call_on<Row>::exists,
                  "read_from() requires a counter or a gauge; a stateset has switch_to(state), an "
                  "info row set({…})");
    return 0;
  }
};

/// The label struct of a row without labels. Its name is what the compiler prints for
/// `with({.label = value})`, in which no assertion can be reached.
template <class Row>
struct this_row_has_no_labels {};

template <class Row>
struct no_with {
  template <class Labels = this_row_has_no_labels<Row>>
  int with(Labels const& = {}) const {
    static_assert(call_on<Row>::exists,
                  "with() requires a row that has labels; this row has none: call the method "
                  "directly");
    return 0;
  }
};

/// What a labelled row says of every call that is made before with().
template <class Row>
struct needs_with {
  template <class... Arguments>
  int inc(Arguments&&...) const {
    return refuse();
  }
  template <class... Arguments>
  int dec(Arguments&&...) const {
    return refuse();
  }
  template <class... Arguments>
  int set(Arguments&&...) const {
    return refuse();
  }
  template <class... Arguments>
  int observe(Arguments&&...) const {
    return refuse();
  }
  template <class... Arguments>
  int time(Arguments&&...) const {
    return refuse();
  }
  template <class... Arguments>
  int track(Arguments&&...) const {
    return refuse();
  }
  template <class... Arguments>
  int count_exceptions(Arguments&&...) const {
    return refuse();
  }
  template <class... Arguments>
  int set_to_current_time(Arguments&&...) const {
    return refuse();
  }
  template <class... Arguments>
  int switch_to(Arguments&&...) const {
    return refuse();
  }
  template <class... Arguments>
  int enable(Arguments&&...) const {
    return refuse();
  }
  template <class... Arguments>
  int disable(Arguments&&...) const {
    return refuse();
  }

 private:
  static int refuse() {
    static_assert(call_on<Row>::exists,
                  "a row with labels requires with({.label = value, …}) first, which names the "
                  "series");
    return 0;
  }
};

}  // namespace stele
