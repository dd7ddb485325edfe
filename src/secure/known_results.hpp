// known_results.hpp: a bounded number of digests, of which the one that was not asked for the
// longest goes first.
//
//   known_results right(256);
//   right.add(key);
//   right.has(key);
//
// Threads: one at a time.

#pragma once

#include <cstddef>
#include <cstring>
#include <list>
#include <unordered_map>

#include "secure/files.hpp"

namespace stele::securing {

class known_results {
 public:
  explicit known_results(std::size_t size_max) : size_max_(size_max) {}

  bool has(digest const& key) {
    auto const found = places_.find(key);
    if (found == places_.end()) return false;
    order_.splice(order_.begin(), order_, found->second);
    return true;
  }
  void add(digest const& key) {
    if (has(key)) return;
    if (order_.size() == size_max_) {
      places_.erase(order_.back());
      order_.pop_back();
    }
    std::list<digest> made{key};  // it is in both or, where memory is short, in none
    places_.emplace(key, made.begin());
    order_.splice(order_.begin(), made);
  }
  [[nodiscard]] std::size_t size() const noexcept { return order_.size(); }

 private:
  struct any_bytes {  // a keyed hash is as good as random
    std::size_t operator()(digest const& key) const noexcept {
      std::size_t value = 0;
      std::memcpy(&value, key.data(), sizeof value);
      return value;
    }
  };
  std::size_t size_max_;
  std::list<digest> order_;  // the one that was asked for last is first
  std::unordered_map<digest, std::list<digest>::iterator, any_bytes> places_;
};

}  // namespace stele::securing
