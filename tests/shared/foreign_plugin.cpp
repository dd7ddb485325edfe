// An object without Stele, which carries a note of somebody else's.

#include "plugin.hpp"

asm(R"(
  .pushsection .note.foreign, "a", %note
  .balign 4
  .long 8, 4, 1
  .asciz "Foreign"
  .balign 4
  .long 7
  .popsection
)");

void plugin_count(std::uint64_t) {}

std::uint64_t plugin_value() { return 0; }
