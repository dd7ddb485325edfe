// pem.hpp: certificates and private keys out of PEM text.
//
//   auto const chain = read_certificates(text);
//   if (chain.fault.empty()) use(chain.all.front().get());
//
// Threads: pure functions.

#pragma once

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace stele::securing {

template <auto Free>
struct openssl_free {
  template <class Object>
  void operator()(Object* object) const noexcept {
    Free(object);
  }
};
using certificate_ptr = std::unique_ptr<X509, openssl_free<&X509_free>>;
using private_key_ptr = std::unique_ptr<EVP_PKEY, openssl_free<&EVP_PKEY_free>>;

struct certificates {
  std::vector<certificate_ptr> all;  // in the text's order
  std::string fault;                 // `expected …, saw …`; empty where there is none
};

struct private_key {
  private_key_ptr key;
  std::string fault;
};

/// All certificates of a text, at least one; other blocks are passed over.
certificates read_certificates(std::string_view text);

/// The text's first private key. One that needs a passphrase is a fault: nobody is asked for it.
private_key read_private_key(std::string_view text);

/// What is wrong with the kind of a server's key, as in `expected …, saw …`, where no client, or no
/// Prometheus, could connect to it; empty where nothing is.
std::string key_kind_fault(EVP_PKEY const* key);

/// What OpenSSL said last, on this thread; forgets it.
std::string openssl_reason();

}  // namespace stele::securing
