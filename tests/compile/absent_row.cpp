// A row that the table says nobody feeds.
// expect: the table's Source says 'absent' for this row
// expect: sample_absent

#include <sample.hpp>

void count() {
#ifdef WRONG
  sample::metric<"sample_absent">.set(1);
#else
  sample::metric<"sample_queue_length">.set(1);
#endif
}
