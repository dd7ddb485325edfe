#include "serve/guard.hpp"

namespace stele::serving {

guard::~guard() = default;

std::shared_ptr<std::string const> guard::fields() const { return nullptr; }

}  // namespace stele::serving
