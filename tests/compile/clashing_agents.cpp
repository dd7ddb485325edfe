// Two tables whose agents' metrics are exposed together, and that define the same name.
// expect: require names that do not clash

#include <coderd.hpp>
#include <sample.hpp>

void serve() {
#ifdef WRONG
  static_cast<void>(stele::serve_agents<coderd::table, sample::table>());
#else
  static_cast<void>(stele::serve_agents<coderd::table>());
  static_cast<void>(stele::serve_agents<sample::table>());
#endif
}
