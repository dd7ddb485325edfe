#include "core/family_source.hpp"

#include <algorithm>
#include <mutex>
#include <stdexcept>
#include <utility>

#include "core/table_state.hpp"

namespace stele::core {

family_source::~family_source() = default;

void add_family_source(table_link& link, family_source& source) {
  table_state& state = state_of(link);
  auto made = std::allocate_shared<listed_source>(allocator<listed_source>(), source);
  std::lock_guard const lock(state.mutex);
  auto const free = std::find(state.sources.begin(), state.sources.end(), nullptr);
  if (free == state.sources.end())
    throw std::length_error("add_family_source: expected at most 8 sources of a table, saw a 9th");
  *free = std::move(made);
}

void remove_family_source(table_link& link, family_source& source) noexcept {
  table_state& state = state_of(link);
  std::shared_ptr<listed_source> removed;
  {
    std::lock_guard const lock(state.mutex);
    auto const is_it = [&](auto const& each) { return each != nullptr && &each->of == &source; };
    auto const found = std::find_if(state.sources.begin(), state.sources.end(), is_it);
    if (found == state.sources.end()) return;
    removed = std::move(*found);
    std::move(found + 1, state.sources.end(), found);
    state.sources.back() = nullptr;
  }
  for (auto left = removed->gathers.load(); left != 0; left = removed->gathers.load())
    removed->gathers.wait(left);
}

source_reads::source_reads(table_state& table) noexcept {
  std::lock_guard const lock(table.mutex);
  sources_ = table.sources;
  for (auto const& each : sources_)
    if (each != nullptr) each->gathers.fetch_add(1, std::memory_order_relaxed);
}

source_reads::~source_reads() {
  for (auto const& each : sources_)
    if (each != nullptr && each->gathers.fetch_sub(1) == 1) each->gathers.notify_all();
}

void source_reads::read(row_filter const* filter, snapshot_data& out) const {
  for (auto const& each : sources_)
    if (each != nullptr) each->of.read(filter, out);
}

}  // namespace stele::core
