// secure_case.hpp: what the tests of stele-secure share: a folder, certificates made on the spot,
// and handshakes in memory.
//
//   temporary_folder folder;
//   identity const server = make_identity({.name = "localhost", .names = "DNS:localhost"});
//   folder.write("server.crt", server.certificate_pem());
//
// Threads: one.

#pragma once

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>

namespace stele::test {

class temporary_folder {
 public:
  temporary_folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "stele-secure-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  ~temporary_folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  temporary_folder(temporary_folder const&) = delete;
  temporary_folder& operator=(temporary_folder const&) = delete;

  [[nodiscard]] std::string path(std::string const& name) const { return path_ + "/" + name; }
  /// In place.
  /// By rename, as careful programs do: who follows the file never sees a part of it.
  std::string write(std::string const& name, std::string const& text) const {
    std::filesystem::rename(write_in_place(name + ".new", text), path(name));
    return path(name);
  }
  /// It is empty for a moment, which is long on a busy machine.
  std::string write_in_place(std::string const& name, std::string const& text) const {
    std::ofstream(path(name), std::ios::binary | std::ios::trunc) << text;
    return path(name);
  }

 private:
  std::string path_;
};

struct identity {
  std::shared_ptr<X509> certificate;
  std::shared_ptr<EVP_PKEY> key;

  template <class Write>
  static std::string pem(Write write) {
    std::unique_ptr<BIO, int (*)(BIO*)> const to(BIO_new(BIO_s_mem()), &BIO_free);
    EXPECT_EQ(write(to.get()), 1);
    char* bytes = nullptr;
    auto const size = BIO_get_mem_data(to.get(), &bytes);
    return {bytes, static_cast<std::size_t>(size)};
  }
  [[nodiscard]] std::string certificate_pem() const {
    return pem([this](BIO* to) { return PEM_write_bio_X509(to, certificate.get()); });
  }
  [[nodiscard]] std::string key_pem(char const* passphrase = nullptr) const {
    return pem([&](BIO* to) {
      return PEM_write_bio_PKCS8PrivateKey(to, key.get(), passphrase ? EVP_aes_128_cbc() : nullptr,
                                           nullptr, 0, nullptr, const_cast<char*>(passphrase));
    });
  }
};

struct identity_options {
  std::string name = "localhost";
  std::string names = "DNS:localhost,IP:127.0.0.1";  // as OpenSSL's configuration has them
  identity const* issuer = nullptr;                  // null: itself
  bool authority = false;
  long begins_after_s = -3600;
  long ends_after_s = 3600;
  int rsa_bits = 0;             // 0: a key on a curve
  std::string curve = "P-256";  // or ED25519, ED448, RSA-PSS
};

inline EVP_PKEY* make_key(identity_options const& with) {
  if (with.rsa_bits != 0) return EVP_RSA_gen(static_cast<unsigned>(with.rsa_bits));
  if (!with.curve.starts_with("ED") && with.curve != "RSA-PSS")
    return EVP_EC_gen(with.curve.c_str());
  std::unique_ptr<EVP_PKEY_CTX, void (*)(EVP_PKEY_CTX*)> const maker(
      EVP_PKEY_CTX_new_from_name(nullptr, with.curve.c_str(), nullptr), &EVP_PKEY_CTX_free);
  EVP_PKEY* made = nullptr;
  EXPECT_EQ(EVP_PKEY_keygen_init(maker.get()), 1);
  EXPECT_EQ(EVP_PKEY_keygen(maker.get(), &made), 1);
  return made;
}

inline identity make_identity(identity_options const& with = {}) {
  static std::atomic<long> serial{1};
  identity made;
  made.key.reset(make_key(with), &EVP_PKEY_free);
  made.certificate.reset(X509_new(), &X509_free);
  X509* const one = made.certificate.get();
  X509_set_version(one, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(one), serial++);
  X509_gmtime_adj(X509_getm_notBefore(one), with.begins_after_s);
  X509_gmtime_adj(X509_getm_notAfter(one), with.ends_after_s);
  X509_set_pubkey(one, made.key.get());
  X509_NAME_add_entry_by_txt(X509_get_subject_name(one), "CN", MBSTRING_UTF8,
                             reinterpret_cast<unsigned char const*>(with.name.c_str()), -1, -1, 0);
  X509* const issuer = with.issuer ? with.issuer->certificate.get() : one;
  X509_set_issuer_name(one, X509_get_subject_name(issuer));
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, one, nullptr, nullptr, 0);
  auto const extend = [&](int what, std::string const& text) {
    X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, &context, what, text.c_str());
    EXPECT_NE(extension, nullptr) << text;
    X509_add_ext(one, extension, -1);
    X509_EXTENSION_free(extension);
  };
  extend(NID_basic_constraints, with.authority ? "critical,CA:TRUE" : "CA:FALSE");
  extend(NID_subject_key_identifier, "hash");
  extend(NID_authority_key_identifier, "keyid:always");
  if (!with.names.empty()) extend(NID_subject_alt_name, with.names);
  EVP_PKEY* const signs = (with.issuer ? with.issuer->key : made.key).get();
  bool const hashes_itself = EVP_PKEY_is_a(signs, "ED25519") || EVP_PKEY_is_a(signs, "ED448");
  EXPECT_GT(X509_sign(one, signs, hashes_itself ? nullptr : EVP_sha256()), 0);
  return made;
}

