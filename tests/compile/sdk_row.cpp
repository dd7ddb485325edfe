// A row that Stele feeds itself.
// expect: the table's Source says 'sdk' for this row

#include <sample.hpp>

void count() {
#ifdef WRONG
  sample::metric<"process_open_fds">.set(1);
#else
  sample::metric<"sample_queue_length">.set(1);
#endif
}
