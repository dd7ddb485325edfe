// exemplar_source.hpp: whether threads are asked for exemplars.
//
//   if (has_exemplar_source()) state.ask_for_samples();   // in a gather, under the table's mutex
//
// Threads: any.

#pragma once

namespace stele::core {

/// Whether a source is set, so that gathers ask threads for samples.
bool has_exemplar_source() noexcept;

}  // namespace stele::core
