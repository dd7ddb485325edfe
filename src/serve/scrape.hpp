// scrape.hpp: one scrape that is being answered: its values, rendered as they are sent.
//
//   scrape* const part = pool.take();
//   part->begin(values, format::text);
//   for (auto chunk = part->next(); !chunk.empty(); chunk = part->next()) send(chunk);
//   pool.give_back(part);
//
// Threads: the endpoint's strand.

#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "expose/renderer.hpp"
#include "serve/body.hpp"
#include "serve/handler_counts.hpp"
#include "stele/snapshot.hpp"

namespace stele::serving {

class scrape final : public body {
 public:
  /// The values stay until end(). Throws std::bad_alloc.
  void begin(snapshot const& values, format which) { render_.emplace(values.data(), which); }
  void end() noexcept { render_.reset(); }

  std::string_view next() override {
    std::string_view const chunk = render_->next();
    ended_ = chunk.size() < exposition::chunk_bytes_max;
    return chunk;
  }
  [[nodiscard]] bool ended() const noexcept override { return ended_; }

 private:
  std::optional<exposition::renderer> render_;
  bool ended_ = false;
};

/// Scrapes whose memory is used again.
class scrape_pool {
 public:
  /// Throws std::bad_alloc.
  [[nodiscard]] std::unique_ptr<scrape> take() {
    if (spare_.empty()) {
      spare_.reserve(kept_max);
      return std::make_unique<scrape>();
    }
    auto found = std::move(spare_.back());
    spare_.pop_back();
    return found;
  }
  void give_back(std::unique_ptr<scrape> used) noexcept {
    used->end();
    if (spare_.size() < spare_.capacity()) spare_.push_back(std::move(used));
  }

 private:
  static constexpr std::size_t kept_max = 4;
  std::vector<std::unique_ptr<scrape>> spare_;
};

/// Counts a scrape as in flight while it lives, in its endpoint and for the promhttp_* rows, and as
/// answered with a code at its end.
class counted_scrape {
 public:
  explicit counted_scrape(std::size_t& in_flight) noexcept : in_flight_(in_flight) {
    handler_counts::instance().begin();
    ++in_flight_;
  }
  ~counted_scrape() {
    --in_flight_;
    handler_counts::instance().end(code_);
  }
  counted_scrape(counted_scrape const&) = delete;
  counted_scrape& operator=(counted_scrape const&) = delete;

  void answered(int code) noexcept { code_ = code; }

 private:
  std::size_t& in_flight_;
  int code_ = 500;
};

}  // namespace stele::serving
