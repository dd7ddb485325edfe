// api.hpp: marks what a shared libstele exports; everything else is hidden.
//
//   STELE_API void attach();         // a function, exported
//   class STELE_API snapshot { … };  // a class, with all its members
//
// Threads: constants.

#pragma once

#if __cplusplus < 202002L
#error "Stele requires C++20: compile with -std=c++20"
#endif

#define STELE_API [[gnu::visibility("default")]]
