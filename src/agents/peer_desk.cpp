#include "agents/peer_desk.hpp"

#include <utility>

namespace stele::pushing {

class claims {};  // until claims.hpp is here

peer_desk::peer_desk(peer_settings const&, std::unique_ptr<peer_tokens> tokens, push_desk& desk,
                     runner run)
    : tokens_(std::move(tokens)), desk_(desk), run_(std::move(run)) {}

peer_desk::~peer_desk() = default;

answer peer_desk::take(std::string_view) { return service_unavailable("no claims yet"); }

void peer_desk::claim(std::string_view, epoch, bool) noexcept {}

}  // namespace stele::pushing
