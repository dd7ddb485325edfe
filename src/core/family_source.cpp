#include "core/family_source.hpp"

#include <mutex>
#include <utility>

#include "core/table_state.hpp"

namespace stele::core {

family_source::~family_source() = default;

bool add_family_source(table_link& link, family_source& source) {
  table_state& state = state_of(link);
  auto made = std::allocate_shared<listed_source>(allocator<listed_source>(), source);
  std::lock_guard const lock(state.mutex);
  if (state.source != nullptr) return false;
  state.source = std::move(made);
  return true;
}

void remove_family_source(table_link& link, family_source& source) noexcept {
  table_state& state = state_of(link);
  std::shared_ptr<listed_source> removed;
  {
    std::lock_guard const lock(state.mutex);
    if (state.source == nullptr || &state.source->of != &source) return;
    removed = std::move(state.source);
  }
  for (auto left = removed->gathers.load(); left != 0; left = removed->gathers.load())
    removed->gathers.wait(left);
}

source_read::source_read(table_state& table) noexcept {
  std::lock_guard const lock(table.mutex);
  source_ = table.source;
  if (source_ != nullptr) source_->gathers.fetch_add(1, std::memory_order_relaxed);
}

source_read::~source_read() {
  if (source_ != nullptr && source_->gathers.fetch_sub(1) == 1) source_->gathers.notify_all();
}

void source_read::read(row_filter const* filter, snapshot_data& out) const {
  if (source_ != nullptr) source_->of.read(filter, out);
}

}  // namespace stele::core
