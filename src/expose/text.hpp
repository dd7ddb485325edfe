// text.hpp: the lines of a family, in text 0.0.4 and OpenMetrics 1.0, which differ in little.
//
// Sources: "Exposition formats" of the Prometheus documentation; the OpenMetrics specification 1.0.
//
//   append_metadata(out, about, format::text);                          // # HELP …, # TYPE …
//   append_series(out, values, about, series, "", format::text);        // jobs_total 3
//
// Threads: pure functions; a snapshot's values do not change.

#pragma once

#include <string>
#include <string_view>

#include "core/snapshot_data.hpp"
#include "stele/expose.hpp"

namespace stele::exposition {

/// Whether a family has a series to show. One without any is left out, its metadata too.
bool has_samples(core::snapshot_data const& values, core::family_data const& family) noexcept;

/// HELP and TYPE, in OpenMetrics also UNIT where the name ends in it.
void append_metadata(std::string& out, descriptor const& about, format which);

/// All lines of one series. `constants` are the rendered labels that stand before its own.
void append_series(std::string& out, core::snapshot_data const& values, descriptor const& about,
                   core::series_data const& series, std::string_view constants, format which);

}  // namespace stele::exposition