/// A client's side of a handshake in memory, and what came of it.
struct handshake {
  bool done = false;
  std::string version;
  std::string cipher;
  std::string protocol;
};

struct client_options {
  identity const* shows = nullptr;
  int least = TLS1_VERSION;
  int most = TLS1_3_VERSION;
  std::string ciphers = "ALL:@SECLEVEL=0";
  std::string curves{};
  std::string protocols{};  // ALPN, as on the wire
};

inline handshake shake_hands(SSL_CTX* server_context, client_options const& with = {}) {
  std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)> const client_context(
      SSL_CTX_new(TLS_client_method()), &SSL_CTX_free);
  SSL_CTX_set_cipher_list(client_context.get(), with.ciphers.c_str());
  SSL_CTX_set_min_proto_version(client_context.get(), with.least);
  SSL_CTX_set_max_proto_version(client_context.get(), with.most);
  if (!with.curves.empty()) SSL_CTX_set1_groups_list(client_context.get(), with.curves.c_str());
  if (with.shows) {
    SSL_CTX_use_certificate(client_context.get(), with.shows->certificate.get());
    SSL_CTX_use_PrivateKey(client_context.get(), with.shows->key.get());
  }
  if (!with.protocols.empty())
    SSL_CTX_set_alpn_protos(client_context.get(),
                            reinterpret_cast<unsigned char const*>(with.protocols.data()),
                            static_cast<unsigned>(with.protocols.size()));
  std::unique_ptr<SSL, void (*)(SSL*)> const server(SSL_new(server_context), &SSL_free);
  std::unique_ptr<SSL, void (*)(SSL*)> const client(SSL_new(client_context.get()), &SSL_free);
  BIO* server_side = nullptr;
  BIO* client_side = nullptr;
  BIO_new_bio_pair(&server_side, 0, &client_side, 0);
  SSL_set_bio(server.get(), server_side, server_side);
  SSL_set_bio(client.get(), client_side, client_side);
  SSL_set_accept_state(server.get());
  SSL_set_connect_state(client.get());
  handshake seen;
  for (int i = 0; i < 20; ++i) {
    int const of_client = SSL_do_handshake(client.get());
    int const of_server = SSL_do_handshake(server.get());
    if (of_client == 1 && of_server == 1) {
      unsigned char const* protocol = nullptr;
      unsigned size = 0;
      SSL_get0_alpn_selected(client.get(), &protocol, &size);
      seen = {true, SSL_get_version(client.get()), SSL_get_cipher(client.get()),
              std::string(reinterpret_cast<char const*>(protocol), size)};
      break;
    }
  }
  ERR_clear_error();
  return seen;
}

}  // namespace stele::test
