// A source that returns the labels instead of adding them.
// expect: set_exemplar_source() requires a callback that takes a stele::exemplar_writer&

#include <coderd.hpp>

void configure() {
#ifdef WRONG
  stele::set_exemplar_source([] { return "4bf92f3577b34da6"; });
#else
  stele::set_exemplar_source(
      [](stele::exemplar_writer& labels) { labels.add("trace_id", "4bf9"); });
  stele::set_exemplar_source(nullptr);
#endif
}
