#include "secure/tokens.hpp"

#include <openssl/crypto.h>

#include <algorithm>
#include <optional>
#include <string>

namespace stele::securing {

namespace {

int hex_value(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::optional<digest> read_hex(std::string_view text) {
  digest made{};
  if (text.size() != made.size() * 2) return std::nullopt;
  for (std::size_t i = 0; i < made.size(); ++i) {
    int const high = hex_value(text[2 * i]);
    int const low = hex_value(text[2 * i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    made[i] = static_cast<unsigned char>(high * 16 + low);
  }
  return made;
}

/// RFC 6750, 2.1: letters, digits and -._~+/, then any number of =.
bool is_token(std::string_view text) {
  std::size_t const end = text.find_last_not_of('=') + 1;
  return end != 0 &&
         std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(end), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                  std::string_view("-._~+/").find(c) != std::string_view::npos;
         });
}

std::string_view trimmed(std::string_view line) {
  constexpr std::string_view blanks = " \t\r";
  std::size_t const begin = line.find_first_not_of(blanks);
  if (begin == std::string_view::npos) return {};
  return line.substr(begin, line.find_last_not_of(blanks) - begin + 1);
}

}  // namespace

bool token_set::has(std::string_view token) const {
  digest const seen = sha256(token);
  int found = 0;
  for (digest const& each : hashes_)
    found |= CRYPTO_memcmp(seen.data(), each.data(), seen.size()) == 0 ? 1 : 0;
  return found != 0;
}

std::optional<digest> read_token(std::string_view word, std::string& why) {
  if (word.starts_with(token_hash_prefix)) {
    auto const hash = read_hex(word.substr(token_hash_prefix.size()));
    if (!hash)
      why =
          "expected 64 hexadecimal digits after sha256:, saw something else; make them with "
          "`printf %s TOKEN | sha256sum`";
    return hash;
  }
  if (!is_token(word)) {
    why =
        "expected a token of letters, digits and -._~+/, saw another character; a comment "
        "begins with #, on a line of its own";
    return std::nullopt;
  }
  if (word.size() < token_bytes_min) {
    why = "expected a token of at least " + std::to_string(token_bytes_min) + " characters, saw " +
          std::to_string(word.size()) + "; make one with `openssl rand -hex 32`";
    return std::nullopt;
  }
  return sha256(word);
}

token_set read_tokens(std::string_view file, std::string_view text, problems& seen) {
  token_set made;
  std::size_t const before = seen.size();
  for (std::size_t number = 1; !text.empty(); ++number) {
    std::size_t const end = std::min(text.find('\n'), text.size());
    std::string_view const whole = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    std::string_view const line = trimmed(whole);
    if (line.empty() || line.front() == '#') continue;
    place const where{number, static_cast<std::size_t>(line.data() - whole.data()) + 1};
    std::string why;
    if (auto const hash = read_token(line, why))
      made.add(*hash);
    else
      seen.add(file, where, why);
  }
  if (made.empty() && seen.size() == before)
    seen.add(file, {},
             "expected at least one token, saw none; make one with `openssl rand -hex 32`");
  return made;
}

}  // namespace stele::securing
