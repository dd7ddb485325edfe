// secure_config_case.hpp: web configuration files as text, and what is said of them.
//
//   EXPECT_THAT(fault_of(tls + "  min_version: x\n"), HasSubstr("web.yml:4:16: error: "));
//
// Threads: one.

#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "secure/web_config.hpp"

namespace stele::test {

inline constexpr std::string_view good_hash =
    "$2y$10$mDwo.lAisC94iLAyP81MCesa29IzH37oigHC/42V2pdJlUprsJPze";

/// All that is wrong, as it is said.
inline std::string fault_of(std::string const& text) {
  securing::problems seen;
  auto const config = securing::read_web_config("web.yml", text, seen);
  EXPECT_EQ(config.has_value(), seen.empty());
  return seen.text();
}

/// REQUIRES: nothing is wrong.
inline securing::web_config config_of(std::string const& text) {
  securing::problems seen;
  auto config = securing::read_web_config("web.yml", text, seen);
  EXPECT_TRUE(config) << seen.text();
  return config.value_or(securing::web_config{});
}

inline std::string const tls = "tls_server_config:\n  cert_file: a.crt\n  key_file: a.key\n";

}  // namespace stele::test
