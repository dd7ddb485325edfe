#include "secure/bcrypt.hpp"

#include <crypt.h>
#include <openssl/crypto.h>

#include <algorithm>
#include <memory>

namespace stele::securing {

namespace {

constexpr std::size_t hash_bytes = 60;  // `$2y$10$`, 22 of salt, 31 of the hash
constexpr std::string_view fix = "; make one with `htpasswd -nBC 10 \"\"`";

bool in_alphabet(char c) noexcept {
  return c == '.' || c == '/' || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
         (c >= 'a' && c <= 'z');
}

/// The beginnings of hashes of other kinds. What else stands there may be a password, `$` and all.
constexpr std::string_view other_schemes[]{"$1$",
                                           "$2$",
                                           "$2x$",
                                           "$3$",
                                           "$5$",
                                           "$6$",
                                           "$7$",
                                           "$y$",
                                           "$gy$",
                                           "$md5$",
                                           "$sha1$",
                                           "$apr1$",
                                           "$argon2d$",
                                           "$argon2i$",
                                           "$argon2id$",
                                           "$scrypt$",
                                           "$pbkdf2$",
                                           "$pbkdf2-sha256$",
                                           "$pbkdf2-sha512$",
                                           "{SHA}",
                                           "{SSHA}"};

std::string_view scheme_of(std::string_view hash) noexcept {
  for (std::string_view const each : other_schemes)
    if (hash.starts_with(each)) return each;
  return {};
}

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

}  // namespace

std::string bcrypt_fault(std::string_view hash) {
  std::string expected = "expected a bcrypt hash";
  if (hash.empty()) return expected + ", saw nothing" + std::string(fix);
  std::string_view const kind = hash.substr(0, 4);
  if (kind != "$2a$" && kind != "$2b$" && kind != "$2y$") {
    std::string_view const scheme = scheme_of(hash);
    return expected + " that begins with $2a$, $2b$ or $2y$, saw " +
           (scheme.empty() ? "something else" : "one of " + std::string(scheme)) + std::string(fix);
  }
  if (hash.size() != hash_bytes)
    return expected + " of " + std::to_string(hash_bytes) + " characters, saw " +
           std::to_string(hash.size()) + std::string(fix);
  if (!is_digit(hash[4]) || !is_digit(hash[5]) || hash[6] != '$')
    return expected + " with a cost of two digits, as in $2y$10$, saw something else" +
           std::string(fix);
  int const cost = (hash[4] - '0') * 10 + (hash[5] - '0');
  if (cost < 4 || cost > bcrypt_cost_max)
    return expected + " of cost 4 to " + std::to_string(bcrypt_cost_max) + ", saw cost " +
           std::to_string(cost) + "; each step doubles the time of a login, 10 takes some 70 ms";
  if (!std::all_of(hash.begin() + 7, hash.end(), in_alphabet))
    return expected + " of letters, digits, '.' and '/', saw another character" + std::string(fix);
  return {};
}

bool bcrypt_matches(std::string const& hash, std::string const& password) {
  auto const state = std::make_unique<crypt_data>();  // 32 KiB
  bool const has_nul = password.find('\0') != std::string::npos;
  char const* const made = ::crypt_r(password.c_str(), hash.c_str(), state.get());
  bool const same = made != nullptr && std::string_view(made).size() == hash.size() &&
                    CRYPTO_memcmp(made, hash.data(), hash.size()) == 0;
  OPENSSL_cleanse(state.get(), sizeof *state);
  return same && !has_nul;
}

}  // namespace stele::securing
