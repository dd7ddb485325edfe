#include "agents/shape_cache.hpp"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <functional>
#include <string_view>
#include <utility>

#include "agents/text_plan.hpp"

namespace stele::pushing {

namespace {

class hasher {
 public:
  void add(std::size_t number) noexcept {
    hash_ = (std::rotl(hash_, 5) ^ number) * std::size_t{0x9E3779B97F4A7C15U};
  }
  void add(std::string_view text) noexcept { add(std::hash<std::string_view>()(text)); }
  void add(std::vector<double> const& numbers) noexcept {
    add(numbers.size());
    for (double const each : numbers) add(std::bit_cast<std::uint64_t>(each));
  }
  [[nodiscard]] std::size_t result() const noexcept { return hash_ == 0 ? 1 : hash_; }

 private:
  std::size_t hash_ = 0;
};

bool same(family_refusal const& a, family_refusal const& b) noexcept {
  return a.family == b.family && a.reason == b.reason && a.why == b.why;
}

bool same(std::shared_ptr<text_plan const> const& a,
          std::shared_ptr<text_plan const> const& b) noexcept {
  return a == b || (a && b && *a == *b);
}

}  // namespace

std::size_t hash_of(shape const& of) noexcept {
  hasher all;
  for (shape_family const& each : of.families) {
    all.add(each.name);
    all.add(static_cast<std::size_t>(each.type));
    all.add(each.help);
    all.add(each.unit);
    all.add(each.end_series);
  }
  for (shape_series const& each : of.series)
    all.add(each.label_end * std::size_t{65'537} + each.layout);
  for (layout const& each : of.layouts) {
    all.add(each.bounds);
    all.add(each.quantiles);
    all.add(std::size_t{each.native});
  }
  all.add(of.label_text);
  for (family_refusal const& each : of.refused) {
    all.add(each.family);
    all.add(static_cast<std::size_t>(each.reason));
    all.add(each.why);
  }
  if (of.plan) all.add(of.plan->hash());
  return all.result();
}

bool equal(shape const& a, shape const& b) noexcept {
  return a.label_text == b.label_text && a.series == b.series && a.families == b.families &&
         a.layouts == b.layouts &&
         std::equal(a.refused.begin(), a.refused.end(), b.refused.begin(), b.refused.end(),
                    [](auto const& x, auto const& y) { return same(x, y); }) &&
         same(a.plan, b.plan);
}

std::shared_ptr<shape const> shape_cache::intern(shape&& made) {
  made.hash = hash_of(made);
  auto const [begin, end] = known_.equal_range(made.hash);
  for (auto at = begin; at != end; ++at)
    if (auto const known = at->second.lock(); known && equal(*known, made)) return known;
  // Not make_shared: its memory would live as long as the weak reference.
  std::shared_ptr<shape const> kept(new shape(std::move(made)));
  if (known_.size() >= next_search_) forget_ended();
  if (known_.size() < shapes_max_) known_.emplace(kept->hash, kept);
  return kept;
}

void shape_cache::forget_ended() {
  std::erase_if(known_, [](auto const& each) { return each.second.expired(); });
  next_search_ = std::max(std::size_t{64}, 2 * known_.size());
}

}  // namespace stele::pushing
