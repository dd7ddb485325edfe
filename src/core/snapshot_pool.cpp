#include "core/snapshot_pool.hpp"

#include <array>
#include <cstddef>
#include <mutex>
#include <utility>

#include "core/memory.hpp"
#include "stele/snapshot.hpp"

namespace stele {

namespace core {

namespace {

struct pool {
  std::mutex mutex;
  std::array<snapshot_data*, 4> kept{};  // more scrapes than these at once are rare
};

constinit immortal<pool> kept_pool;  // a scrape may outlive main()

pool& the_pool() noexcept { return kept_pool.value; }

}  // namespace

std::mutex& pool_mutex() noexcept { return the_pool().mutex; }

snapshot_data* take_from_pool() {
  pool& from = the_pool();
  {
    std::lock_guard const lock(from.mutex);
    for (auto*& each : from.kept)
      if (each != nullptr) return std::exchange(each, nullptr);
  }
  return make<snapshot_data, memory_part::snapshots>();
}

void return_to_pool(snapshot_data* data) noexcept {
  if (data == nullptr) return;
  data->clear();
  pool& to = the_pool();
  {
    std::lock_guard const lock(to.mutex);
    for (auto*& each : to.kept) {
      if (each != nullptr) continue;
      each = data;
      return;
    }
  }
  destroy<memory_part::snapshots>(data);
}

}  // namespace core

snapshot::snapshot(snapshot&& other) noexcept : data_(std::exchange(other.data_, nullptr)) {}

snapshot& snapshot::operator=(snapshot&& other) noexcept {
  std::swap(data_, other.data_);
  return *this;
}

snapshot::~snapshot() { core::return_to_pool(data_); }

std::size_t snapshot::family_count() const noexcept { return data_->families.size(); }

std::size_t snapshot::series_count() const noexcept {
  std::size_t count = 0;
  for (auto const& family : data_->families)
    for (std::size_t i = family.first_series; i < family.end_series; ++i)
      count += data_->series[i].first_value == core::snapshot_data::none ? 0 : 1;
  return count;
}

}  // namespace stele
