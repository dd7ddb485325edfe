#include "secure/pem.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include <algorithm>
#include <iterator>

namespace stele::securing {

namespace {

using bio_ptr = std::unique_ptr<BIO, openssl_free<&BIO_free>>;

bio_ptr reader_of(std::string_view text) {
  return bio_ptr(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

/// Asked for a passphrase, OpenSSL would otherwise read from the terminal.
int note_passphrase(char*, int, int, void* asked) {
  *static_cast<bool*>(asked) = true;
  return -1;
}

bool at_end() {
  unsigned long const last = ERR_peek_last_error();
  return ERR_GET_LIB(last) == ERR_LIB_PEM && ERR_GET_REASON(last) == PEM_R_NO_START_LINE;
}

}  // namespace

certificates read_certificates(std::string_view text) {
  certificates made;
  ERR_clear_error();
  auto const reader = reader_of(text);
  bool asked = false;
  while (X509* const one = PEM_read_bio_X509(reader.get(), nullptr, note_passphrase, &asked))
    made.all.emplace_back(one);
  if (!at_end())
    made.fault = "expected PEM certificates, saw a broken block: " + openssl_reason();
  else if (made.all.empty())
    made.fault = "expected a PEM certificate (-----BEGIN CERTIFICATE-----), saw none";
  ERR_clear_error();
  return made;
}

private_key read_private_key(std::string_view text) {
  private_key made;
  ERR_clear_error();
  auto const reader = reader_of(text);
  bool asked = false;
  made.key.reset(PEM_read_bio_PrivateKey(reader.get(), nullptr, note_passphrase, &asked));
  if (!made.key && asked)
    made.fault =
        "expected a private key without a passphrase, saw an encrypted one; decrypt it with "
        "`openssl pkey`";
  else if (!made.key && at_end())
    made.fault = "expected a PEM private key (-----BEGIN PRIVATE KEY-----), saw none";
  else if (!made.key)
    made.fault = "expected a PEM private key, saw a broken block: " + openssl_reason();
  ERR_clear_error();
  return made;
}

std::string key_kind_fault(EVP_PKEY const* key) {
  // Those of TLS 1.3 (RFC 8446, 4.2.3) that Go has.
  static constexpr std::string_view curves[]{"prime256v1", "secp384r1", "secp521r1"};
  if (EVP_PKEY_is_a(key, "RSA") == 1 || EVP_PKEY_is_a(key, "ED25519") == 1) return {};
  std::string seen(EVP_PKEY_get0_type_name(key));
  if (EVP_PKEY_is_a(key, "EC") == 1) {
    char curve[80] = "explicit parameters";
    EVP_PKEY_get_group_name(key, curve, sizeof curve, nullptr);
    if (std::find(std::begin(curves), std::end(curves), curve) != std::end(curves)) return {};
    seen = curve;
  }
  ERR_clear_error();
  return "expected a key on P-256, P-384 or P-521, or of RSA or Ed25519, saw one of " + seen +
         ", to which Prometheus cannot connect; make another certificate";
}

std::string openssl_reason() {
  unsigned long const last = ERR_peek_last_error();
  char const* const reason = ERR_reason_error_string(last);
  ERR_clear_error();
  return reason != nullptr ? reason : "unknown to OpenSSL";
}

}  // namespace stele::securing
