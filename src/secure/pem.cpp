#include "secure/pem.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>

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

std::string openssl_reason() {
  unsigned long const last = ERR_peek_last_error();
  char const* const reason = ERR_reason_error_string(last);
  ERR_clear_error();
  return reason != nullptr ? reason : "unknown to OpenSSL";
}

}  // namespace stele::securing
