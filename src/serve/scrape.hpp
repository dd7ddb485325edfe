// scrape.hpp: one scrape that is being answered: its values, rendered as they are sent.
//
//   auto part = pool.take();
//   part->begin(values, {.which = format::text}, encoding::gzip);
//   for (auto chunk = part->next(); !chunk.empty(); chunk = part->next()) send(chunk);
//   pool.give_back(std::move(part));
//
// Threads: the endpoint's strand.

#pragma once

#include <cstddef>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "expose/renderer.hpp"
#include "serve/body.hpp"
#include "serve/coded_chunks.hpp"
#include "stele/snapshot.hpp"

namespace stele::serving {

class scrape final : public body {
 public:
  /// The values, and the filter if there is one, stay until the last next(). Throws std::bad_alloc.
  void begin(snapshot const& values, exposition::render_options const& options, encoding coding) {
    chunks_.begin(coding);
    render_.start(values.data(), options);
  }
  void end() noexcept { render_.shrink(); }
  /// Whether it is compressed, which was asked for and this build can do.
  [[nodiscard]] bool is_gzipped() const noexcept { return chunks_.coding() == encoding::gzip; }

  std::string_view next() override {
    static_assert(coded_chunks::chunk_bytes_max == exposition::chunk_bytes_max);
    return chunks_.next(render_);
  }
  [[nodiscard]] bool ended() const noexcept override { return chunks_.ended(); }

 private:
  exposition::renderer render_;
  coded_chunks chunks_;
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

}  // namespace stele::serving
