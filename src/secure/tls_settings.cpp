#include "secure/tls_settings.hpp"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <cstring>
#include <new>
#include <optional>
#include <utility>

#include "secure/client_names.hpp"
#include "secure/pem.hpp"
#include "secure/yaml_tree.hpp"

namespace stele::securing {

namespace {

/// What a client's certificate must be. Belongs to the context.
struct client_rule {
  bool verifies = false;
  std::vector<std::string> names;
};

void free_rule(void*, void* rule, CRYPTO_EX_DATA*, int, long, void*) {
  delete static_cast<client_rule*>(rule);
}

int rule_index() {
  static int const index = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, &free_rule);
  return index;
}

/// Called in the handshake with what the client showed.
int check_client(X509_STORE_CTX* shown_chain, void* with) {
  auto const& rule = *static_cast<client_rule const*>(with);
  if (rule.verifies && X509_verify_cert(shown_chain) <= 0) return 0;
  if (!rule.names.empty()) {
    try {
      X509* const leaf = X509_STORE_CTX_get0_cert(shown_chain);
      if (leaf == nullptr || !has_name(leaf, rule.names)) {
        X509_STORE_CTX_set_error(shown_chain, X509_V_ERR_APPLICATION_VERIFICATION);
        return 0;
      }
    } catch (std::bad_alloc const&) {
      X509_STORE_CTX_set_error(shown_chain, X509_V_ERR_OUT_OF_MEM);
      return 0;
    }
  }
  X509_STORE_CTX_set_error(shown_chain, X509_V_OK);
  return 1;
}

/// RFC 7301, 3.2: a server that has none of the client's protocols ends the handshake.
int select_protocol(SSL*, unsigned char const** chosen, unsigned char* size,
                    unsigned char const* offered, unsigned offered_size, void*) {
  static constexpr unsigned char http11[] = "\x08http/1.1";
  unsigned char* found = nullptr;
  if (SSL_select_next_proto(&found, size, http11, sizeof http11 - 1, offered, offered_size) !=
      OPENSSL_NPN_NEGOTIATED)
    return SSL_TLSEXT_ERR_ALERT_FATAL;
  *chosen = found;
  return SSL_TLSEXT_ERR_OK;
}

int number_of(tls_version version) {
  switch (version) {
    case tls_version::tls10: return TLS1_VERSION;
    case tls_version::tls11: return TLS1_1_VERSION;
    case tls_version::tls12: return TLS1_2_VERSION;
    case tls_version::tls13: return TLS1_3_VERSION;
  }
  return TLS1_2_VERSION;
}

/// Of RSA, below what OpenSSL's security level 2 takes.
bool is_short(EVP_PKEY const* key) {
  return EVP_PKEY_is_a(key, "RSA") == 1 && EVP_PKEY_get_bits(key) < 2048;
}

std::string joined(std::vector<placed> const& names) {
  std::string text;
  for (placed const& each : names) text.append(text.empty() ? "" : ":").append(each.text);
  return text;
}

class maker {
 public:
  maker(tls_config const& config, std::string const& file, file_set& files, problems& seen,
        std::vector<std::string>& notes)
      : config_(config), file_(file), files_(files), seen_(seen), notes_(notes) {}

  std::shared_ptr<SSL_CTX> make() {
    std::size_t const before = seen_.size();
    context_.reset(SSL_CTX_new(TLS_server_method()), &SSL_CTX_free);
    if (!context_) throw std::bad_alloc();
    set_protocol();
    set_clients();
    set_certificate();
    return seen_.size() == before ? context_ : nullptr;
  }

 private:
  void fail(std::string_view key, place where, std::string_view what) {
    seen_.add(file_, where,
              std::string("tls_server_config.").append(key).append(": ").append(what));
  }

  void set_protocol() {
    SSL_CTX* const context = context_.get();
    SSL_CTX_set_options(context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION |
                                     SSL_OP_NO_TICKET | SSL_OP_IGNORE_UNEXPECTED_EOF);
    if (config_.prefer_server_ciphers)
      SSL_CTX_set_options(context, SSL_OP_CIPHER_SERVER_PREFERENCE);
    else
      SSL_CTX_clear_options(context, SSL_OP_CIPHER_SERVER_PREFERENCE);
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_num_tickets(context, 0);
    SSL_CTX_set_alpn_select_cb(context, &select_protocol, nullptr);
    // Suites of TLS 1.3 alone leave nothing for what is below it.
    bool const above_12 = config_.tls13_named && config_.ciphers.empty();
    tls_version const least = above_12 ? tls_version::tls13 : config_.least;
    SSL_CTX_set_min_proto_version(context, number_of(least));
    SSL_CTX_set_max_proto_version(context, number_of(config_.most));
    set_ciphers(least);
    if (!config_.curves.empty() &&
        SSL_CTX_set1_groups_list(context, joined(config_.curves).c_str()) != 1)
      fail("curve_preferences", config_.curves_place,
           "expected curves that OpenSSL takes, saw: " + openssl_reason());
  }

  void set_ciphers(tls_version least) {
    bool const old = least < tls_version::tls12;
    std::string list = joined(config_.ciphers);
    if (list.empty()) list = "ECDHE+AESGCM:ECDHE+CHACHA20";
    if (old && config_.ciphers.empty()) list += ":ECDHE+AES";
    // TLS 1.0 and 1.1 sign with SHA-1, which OpenSSL has at level 0 alone.
    if (old) list += ":@SECLEVEL=0";
    if (SSL_CTX_set_cipher_list(context_.get(), list.c_str()) != 1)
      fail("cipher_suites", config_.ciphers_place,
           "expected suites that OpenSSL has, saw: " + openssl_reason());
  }

