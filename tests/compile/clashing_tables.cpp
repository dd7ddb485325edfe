// Two tables that are served together and define the same name.
// expect: require names that do not clash

#include <coderd.hpp>
#include <sample.hpp>

void serve() {
#ifdef WRONG
  static_cast<void>(stele::serve<coderd::table, sample::table>());
#else
  static_cast<void>(stele::serve<coderd::table>());
  static_cast<void>(stele::gather<sample::table>());
#endif
}
