#include "core/snapshot_pool.hpp"

#include <cstddef>
#include <utility>

#include "core/pool.hpp"
#include "stele/snapshot.hpp"

namespace stele {

namespace core {

namespace {

constinit pool<snapshot_data, memory_part::snapshots> kept;

}  // namespace

snapshot_data* take_from_pool() { return kept.take(); }

void return_to_pool(snapshot_data* data) noexcept {
  if (data != nullptr) data->clear();
  kept.give_back(data);
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
  for (auto const& family : data_->families) count += data_->series_of(family);
  return count;
}

}  // namespace stele
