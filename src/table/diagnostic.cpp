#include "table/diagnostic.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "table/source.hpp"

namespace stele::tables {

namespace {

std::string_view word(severity level) noexcept {
  switch (level) {
    case severity::note: return "note";
    case severity::warning: return "warning";
    case severity::error: break;
  }
  return "error";
}

}  // namespace

void diagnostics::sort() {
  std::sort(list_.begin(), list_.end(), [](diagnostic const& a, diagnostic const& b) {
    return a.offset != b.offset ? a.offset < b.offset : a.sequence < b.sequence;
  });
}

std::string to_text(diagnostics const& found, source_text const& page, std::string_view file) {
  std::string out;
  std::size_t earlier = 0;
  position at;
  for (auto const& each : found.list()) {
    at = page.position_after(earlier, at, each.offset);
    earlier = each.offset;
    fmt::format_to(std::back_inserter(out), "{}:{}:{}: {}: {} [{}]\n", file, at.line, at.column,
                   word(each.level), each.message, each.rule);
    if (!each.fix.empty()) fmt::format_to(std::back_inserter(out), "    fix: {}\n", each.fix);
  }
  return out;
}

}  // namespace stele::tables
