// The web configuration file, as text: each rule of docs/security.md.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "secure/bcrypt.hpp"
#include "secure/duration.hpp"
#include "secure/web_config.hpp"
#include "secure/yaml_tree.hpp"
#include "secure_config_case.hpp"

namespace {

using namespace stele::securing;
using namespace stele::test;
using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::StartsWith;

// "An empty file = plain HTTP without authentication."
TEST(SecureWebConfig, AnEmptyFileAsksForNothing) {
  for (std::string const text :
       {"", "\n", "# only a comment\n", "---\n", "\xEF\xBB\xBF", "tls_server_config:\n",
        "tls_server_config: {}\n", "basic_auth_users:\nrate_limit:\nhttp_server_config:\n"}) {
    web_config const config = config_of(text);
    EXPECT_FALSE(config.tls) << text;
    EXPECT_TRUE(config.users.empty());
    EXPECT_TRUE(config.headers.empty());
    EXPECT_EQ(config.rate_limit.interval, 0s);
  }
}

TEST(SecureWebConfig, EveryKeyIsRead) {
  web_config const config = config_of(
      "tls_server_config:\n"
      "  cert_file: a.crt\n"
      "  key: |\n    -----BEGIN PRIVATE KEY-----\n    x\n"
      "  client_ca_file: ca.crt\n"
      "  client_auth_type: RequireAndVerifyClientCert\n"
      "  client_allowed_sans: [a.example, 10.0.0.1]\n"
      "  min_version: TLS10\n"
      "  max_version: TLS12\n"
      "  cipher_suites: [TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA, TLS_AES_128_GCM_SHA256]\n"
      "  prefer_server_cipher_suites: false\n"
      "  curve_preferences:\n  - X25519\n  - CurveP256\n"
      "http_server_config:\n"
      "  http2: true\n"
      "  headers:\n    X-Frame-Options: deny\n    Strict-Transport-Security: max-age=1\n"
      "basic_auth_users:\n  alice: " +
      std::string(good_hash) + "\nrate_limit:\n  interval: 1m30s\n  burst: 20\n");
  ASSERT_TRUE(config.tls);
  EXPECT_EQ(config.tls->certificate.file, "a.crt");
  EXPECT_THAT(config.tls->key.text, StartsWith("-----BEGIN"));
  EXPECT_EQ(config.tls->client_ca->file, "ca.crt");
  EXPECT_EQ(config.tls->clients, client_auth::require_and_verify);
  ASSERT_EQ(config.tls->client_names.size(), 2U);
  EXPECT_EQ(config.tls->client_names[1].text, "10.0.0.1");
  EXPECT_EQ(config.tls->least, tls_version::tls10);
  EXPECT_EQ(config.tls->most, tls_version::tls12);
  ASSERT_EQ(config.tls->ciphers.size(), 1U);
  EXPECT_EQ(config.tls->ciphers[0].text, "ECDHE-RSA-AES128-SHA");
  EXPECT_TRUE(config.tls->tls13_named);
  EXPECT_FALSE(config.tls->prefer_server_ciphers);
  ASSERT_EQ(config.tls->curves.size(), 2U);
  EXPECT_EQ(config.tls->curves[1].text, "P-256");
  EXPECT_TRUE(config.http2_asked);
  ASSERT_EQ(config.headers.size(), 2U);
  EXPECT_EQ(config.users.at(0).first, "alice");
  EXPECT_EQ(config.users.at(0).second, good_hash);
  EXPECT_EQ(config.rate_limit.interval, 90s);
  EXPECT_EQ(config.rate_limit.burst, 20U);
}

// "default TLS12, TLS13 … prefer_server_cipher_suites default true … NoClientCert (default)"
TEST(SecureWebConfig, DefaultsAreThoseOfExporters) {
  web_config const config = config_of(tls);
  EXPECT_EQ(config.tls->least, tls_version::tls12);
  EXPECT_EQ(config.tls->most, tls_version::tls13);
  EXPECT_TRUE(config.tls->prefer_server_ciphers);
  EXPECT_EQ(config.tls->clients, client_auth::none);
  EXPECT_FALSE(config.http2_asked);
}

struct faulty {
  std::string text;
  std::string message;  // a part of it, with file, line, column and key
};

class SecureWebConfigFault : public testing::TestWithParam<faulty> {};

// "each an error at start that names file, line and key"
TEST_P(SecureWebConfigFault, IsNamedWithItsPlace) {
  EXPECT_THAT(fault_of(GetParam().text), HasSubstr(GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(
    Rules, SecureWebConfigFault,
    testing::Values(
        faulty{"tls_sever_config: {}\n", "web.yml:1:1: error: expected tls_server_config, "},
        faulty{"tls_sever_config: {}\n", "did you mean 'tls_server_config'?"},
        faulty{tls + "  cert_fil: x\n", "web.yml:4:3: error: tls_server_config: expected cert,"},
        faulty{tls + "  cert_file: b.crt\n", "web.yml:4:3: error: expected each key once"},
        faulty{
            "http_server_config:\n  http2: maybe\n",
            "web.yml:2:10: error: http_server_config.http2: expected true or false, saw 'maybe'"},
        faulty{"http_server_config:\n  http2: \"true\"\n", "remove the quotes"},
        faulty{"http_server_config:\n  headers: {Server: x}\n",
               "web.yml:2:13: error: http_server_config.headers: expected Content-Security-Policy"},
        faulty{"http_server_config:\n  headers:\n    X-Frame-Options: DENY\n",
               "web.yml:3:22: error: http_server_config.headers.X-Frame-Options: expected deny or "
               "sameorigin, saw 'DENY'"},
        faulty{"http_server_config:\n  headers:\n    X-Content-Type-Options: sniff\n",
               "expected nosniff, saw 'sniff'"},
        faulty{"http_server_config:\n  headers:\n    X-XSS-Protection: \"1\\x01\"\n",
               "expected printable ASCII"},
        faulty{"http_server_config:\n  headers:\n    X-XSS-Protection: \"1\\x7F\"\n",
               "expected printable ASCII"},
        faulty{"http_server_config:\n  headers:\n    X-XSS-Protection: ä\n",
               "expected printable ASCII"},
        faulty{"http_server_config:\n  headers:\n    X-Frame-Options: \"deny\\n\"\n",
               "expected deny or sameorigin"},
        faulty{"http_server_config:\n  headers:\n    X-Frame-Options: \"\"\n",
               "web.yml:3:22: error: http_server_config.headers.X-Frame-Options: expected deny or "
               "sameorigin, saw ''"},
        faulty{"http_server_config:\n  headers:\n    X-Frame-Options:\n", "expected deny or"},
        faulty{"http_server_config:\n  headers:\n    X-Content-Type-Options: ''\n",
               "expected nosniff, saw ''"},
        faulty{"tls_server_config:\n  cert_file: a\n",
               "web.yml:2:3: error: tls_server_config.key_file: expected the private key's file"},
        faulty{"tls_server_config:\n  key_file: a\n", "tls_server_config.cert_file: expected"},
        faulty{"tls_server_config:\n  min_version: TLS13\n",
               "tls_server_config.cert_file: expected"},
        faulty{"tls_server_config:\n  client_auth_type: RequestClientCert\n",
               "tls_server_config.cert_file: expected"},
        faulty{tls + "  cert: |\n    -----BEGIN CERTIFICATE-----\n",
               "tls_server_config.cert_file: expected cert or cert_file, saw both"},
        faulty{"tls_server_config:\n  cert: a.crt\n  key_file: b\n",
               "web.yml:2:9: error: tls_server_config.cert: expected PEM text"},
        faulty{tls + "  client_ca_file: ca\n",
               "web.yml:4:19: error: tls_server_config.client_auth_type: expected a type that uses "
               "client_ca_file"},
        faulty{tls + "  client_ca_file: ca\n  client_auth_type: NoClientCert\n",
               "expected a type that uses client_ca_file"},
        faulty{tls + "  client_auth_type: VerifyClientCertIfGiven\n",
               "web.yml:4:21: error: tls_server_config.client_auth_type: expected client_ca_file"},
        faulty{tls + "  client_auth_type: RequireAndVerifyClientCert\n", "expected client_ca_file"},
        faulty{tls + "  client_auth_type: Verify\n", "expected NoClientCert, RequestClientCert"},
        faulty{tls + "  client_allowed_sans: [a]\n",
               "web.yml:4:24: error: tls_server_config.client_allowed_sans: expected "
               "client_auth_type"},
        faulty{tls + "  client_auth_type: RequireAnyClientCert\n  client_allowed_sans: []\n",
               "web.yml:5:24: error: tls_server_config.client_allowed_sans: expected at least one"},
        faulty{
            tls + "  min_version: TLS9\n",
            "web.yml:4:16: error: tls_server_config.min_version: expected TLS10, TLS11, TLS12 or "
            "TLS13, saw 'TLS9'"},
        faulty{tls + "  min_version: ''\n",
               "web.yml:4:16: error: tls_server_config.min_version: expected TLS10, TLS11, TLS12 "
               "or TLS13, saw ''"},
        faulty{tls + "  max_version: ''\n", "tls_server_config.max_version: expected TLS10"},
        faulty{tls + "  min_version: TLS13\n  max_version: TLS12\n",
               "expected at most max_version"},
        faulty{tls + "  cipher_suites: [TLS_RSA_WITH_RC4_128_SHA]\n",
               "web.yml:4:19: error: tls_server_config.cipher_suites: expected a cipher suite"},
        faulty{tls + "  cipher_suites: [ECDHE-RSA-AES128-GCM-SHA256]\n", "by its name in Go"},
        faulty{tls + "  cipher_suites: TLS_AES_128_GCM_SHA256\n", "expected a list"},
        faulty{tls + "  max_version: TLS12\n  cipher_suites: [TLS_AES_128_GCM_SHA256]\n",
               "expected a suite of TLS 1.2 or below"},
        faulty{tls + "  min_version: TLS10\n  max_version: TLS11\n"
                     "  cipher_suites: [TLS_RSA_WITH_AES_128_GCM_SHA256]\n",
               "expected a suite that max_version has"},
        faulty{tls + "  curve_preferences: [P-256]\n",
               "web.yml:4:23: error: tls_server_config.curve_preferences: expected CurveP256"},
        faulty{"basic_auth_users:\n  alice: secret\n",
               "web.yml:2:10: error: basic_auth_users.alice: expected a bcrypt hash that begins"},
        faulty{"basic_auth_users:\n  alice:\n", "basic_auth_users.alice: expected a bcrypt hash"},
        faulty{"basic_auth_users:\n  'a:b': " + std::string(good_hash) + "\n",
               "web.yml:2:3: error: basic_auth_users: expected user names without ':'"},
        faulty{"basic_auth_users: [alice]\n",
               "web.yml:1:19: error: basic_auth_users: expected keys with values"},
        faulty{"rate_limit:\n  interval: 1\n  burst: 1\n",
               "web.yml:2:13: error: rate_limit.interval: expected a duration with a unit"},
        faulty{"rate_limit:\n  interval: 1s\n", "rate_limit.burst: expected at least 1"},
        faulty{"rate_limit:\n  interval: 1s\n  burst: -1\n",
               "web.yml:3:10: error: rate_limit.burst: expected a whole number"},
        faulty{"- a\n", "web.yml:1:1: error: expected keys with values"},
        faulty{"a: [\n", "web.yml:2:1: error: expected ',' or ']', saw"},
        faulty{"%YAML 7.0\n---\n", "error: expected YAML, saw a fault in it: "},
        faulty{"rate_limit: &x\n  burst: 1\nhttp_server_config: *x\n",
               "web.yml:3:21: error: expected a value, saw an alias"},
        faulty{"http_server_config:\n  http2: !!python/object true\n", "without an explicit type"},
        faulty{"http_server_config:\n---\nb: c\n", "expected one document"},
        faulty{"? [a]\n: b\n", "expected a key, saw no plain text"},
        faulty{std::string("a: \0", 4), "web.yml:1:4: error: expected text, saw a control"},
        faulty{"a: b\n# \x01\n", "web.yml:2:3: error: expected text, saw a control character"},
        faulty{"# \x7F", "web.yml:1:3: error: expected text, saw a control character"},
        faulty{"a: b\nc: \xC3\x28\n", "web.yml:2:4: error: expected UTF-8"},
        faulty{"\xFF\xFE"
               "a",
               "web.yml:1:1: error: expected UTF-8"}));

// Go takes a curve twice; OpenSSL does not, and has no reason for it.
TEST(SecureWebConfig, ACurveTwiceIsThatCurve) {
  auto const config = config_of(tls + "  curve_preferences: [X25519, CurveP256, X25519]\n");
  ASSERT_EQ(config.tls->curves.size(), 2U);
  EXPECT_EQ(config.tls->curves[0].text, "X25519");
}

// Go's header writer has blanks for line ends, and none around a value.
TEST(SecureWebConfig, AHeaderOfSeveralLinesIsOne) {
  auto const sent = [](std::string const& value) {
    auto const config =
        config_of("http_server_config:\n  headers:\n    Content-Security-Policy: " + value + "\n");
    return config.headers.empty() ? "none" : config.headers[0].second;
  };
  EXPECT_EQ(sent(">\n      default-src 'self';\n      img-src *\n"),
            "default-src 'self'; img-src *");
  EXPECT_EQ(sent("|\n      default-src 'self';\n      img-src *\n"),
            "default-src 'self'; img-src *");
  EXPECT_EQ(sent("\"a\\tb\\t\""), "a\tb");
  EXPECT_EQ(sent("\" \\n\\t\""), "none");
  EXPECT_EQ(sent("\"a\\r\\nX-Other: b\\r\\n\\r\\nbody\""), "a  X-Other: b    body");
}

// A file that was cut, or whose quote was forgotten, is not what was meant.
TEST(SecureWebConfig, AQuoteThatIsOpenAtTheEndIsAFault) {
  std::string const header = "http_server_config:\n  headers:\n    X-XSS-Protection: ";
  for (std::string const open : {"'1", "\"1", "'1\n", "\"1\n\n", "'1\n    b\n", "'it''s"})
    EXPECT_THAT(fault_of(header + open), HasSubstr("error: expected the quote that ends a text, "
                                                   "saw the end of the file"))
        << open;
  for (std::string const ended : {"'1'", "\"1\"", "'1'\n", "1'", "1", "|\n      1", "|+\n      1\n",
                                  "'1'\n...", "'1'\n...\n", "'1' # it's"})
    EXPECT_THAT(config_of(header + ended).headers.at(0).second, StartsWith("1")) << ended;
}

// "all errors at once"
TEST(SecureWebConfig, AllFaultsAreSaidInTheOrderOfTheirLines) {
  std::string const said = fault_of(
      "rate_limit: {interval: x}\nbasic_auth_users: {a: b}\ntls_server_config: {min_version: c}\n");
  EXPECT_THAT(said, testing::MatchesRegex("web.yml:1:[^\n]*\nweb.yml:2:[^\n]*\nweb.yml:3:[^\n]*\n"
                                          "web.yml:3:[^\n]*\nweb.yml:3:[^\n]*"));
  std::string many = "rate_limit:\n";
  for (int i = 0; i < 70; ++i) many += "  key" + std::to_string(i) + ": x\n";
  EXPECT_THAT(fault_of(many), testing::EndsWith("\nand 20 more"));
}

// "YAML bombs/aliases, huge files, deep nesting …: bounded and refused clearly."
TEST(SecureWebConfig, WhatWouldTakeTooMuchIsRefusedAtOnce) {
  auto const begin = std::chrono::steady_clock::now();
  std::string bomb = "a: &a [x, x, x, x, x, x, x, x, x]\n";
  for (char c = 'b'; c <= 'i'; ++c) {
    bomb += std::string(1, c) + ": &" + c + " [";
    for (int i = 0; i < 9; ++i) bomb += std::string(i ? ", *" : "*") + static_cast<char>(c - 1);
    bomb += "]\n";
  }
  EXPECT_THAT(fault_of(bomb), HasSubstr("web.yml:2:8: error: expected a value, saw an alias"));
  EXPECT_THAT(fault_of(std::string(100'000, '[')), HasSubstr("expected at most 16 levels"));
  std::string deep = "a:\n";
  for (std::size_t i = 1; i < 300; ++i) deep += std::string(i, ' ') + "a:\n";
  EXPECT_THAT(fault_of(deep), HasSubstr("expected at most 16 levels"));
  EXPECT_THAT(fault_of(std::string(1024 * 1024 + 1, '#')), HasSubstr("expected at most 1 MiB"));
  std::string many = "client:\n";
  for (int i = 0; i < 20'000; ++i) many += "- a\n";
  EXPECT_THAT(fault_of(many), HasSubstr("expected at most 10000 values"));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 10s);
}

// Words of YAML 1.1, which Prometheus's parser takes.
TEST(SecureWebConfig, BooleansAreThoseOfPrometheus) {
  for (std::string const yes : {"true", "True", "TRUE", "yes", "Yes", "on", "ON", "y", "Y"})
    EXPECT_TRUE(config_of("http_server_config: {http2: " + yes + "}").http2_asked) << yes;
  for (std::string const no : {"false", "False", "no", "off", "n", "null", "~"})
    EXPECT_FALSE(config_of("http_server_config: {http2: " + no + "}").http2_asked) << no;
  for (std::string const bad : {"tRUE", "1", "0", "[true]", "truee"})
    EXPECT_THAT(fault_of("http_server_config: {http2: " + bad + "}"), HasSubstr("true or false"));
}

TEST(SecureDuration, AreReadAsGoWritesThem) {
  EXPECT_EQ(parse_duration("1s"), 1s);
  EXPECT_EQ(parse_duration("1h30m"), 90min);
  EXPECT_EQ(parse_duration("1.5s"), 1500ms);
  EXPECT_EQ(parse_duration(".5m"), 30s);
  EXPECT_EQ(parse_duration("500ms"), 500ms);
  EXPECT_EQ(parse_duration("7us"), 7us);
  EXPECT_EQ(parse_duration("7\u00b5s"), 7us);
  EXPECT_EQ(parse_duration("9ns"), 9ns);
  EXPECT_EQ(parse_duration("0"), 0s);
  EXPECT_EQ(parse_duration("0s"), 0s);
  for (std::string const bad : {"", "1", "s", "1 s", "1d", "-1s", "+1s", "1e3s", "infs", "nans",
                                ".s", "1.2.3s", "1sx", "99999999999999h", "0x1s"})
    EXPECT_FALSE(parse_duration(bad)) << bad;
}

// "$2a/$2b/$2y; reject others"
TEST(SecureBcrypt, HashesOfOtherKindsAreRefused) {
  std::string const rest(good_hash.substr(4));
  for (std::string const kind : {"$2a$", "$2b$", "$2y$"})
    EXPECT_EQ(bcrypt_fault(kind + rest), "") << kind;
  for (std::string const kind : {"$2x$", "$2$", "$1$", "$6$", "$y$", "2y10", "$$$$"})
    EXPECT_NE(bcrypt_fault(kind + rest), "") << kind;
  std::string const hash(good_hash);
  EXPECT_NE(bcrypt_fault(hash + "a"), "");
  EXPECT_NE(bcrypt_fault(hash.substr(0, 59)), "");
  EXPECT_NE(bcrypt_fault(hash.substr(0, 59) + "!"), "");
  EXPECT_THAT(bcrypt_fault("$2y$03" + hash.substr(6)), HasSubstr("cost 4 to 16, saw cost 3"));
  EXPECT_THAT(bcrypt_fault("$2y$17" + hash.substr(6)), HasSubstr("saw cost 17"));
  EXPECT_THAT(bcrypt_fault("$2y$1x" + hash.substr(6)), HasSubstr("two digits"));
}

}  // namespace
