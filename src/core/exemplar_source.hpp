// exemplar_source.hpp: whether threads are asked for exemplars.
//
// Threads: any.

#pragma once

namespace stele::core {

/// Whether a source is set, so that gathers ask threads for samples.
bool has_exemplar_source() noexcept;

}  // namespace stele::core
