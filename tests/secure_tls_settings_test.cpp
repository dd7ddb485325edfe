// tls_server_config, by handshakes in memory.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "secure/settings.hpp"
#include "secure_case.hpp"

namespace {

using namespace stele::securing;
using namespace stele::test;
using testing::HasSubstr;

class SecureTls : public testing::Test {
 protected:
  /// The settings of a file with a certificate, a key, and further lines of tls_server_config.
  loaded_settings load(std::string const& more = {}) {
    folder.write("web.yml",
                 "tls_server_config:\n  cert_file: server.crt\n  key_file: server.key\n" + more);
    return load_settings({folder.path("web.yml"), ""});
  }
  SSL_CTX* context(std::string const& more = {}) {
    kept.push_back(load(more));
    EXPECT_EQ(kept.back().fault, "");
    return kept.back().made ? kept.back().made->tls.get() : nullptr;
  }
  void serve(identity const& with) {
    folder.write("server.crt", with.certificate_pem());
    folder.write("server.key", with.key_pem());
  }
  void SetUp() override {
    serve(server);
    folder.write("ca.crt", authority.certificate_pem());
  }

  temporary_folder folder;
  identity server = make_identity();
  identity authority = make_identity({.name = "the CA", .names = "", .authority = true});
  std::vector<loaded_settings> kept;
};

// "min_version, max_version: TLS10 TLS11 TLS12 TLS13; default TLS12, TLS13"
TEST_F(SecureTls, VersionsAreThoseOfTheFile) {
  SSL_CTX* const standard = context();
  EXPECT_EQ(shake_hands(standard).version, "TLSv1.3");
  EXPECT_EQ(shake_hands(standard, {.most = TLS1_2_VERSION}).version, "TLSv1.2");
  EXPECT_FALSE(shake_hands(standard, {.most = TLS1_1_VERSION}).done);
  EXPECT_FALSE(shake_hands(standard, {.most = TLS1_VERSION}).done);
  SSL_CTX* const old = context("  min_version: TLS10\n  max_version: TLS11\n");
  EXPECT_EQ(shake_hands(old).version, "TLSv1.1");
  EXPECT_EQ(shake_hands(old, {.most = TLS1_VERSION}).version, "TLSv1");
  EXPECT_FALSE(shake_hands(old, {.least = TLS1_2_VERSION}).done);
  SSL_CTX* const newest = context("  min_version: TLS13\n");
  EXPECT_FALSE(shake_hands(newest, {.most = TLS1_2_VERSION}).done);
}

// "cipher_suites: Go's names, TLS 1.2 and below"
TEST_F(SecureTls, CipherSuitesAreThoseOfTheFile) {
  SSL_CTX* const one = context("  cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384]\n");
  EXPECT_EQ(shake_hands(one, {.most = TLS1_2_VERSION}).cipher, "ECDHE-ECDSA-AES256-GCM-SHA384");
  EXPECT_FALSE(
      shake_hands(one, {.most = TLS1_2_VERSION, .ciphers = "ECDHE-ECDSA-AES128-GCM-SHA256"}).done);
  EXPECT_TRUE(shake_hands(one).done) << "TLS 1.3 has suites of its own";
  SSL_CTX* const standard = context();
  EXPECT_FALSE(
      shake_hands(standard, {.most = TLS1_2_VERSION, .ciphers = "ECDHE-ECDSA-AES128-SHA"}).done);
  SSL_CTX* const new_alone = context("  cipher_suites: [TLS_AES_128_GCM_SHA256]\n");
  EXPECT_EQ(shake_hands(new_alone).version, "TLSv1.3");
  EXPECT_FALSE(shake_hands(new_alone, {.most = TLS1_2_VERSION}).done);
}

// Each name that may stand in a file is one that OpenSSL can agree on.
TEST_F(SecureTls, EachCipherSuiteWorks) {
  serve(make_identity({.rsa_bits = 2048}));
  std::vector<std::pair<std::string, std::string>> const suites{
      {"TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "ECDHE-RSA-AES128-GCM-SHA256"},
      {"TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", "ECDHE-RSA-AES256-GCM-SHA384"},
      {"TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", "ECDHE-RSA-CHACHA20-POLY1305"},
      {"TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", "ECDHE-RSA-AES128-SHA"},
      {"TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA", "ECDHE-RSA-AES256-SHA"},
      {"TLS_RSA_WITH_AES_128_GCM_SHA256", "AES128-GCM-SHA256"},
      {"TLS_RSA_WITH_AES_256_GCM_SHA384", "AES256-GCM-SHA384"},
      {"TLS_RSA_WITH_AES_128_CBC_SHA", "AES128-SHA"},
      {"TLS_RSA_WITH_AES_256_CBC_SHA", "AES256-SHA"}};
  for (auto const& [go, openssl] : suites)
    EXPECT_EQ(
        shake_hands(context("  cipher_suites: [" + go + "]\n"), {.most = TLS1_2_VERSION}).cipher,
        openssl);
  serve(server);
  for (auto const& [go, openssl] : suites)
    if (auto const at = go.find("_RSA_"); go.starts_with("TLS_ECDHE")) {
      EXPECT_TRUE(shake_hands(context("  cipher_suites: [" +
                                      std::string(go).replace(at, 5, "_ECDSA_") + "]\n"),
                              {.most = TLS1_2_VERSION})
                      .done)
          << go;
    }
}

// "prefer_server_cipher_suites: default true"
TEST_F(SecureTls, WhoseOrderCounts) {
  std::string const two =
      "  cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, "
      "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256]\n";
  client_options const other_way{
      .most = TLS1_2_VERSION,
      .ciphers = "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384"};
  EXPECT_EQ(shake_hands(context(two), other_way).cipher, "ECDHE-ECDSA-AES256-GCM-SHA384");
  EXPECT_EQ(shake_hands(context(two + "  prefer_server_cipher_suites: false\n"), other_way).cipher,
            "ECDHE-ECDSA-AES128-GCM-SHA256");
}

// "curve_preferences: CurveP256 CurveP384 CurveP521 X25519"
TEST_F(SecureTls, CurvesAreThoseOfTheFile) {
  std::vector<std::pair<std::string, std::string>> const curves{
      {"CurveP256", "P-256"}, {"CurveP384", "P-384"}, {"CurveP521", "P-521"}, {"X25519", "X25519"}};
  for (auto const& [go, openssl] : curves) {
    SSL_CTX* const one = context("  curve_preferences: [" + go + "]\n");
    EXPECT_TRUE(shake_hands(one, {.curves = openssl}).done) << go;
    EXPECT_FALSE(shake_hands(one, {.curves = openssl == "P-384" ? "P-256" : "P-384"}).done) << go;
  }
}

// Prometheus offers h2 and http/1.1; one that offers h2 alone cannot be served.
TEST_F(SecureTls, TheProtocolIsHttp11) {
  EXPECT_EQ(shake_hands(context(), {.protocols = "\x02h2\x08http/1.1"}).protocol, "http/1.1");
  EXPECT_EQ(shake_hands(context()).protocol, "");
  EXPECT_FALSE(shake_hands(context(), {.protocols = "\x02h2"}).done);
}

// "client_auth_type: NoClientCert (default) RequestClientCert RequireAnyClientCert
// VerifyClientCertIfGiven RequireAndVerifyClientCert"
TEST_F(SecureTls, ClientsShowWhatTheTypeAsksFor) {
  identity const known = make_identity({.name = "scraper", .issuer = &authority});
  identity const stranger = make_identity({.name = "stranger"});
  identity const expired =
      make_identity({.name = "late", .issuer = &authority, .ends_after_s = -60});
  std::string const ca = "  client_ca_file: ca.crt\n";
  struct expectation {
    std::string more;
    bool without, of_stranger, of_known, of_expired;
  };
  for (expectation const& each : std::vector<expectation>{
           {"  client_auth_type: NoClientCert\n", true, true, true, true},
           {"  client_auth_type: RequestClientCert\n", true, true, true, true},
           {"  client_auth_type: RequestClientCert\n" + ca, true, true, true, true},
           {"  client_auth_type: RequireAnyClientCert\n", false, true, true, true},
           {"  client_auth_type: RequireClientCert\n", false, true, true, true},
           {"  client_auth_type: VerifyClientCertIfGiven\n" + ca, true, false, true, false},
           {"  client_auth_type: RequireAndVerifyClientCert\n" + ca, false, false, true, false}}) {
    SSL_CTX* const with = context(each.more);
    for (int const most : {TLS1_2_VERSION, TLS1_3_VERSION}) {
      EXPECT_EQ(shake_hands(with, {.most = most}).done, each.without) << each.more;
      EXPECT_EQ(shake_hands(with, {.shows = &stranger, .most = most}).done, each.of_stranger)
          << each.more;
      EXPECT_EQ(shake_hands(with, {.shows = &known, .most = most}).done, each.of_known)
          << each.more;
      EXPECT_EQ(shake_hands(with, {.shows = &expired, .most = most}).done, each.of_expired)
          << each.more;
    }
  }
}

// "client_ca_file: CA for client certificates", each of which is an anchor in Go.
TEST_F(SecureTls, ACertificateOfTheCaFileIsAnAnchorThoughItsIssuerIsNotThere) {
  std::string const verifies =
      "  client_ca_file: ca.crt\n  client_auth_type: RequireAndVerifyClientCert\n";
  identity const between =
      make_identity({.name = "between", .names = "", .issuer = &authority, .authority = true});
  identity const client = make_identity({.name = "client", .issuer = &between});
  identity const twin = make_identity({.name = "client", .issuer = &between});
  identity const of_root = make_identity({.name = "of root", .issuer = &authority});
  identity const expired = make_identity({.name = "late", .issuer = &between, .ends_after_s = -60});
  for (int const most : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    auto const taken = [&](identity const& shown) {
      return shake_hands(context(verifies), {.shows = &shown, .most = most}).done;
    };
    folder.write("ca.crt", between.certificate_pem());
    EXPECT_TRUE(taken(client));
    EXPECT_FALSE(taken(of_root)) << "what signed the anchor is none";
    EXPECT_FALSE(taken(expired));
    folder.write("ca.crt", client.certificate_pem());
    EXPECT_TRUE(taken(client)) << "its own, pinned";
    EXPECT_FALSE(taken(twin)) << "another with the same name and issuer";
    EXPECT_FALSE(taken(of_root));
    folder.write("ca.crt", expired.certificate_pem());
    EXPECT_FALSE(taken(expired));
  }
}

// "client_allowed_sans: a client's SAN (DNS, IP, e-mail, URI) must equal one of these"
TEST_F(SecureTls, AClientsNameMustBeOneOfThose) {
  std::string const names =
      "  client_ca_file: ca.crt\n  client_auth_type: RequireAndVerifyClientCert\n"
      "  client_allowed_sans: [a.example, 10.0.0.7, '2001:db8::7', s@example.org, "
      "'spiffe://x/y']\n";
  auto const allowed = [&](std::string const& sans) {
    identity const client =
        make_identity({.name = "a.example", .names = sans, .issuer = &authority});
    return shake_hands(context(names), {.shows = &client}).done;
  };
  for (std::string const good :
       {"DNS:a.example", "DNS:b.example,DNS:a.example", "IP:10.0.0.7", "IP:2001:db8:0:0:0:0:0:7",
        "email:s@example.org", "URI:spiffe://x/y"})
    EXPECT_TRUE(allowed(good)) << good;
  for (std::string const bad :
       {"", "DNS:b.example", "DNS:A.EXAMPLE", "DNS:*.example", "DNS:x.a.example", "IP:10.0.0.8",
        "email:t@example.org", "URI:spiffe://x/y/"})
    EXPECT_FALSE(allowed(bad)) << bad;
  identity const stranger = make_identity({.names = "DNS:a.example"});
  EXPECT_FALSE(shake_hands(context(names), {.shows = &stranger}).done) << "the CA counts, too";
}

// "A wrong certificate is an error with the key's line."
TEST_F(SecureTls, FaultsOfFilesStandAtTheirKeys) {
  std::string const place = folder.path("web.yml") + ":";
  folder.write("server.crt", "nothing\n");
  EXPECT_THAT(load().fault,
              HasSubstr(place + "2:14: error: tls_server_config.cert_file: expected a "
                                "PEM certificate"));
  folder.write("server.crt", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
  EXPECT_THAT(load().fault, HasSubstr("2:14: error: tls_server_config.cert_file: expected PEM "
                                      "certificates, saw a broken block"));
  serve(server);
  folder.write("server.key", make_identity().key_pem());
  EXPECT_THAT(load().fault,
              HasSubstr("3:13: error: tls_server_config.key_file: expected the private "
                        "key of the certificate"));
  folder.write("server.key", server.key_pem("passphrase"));
  EXPECT_THAT(load().fault, HasSubstr("expected a private key without a passphrase"));
  folder.write("server.key", server.certificate_pem());
  EXPECT_THAT(load().fault, HasSubstr("3:13: error: tls_server_config.key_file: expected a PEM "
                                      "private key"));
  std::filesystem::remove(folder.path("server.key"));
  EXPECT_THAT(load().fault, HasSubstr(folder.path("server.key") + " cannot be read: No such file"));
  std::filesystem::create_directory(folder.path("server.key"));
  EXPECT_THAT(load().fault, HasSubstr("is not a regular file"));
  std::filesystem::remove(folder.path("server.key"));
  serve(server);
  folder.write("ca.crt", "no certificate\n");
  EXPECT_THAT(
      load("  client_ca_file: ca.crt\n  client_auth_type: VerifyClientCertIfGiven\n").fault,
      HasSubstr("4:19: error: tls_server_config.client_ca_file: expected a PEM certificate"));
  serve(make_identity({.rsa_bits = 1024}));
  EXPECT_THAT(load().fault, HasSubstr("expected a certificate that OpenSSL accepts, saw: "));
  EXPECT_THAT(load().fault, HasSubstr(": 1024 bits; RSA keys need 2048, make a new one in "));
}

// A certificate that no client takes, or none in Go, is found at the start, not by a scrape.
TEST_F(SecureTls, AKeyIsOfAKindThatPrometheusTakes) {
  for (std::string const good : {"P-256", "P-384", "P-521", "ED25519"}) {
    serve(make_identity({.curve = good}));
    EXPECT_TRUE(shake_hands(context()).done) << good;
  }
  serve(make_identity({.rsa_bits = 2048}));
  EXPECT_TRUE(shake_hands(context()).done);
  for (std::string const bad : {"secp256k1", "P-224", "RSA-PSS", "ED448"}) {
    serve(make_identity({.curve = bad}));
    EXPECT_THAT(load().fault,
                HasSubstr("web.yml:2:14: error: tls_server_config.cert_file: expected a key on "
                          "P-256, P-384 or P-521, or of RSA or Ed25519, saw one of "))
        << bad;
    EXPECT_THAT(load("  min_version: TLS10\n").fault, HasSubstr("saw one of "))
        << "nobody could connect with an old version, either";
  }
}

// All that is wrong is said together, what the text tells and what the files tell.
TEST_F(SecureTls, FaultsOfSeveralFilesAreSaidAtOnce) {
  folder.write("server.crt", "nothing\n");
  folder.write("server.key", "nothing\n");
  std::string const fault =
      load("  client_ca_file: none.crt\n  client_auth_type: VerifyClientCertIfGiven\n").fault;
  EXPECT_THAT(fault, HasSubstr("cert_file"));
  EXPECT_THAT(fault, HasSubstr("key_file"));
  EXPECT_THAT(fault, HasSubstr("client_ca_file"));
}

TEST_F(SecureTls, InlinePemIsAsGoodAsAFile) {
  auto const indented = [](std::string const& pem) {
    std::string text = "|\n    ";
    for (char const c : pem) text += c == '\n' ? std::string("\n    ") : std::string(1, c);
    return text + "\n";
  };
  folder.write("inline.yml", "tls_server_config:\n  cert: " + indented(server.certificate_pem()) +
                                 "  key: " + indented(server.key_pem()));
  auto const loaded = load_settings({folder.path("inline.yml"), ""});
  ASSERT_TRUE(loaded.made) << loaded.fault;
  EXPECT_TRUE(shake_hands(loaded.made->tls.get()).done);
}

TEST_F(SecureTls, AChainIsSentWhole) {
  identity const leaf = make_identity({.issuer = &authority});
  folder.write("server.crt", leaf.certificate_pem() + authority.certificate_pem());
  folder.write("server.key", leaf.key_pem());
  STACK_OF(X509)* chain = nullptr;
  SSL_CTX_get0_chain_certs(context(), &chain);
  EXPECT_EQ(sk_X509_num(chain), 1);
}

// Go serves it, and so do we; but somebody should hear of it.
TEST_F(SecureTls, AnExpiredCertificateIsServedAndNoted) {
  serve(make_identity({.ends_after_s = -60}));
  auto const loaded = load();
  ASSERT_TRUE(loaded.made) << loaded.fault;
  EXPECT_THAT(loaded.notes,
              testing::ElementsAre(HasSubstr("web.yml:2: warning: "
                                             "tls_server_config.cert_file: expected a "
                                             "certificate that is valid now, saw one "
                                             "that has expired")));
  serve(make_identity({.begins_after_s = 600}));
  EXPECT_THAT(load().notes, testing::ElementsAre(HasSubstr("not valid yet")));
  serve(server);
  EXPECT_THAT(load().notes, testing::IsEmpty());
  EXPECT_THAT(load("http_server_config:\n  http2: true\n").notes,
              testing::ElementsAre(HasSubstr("http2: true has no effect")));
}

// "renegotiation off", and nothing that would let a connection skip showing its certificate.
TEST_F(SecureTls, NothingIsResumedOrNegotiatedAnew) {
  SSL_CTX* const with = context();
  EXPECT_TRUE(SSL_CTX_get_options(with) & SSL_OP_NO_RENEGOTIATION);
  EXPECT_TRUE(SSL_CTX_get_options(with) & SSL_OP_NO_TICKET);
  EXPECT_TRUE(SSL_CTX_get_options(with) & SSL_OP_NO_COMPRESSION);
  EXPECT_EQ(SSL_CTX_get_num_tickets(with), 0U);
  EXPECT_EQ(SSL_CTX_get_session_cache_mode(with), SSL_SESS_CACHE_OFF);
}

}  // namespace
