#include "agents/family_set.hpp"

#include <algorithm>
#include <utility>

#include "stele/naming.hpp"

namespace stele::pushing {

namespace {

bool is_total_of(descriptor const& counter, descriptor const& other) noexcept {
  return counter.type == metric_type::counter && naming::has_total(counter.name) &&
         naming::without_total(counter.name) == other.name;
}

std::string_view name_of(shared_family const& family) noexcept { return family->name(); }

constexpr std::string_view suffixes[]{"_total", "_created", "_count", "_sum", "_bucket"};

}  // namespace

bool clash(descriptor const& a, descriptor const& b) noexcept {
  return !is_total_of(a, b) && !is_total_of(b, a) && naming::clash(a, b);
}

pushed_family* family_set::find(std::string_view name) const noexcept {
  auto const found = std::ranges::lower_bound(all_, name, {}, name_of);
  return found != all_.end() && (*found)->name() == name ? found->get() : nullptr;
}

list<text> family_set::clashing_names(descriptor const& about) {
  list<text> names;
  // A name that one of the two takes is the other's family, whose `_total` is its name if it is a
  // counter.
  auto const add = [&names](std::string_view family) {
    names.emplace_back(family);
    names.emplace_back(family).append("_total");
  };
  std::string_view const family = naming::family_name(about);
  add(family);
  for (std::string_view const suffix : suffixes) {
    text longer(family);
    add(longer.append(suffix));
    if (family.size() > suffix.size() && family.ends_with(suffix))
      add(family.substr(0, family.size() - suffix.size()));
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

void family_set::reserve(std::size_t more) {
  if (all_.capacity() - all_.size() >= more) return;
  list<shared_family> larger;
  larger.reserve(std::max(2 * all_.size(), all_.size() + more));
  std::lock_guard const lock(mutex_);
  larger.assign(all_.begin(), all_.end());
  all_.swap(larger);
}

void family_set::change(std::span<pushed_family* const> out, std::span<shared_family> in) noexcept {
  if (out.empty() && in.empty()) return;
  std::lock_guard const lock(mutex_);
  std::erase_if(all_, [&](shared_family const& each) {
    return std::find(out.begin(), out.end(), each.get()) != out.end();
  });
  for (shared_family& each : in) {
    auto const place = std::ranges::lower_bound(all_, each->name(), {}, name_of);
    all_.insert(place, std::move(each));
  }
}

void family_set::copy(list<shared_family>& to) const {
  std::lock_guard const lock(mutex_);
  to.assign(all_.begin(), all_.end());
}

}  // namespace stele::pushing
