// api.hpp: marks what a shared libstele exports; everything else is hidden.

#pragma once

#if __cplusplus < 202002L
#error "Stele requires C++20: compile with -std=c++20"
#endif

#define STELE_API [[gnu::visibility("default")]]