  void set_clients() {
    if (config_.clients == client_auth::none) return;
    auto rule = std::make_unique<client_rule>();
    rule->verifies = config_.clients == client_auth::verify_if_given ||
                     config_.clients == client_auth::require_and_verify;
    for (placed const& each : config_.client_names) rule->names.push_back(each.text);
    bool const required = config_.clients == client_auth::require_any ||
                          config_.clients == client_auth::require_and_verify;
    SSL_CTX_set_verify(context_.get(),
                       SSL_VERIFY_PEER | (required ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0), nullptr);
    if (SSL_CTX_set_ex_data(context_.get(), rule_index(), rule.get()) != 1) throw std::bad_alloc();
    SSL_CTX_set_cert_verify_callback(context_.get(), &check_client, rule.release());
    if (config_.client_ca) set_client_ca(*config_.client_ca);
  }

  /// Each certificate of the file is an anchor, as in Go: also a CA that another one signed, and
  /// a client's own, though the one that signed it is not there.
  void set_client_ca(pem_source const& from) {
    auto const text = text_of(from);
    if (!text) return;
    auto const authorities = read_certificates(*text);
    if (!authorities.fault.empty()) return fail(from.key, from.where, authorities.fault + in(from));
    X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(context_.get()), X509_V_FLAG_PARTIAL_CHAIN);
    X509_STORE* const store = SSL_CTX_get_cert_store(context_.get());
    for (auto const& each : authorities.all)
      if (X509_STORE_add_cert(store, each.get()) != 1 ||
          SSL_CTX_add_client_CA(context_.get(), each.get()) != 1)
        return fail(from.key, from.where,
                    "expected CA certificates, saw one that OpenSSL refuses: " + openssl_reason());
  }

  /// The certificate, and the key that must belong to it.
  void set_certificate() {
    auto const certificate_text = text_of(config_.certificate);
    auto const key_text = text_of(config_.key);
    certificates chain;
    private_key key;
    if (certificate_text) chain = read_certificates(*certificate_text);
    if (key_text) key = read_private_key(*key_text);
    if (!chain.fault.empty())
      fail(config_.certificate.key, config_.certificate.where,
           chain.fault + in(config_.certificate));
    if (!key.fault.empty()) fail(config_.key.key, config_.key.where, key.fault + in(config_.key));
    if (chain.all.empty() || !chain.fault.empty()) return;
    if (!use_chain(chain) || !key.key) return;
    if (SSL_CTX_use_PrivateKey(context_.get(), key.key.get()) != 1)
      fail(config_.key.key, config_.key.where,
           "expected the private key of the certificate, saw one that is not (" + openssl_reason() +
               ")" + in(config_.key));
    note_dates(chain.all.front().get());
  }

  bool use_chain(certificates const& chain) {
    EVP_PKEY const* const key = X509_get0_pubkey(chain.all.front().get());
    std::string const fault = key != nullptr ? key_kind_fault(key) : "";
    if (!fault.empty()) {
      fail(config_.certificate.key, config_.certificate.where, fault + in(config_.certificate));
      return false;
    }
    bool used = SSL_CTX_use_certificate(context_.get(), chain.all.front().get()) == 1;
    for (std::size_t i = 1; used && i < chain.all.size(); ++i)
      used = SSL_CTX_add1_chain_cert(context_.get(), chain.all[i].get()) == 1;
    if (!used)
      fail(config_.certificate.key, config_.certificate.where,
           "expected a certificate that OpenSSL accepts, saw: " + openssl_reason() +
               (key != nullptr && is_short(key) ? ": " + std::to_string(EVP_PKEY_get_bits(key)) +
                                                      " bits; RSA keys need 2048, make a new one"
                                                : "") +
               in(config_.certificate));
    return used;
  }

  /// Served all the same, as exporters do: a scraper may not look, and its error says more.
  void note_dates(X509* certificate) {
    bool const expired = X509_cmp_current_time(X509_get0_notAfter(certificate)) < 0;
    bool const early = X509_cmp_current_time(X509_get0_notBefore(certificate)) > 0;
    if (!expired && !early) return;
    notes_.push_back(file_ + ":" + std::to_string(config_.certificate.where.line) +
                     ": warning: tls_server_config." + config_.certificate.key +
                     ": expected a certificate that is valid now, saw one that " +
                     (expired ? "has expired" : "is not valid yet") +
                     "; it is served, and clients that look at it refuse it");
  }

  /// ` in FILE`, for a message.
  [[nodiscard]] std::string in(pem_source const& from) const {
    return from.file.empty() ? "" : " in " + path_beside(file_, from.file);
  }

  std::optional<std::string> text_of(pem_source const& from) {
    if (from.file.empty()) return from.text;
    std::string const path = path_beside(file_, from.file);
    auto text = files_.read(path, configuration_bytes_max);
    if (text) return *std::move(text);
    fail(from.key, from.where,
         "expected a file of PEM text, saw that " + path + " " + text.error().message);
    return std::nullopt;
  }

  tls_config const& config_;
  std::string const& file_;
  file_set& files_;
  problems& seen_;
  std::vector<std::string>& notes_;
  std::shared_ptr<SSL_CTX> context_;
};

}  // namespace

std::shared_ptr<SSL_CTX> make_tls_context(tls_config const& config, std::string const& file,
                                          file_set& files, problems& seen,
                                          std::vector<std::string>& notes) {
  return maker(config, file, files, seen, notes).make();
}

}  // namespace stele::securing
