#include <stdexcept>

#include "expose/gzip.hpp"

namespace stele::exposition {

struct gzip_encoder::state {};

bool gzip_encoder::available() noexcept { return false; }

gzip_encoder::gzip_encoder() {
  throw std::logic_error(
      "gzip: expected a build that compresses, saw one that was configured with -Dgzip=disabled; "
      "ask gzip_encoder::available() first");
}

gzip_encoder::~gzip_encoder() = default;

void gzip_encoder::start() noexcept {}

void gzip_encoder::compress() {}

char const* gzip_encoder::output() const noexcept { return nullptr; }

}  // namespace stele::exposition
