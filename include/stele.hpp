// stele.hpp: all of Stele's instruments and exposition, in the order in which data flows.
// A generated header includes it; a service includes its generated header alone.

#pragma once

// clang-format off: this order is the point
#include "stele/version.hpp"
#include "stele/api.hpp"
#include "stele/fixed_string.hpp"
#include "stele/descriptor.hpp"
#include "stele/naming.hpp"
#include "stele/label.hpp"
#include "stele/table.hpp"
#include "stele/cell.hpp"
#include "stele/bucket_search.hpp"
#include "stele/sketch.hpp"
#include "stele/slab.hpp"
#include "stele/open_block.hpp"
#include "stele/exemplar.hpp"
#include "stele/series.hpp"
#include "stele/clock.hpp"
#include "stele/quantity.hpp"
#include "stele/reading.hpp"
#include "stele/timer.hpp"
#include "stele/wrong_call.hpp"
#include "stele/counter.hpp"
#include "stele/gauge.hpp"
#include "stele/histogram.hpp"
#include "stele/summary.hpp"
#include "stele/metric.hpp"
#include "stele/snapshot.hpp"
#include "stele/expose.hpp"
#include "stele/result.hpp"
#include "stele/process.hpp"
#include "stele/serve.hpp"
// clang-format on
