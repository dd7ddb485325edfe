// A label too many: the message names the row, its labels, and the one too many.
// expect: workspace
// expect: coderd_api_websocket_durations_ms
// expect: labels_path

#include <coderd.hpp>

void count() {
  coderd::metric<"coderd_api_websocket_durations_ms">
#ifdef WRONG
      .with({.path = "/", .workspace = "w"})
#else
      .with({.path = "/"})
#endif
      .observe(1);
}
