// cipher_names.hpp: Go's names of cipher suites and curves, which the configuration file has, as
// OpenSSL's.
//
//   find_cipher("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256")->openssl == "ECDHE-RSA-AES128-GCM-SHA256"
//
// Threads: pure functions.

#pragma once

#include <string_view>
#include <vector>

namespace stele::securing {

struct cipher_name {
  std::string_view go;
  std::string_view openssl;  // empty: of TLS 1.3, whose suites are not configured
};

struct curve_name {
  std::string_view go;
  std::string_view openssl;
};

/// Null for a name that Go does not have among its secure ones.
cipher_name const* find_cipher(std::string_view go) noexcept;
curve_name const* find_curve(std::string_view go) noexcept;

/// Go's names, for messages.
std::vector<std::string_view> cipher_choices();
std::vector<std::string_view> curve_choices();

}  // namespace stele::securing
