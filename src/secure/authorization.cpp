#include "secure/authorization.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <algorithm>
#include <optional>
#include <vector>

namespace stele::securing {

namespace {

bool is_base64(char c) noexcept {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' ||
         c == '/';
}

/// With its padding; EVP_DecodeBlock() alone would take blanks, too, and keep the padding's zeros.
std::optional<std::string> decode_base64(std::string_view text) {
  std::size_t const padding = text.ends_with("==") ? 2 : text.ends_with("=") ? 1 : 0;
  std::string_view const digits = text.substr(0, text.size() - padding);
  if (text.empty() || text.size() % 4 != 0) return std::nullopt;
  if (!std::all_of(digits.begin(), digits.end(), is_base64)) return std::nullopt;
  std::string bytes(text.size() / 4 * 3, '\0');
  int const size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                                   reinterpret_cast<unsigned char const*>(text.data()),
                                   static_cast<int>(text.size()));
  if (size < 0) return std::nullopt;
  bytes.resize(static_cast<std::size_t>(size) - padding);
  return bytes;
}

bool takes_scheme(std::string_view& field, std::string_view name) noexcept {
  if (field.size() <= name.size() || field[name.size()] != ' ') return false;
  for (std::size_t i = 0; i < name.size(); ++i)
    if ((field[i] | 0x20) != name[i]) return false;
  field.remove_prefix(name.size());
  field.remove_prefix(std::min(field.find_first_not_of(' '), field.size()));
  return true;
}

}  // namespace

credentials::~credentials() { OPENSSL_cleanse(secret.data(), secret.size()); }

credentials read_authorization(std::string_view field) {
  credentials said;
  if (takes_scheme(field, "basic")) {
    auto pair = decode_base64(field);
    std::size_t const colon = pair ? pair->find(':') : std::string::npos;
    if (colon != std::string::npos) {
      said.is = credentials::scheme::basic;
      said.user = pair->substr(0, colon);
      said.secret = pair->substr(colon + 1);
    }
    if (pair) OPENSSL_cleanse(pair->data(), pair->size());
  } else if (takes_scheme(field, "bearer") && !field.empty()) {
    said.is = credentials::scheme::bearer;
    said.secret = field;
  }
  return said;
}

}  // namespace stele::securing
