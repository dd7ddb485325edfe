#include "serve/pages.hpp"

namespace stele::serving {

std::unique_ptr<pages> make_pages(std::span<core::table_link* const>) { return nullptr; }

}  // namespace stele::serving
