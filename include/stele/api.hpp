// api.hpp: marks what a shared libstele exports; everything else is hidden.

#pragma once

#define STELE_API [[gnu::visibility("default")]]
