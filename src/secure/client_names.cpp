#include "secure/client_names.hpp"

#include <arpa/inet.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <memory>
#include <string_view>

namespace stele::securing {

namespace {

std::string_view bytes_of(ASN1_STRING const* text) {
  return {reinterpret_cast<char const*>(ASN1_STRING_get0_data(text)),
          static_cast<std::size_t>(ASN1_STRING_length(text))};
}

/// The bytes of an address that a text writes; empty where it writes none.
std::string address_bytes(std::string const& text) {
  std::array<char, 16> bytes{};
  if (::inet_pton(AF_INET, text.c_str(), bytes.data()) == 1) return {bytes.data(), 4};
  if (::inet_pton(AF_INET6, text.c_str(), bytes.data()) == 1) return {bytes.data(), 16};
  return {};
}

bool is_allowed(GENERAL_NAME const* name, std::vector<std::string> const& allowed) {
  int type = 0;
  void const* const value = GENERAL_NAME_get0_value(name, &type);
  if (type == GEN_IPADD) {
    std::string_view const seen = bytes_of(static_cast<ASN1_STRING const*>(value));
    return std::any_of(allowed.begin(), allowed.end(), [&](std::string const& each) {
      std::string const bytes = address_bytes(each);
      return !bytes.empty() && bytes == seen;
    });
  }
  if (type != GEN_DNS && type != GEN_EMAIL && type != GEN_URI) return false;
  // Compared with its length: a NUL inside ends nothing.
  std::string_view const seen = bytes_of(static_cast<ASN1_STRING const*>(value));
  return std::find(allowed.begin(), allowed.end(), seen) != allowed.end();
}

}  // namespace

bool has_name(X509* certificate, std::vector<std::string> const& allowed) {
  std::unique_ptr<GENERAL_NAMES, decltype(&GENERAL_NAMES_free)> const names(
      static_cast<GENERAL_NAMES*>(
          X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)),
      &GENERAL_NAMES_free);
  if (!names) return false;
  for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i)
    if (is_allowed(sk_GENERAL_NAME_value(names.get(), i), allowed)) return true;
  return false;
}

}  // namespace stele::securing
