// What is said of a web configuration file that is wrong: words that help, and no secret.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "secure/bcrypt.hpp"
#include "secure_config_case.hpp"

namespace {

using namespace stele::securing;
using namespace stele::test;
using testing::HasSubstr;

// A wrong suggestion that is followed is worse than none, most of all a weaker one.
TEST(SecureMessages, AVersionIsSuggestedWhereItIsClear) {
  auto const said = [](std::string const& version) {
    return fault_of(tls + "  min_version: '" + version + "'\n");
  };
  for (std::string const meant : {"tls13", "TLSv1.3", "TLS1.3", "1.3", "13", "TLS_1_3", "Tls13"})
    EXPECT_THAT(said(meant), HasSubstr("; did you mean 'TLS13'?")) << meant;
  EXPECT_THAT(said("1.2"), HasSubstr("; did you mean 'TLS12'?"));
  EXPECT_THAT(said("TLS1.0"), HasSubstr("; did you mean 'TLS10'?"));
  for (std::string const none : {"TLS14", "TLS20", "TLS9", "TLS", "1", "TLS130", "SSL30", "ssl3"})
    EXPECT_THAT(said(none), Not(HasSubstr("did you mean"))) << none;
  EXPECT_THAT(said("SSL30"), HasSubstr("SSL is broken, remove the key"));
}

TEST(SecureMessages, ANameIsSuggestedWhereItIsTheNearest) {
  EXPECT_THAT(fault_of("http_server_config: {headers: {x-frame-options: deny}}\n"),
              HasSubstr("did you mean 'X-Frame-Options'?"));
  EXPECT_THAT(fault_of("http_server_config: {headers: {X-Frame-Options: DENY}}\n"),
              HasSubstr("did you mean 'deny'?"));
  EXPECT_THAT(fault_of(tls + "  client_auth_type: requireandverifyclientcert\n"),
              HasSubstr("did you mean 'RequireAndVerifyClientCert'?"));
  EXPECT_THAT(fault_of(tls + "  curve_preferences: [CurveP25]\n"),
              HasSubstr("did you mean 'CurveP256'?"));
  EXPECT_THAT(fault_of(tls + "  curve_preferences: [CurveP999]\n"), Not(HasSubstr("did you mean")))
      << "as near to one as to another";
}

// The editor shows a tab as spaces, so that nobody sees it unless told where it is.
TEST(SecureMessages, ATabInAnIndentIsNamed) {
  std::string const tab =
      "error: expected spaces before the first character of a line, saw a tab; YAML indents with "
      "spaces alone, replace it";
  EXPECT_EQ(fault_of("tls_server_config:\n\tcert_file: a.crt\n"), "web.yml:2:1: " + tab);
  EXPECT_EQ(fault_of("http_server_config:\n  headers:\n  \tX-Frame-Options: deny\n"),
            "web.yml:3:3: " + tab);
  EXPECT_EQ(fault_of(tls + "  cipher_suites:\n\t- a\n"), "web.yml:5:1: " + tab);
  EXPECT_EQ(fault_of(tls + "\tmin_version: TLS12\n"), "web.yml:4:1: " + tab);
  EXPECT_EQ(fault_of("\trate_limit:"), "web.yml:1:1: " + tab);
  EXPECT_THAT(fault_of("a:\n  b: \tc: d\n"), Not(HasSubstr("tab"))) << "it stands elsewhere";
  EXPECT_EQ(config_of("http_server_config: {\n\thttp2:\ttrue\n}\n").http2_asked, true);
}

// yaml-cpp says `end of map not found`; a newcomer does not know that he began one.
TEST(SecureMessages, WhatIsNoYamlIsSaidInWordsThatHelp) {
  EXPECT_THAT(fault_of("rate_limit:\n  burst: 1\n interval: 1s\n"),
              HasSubstr("web.yml:3:2: error: expected the next key of the section, saw something "
                        "else; indent the line"));
  EXPECT_THAT(fault_of("a: b: c\n"), HasSubstr("web.yml:1:5: error: expected one `key: value`"));
  EXPECT_THAT(fault_of("a: {b: c\n"), HasSubstr("expected ',' or '}', saw neither"));
  EXPECT_THAT(fault_of("a: ]\n"), HasSubstr("web.yml:1:4: error: expected a value, saw a '}' or"));
  EXPECT_THAT(fault_of("a: - b\n"), HasSubstr("saw a `- ` where no list can begin"));
  EXPECT_THAT(fault_of("a:\n  - b\n  c: d\n"), HasSubstr("web.yml:3:3: error: expected the next"));
  EXPECT_THAT(fault_of("a: @b\n"), HasSubstr("web.yml:1:4: error: expected a value, saw a char"));
  EXPECT_THAT(fault_of("a: |b\n  c\n"), HasSubstr("expected the end of the line after | or >"));
  EXPECT_THAT(fault_of("a: \"\\q\"\n"), HasSubstr("expected an escape that YAML has"));
  EXPECT_THAT(fault_of("a: \"\\5\"\n"), Not(HasSubstr("5")));
  EXPECT_THAT(fault_of("a: *\n"), HasSubstr("expected a name after & or *"));
}

// A message goes to logs: what is secret does not.
TEST(SecureMessages, NoSecretIsSaid) {
  std::string const said = fault_of(
      "basic_auth_users:\n  a: hunter2hunter2\n  b: $6$salt$hashhashhash\n"
      "  c: $2y$10$mDwo.lAisC94iLAyP81MCesa29IzH37\n"
      "tls_server_config:\n  cert_file: c\n  key: topsecretkey\n");
  EXPECT_THAT(said, Not(HasSubstr("hunter2")));
  EXPECT_THAT(said, Not(HasSubstr("salt")));
  EXPECT_THAT(said, Not(HasSubstr("mDwo")));
  EXPECT_THAT(said, Not(HasSubstr("topsecret")));
  EXPECT_THAT(said, HasSubstr("saw one of $6$;"));
  EXPECT_THAT(said, HasSubstr("of 60 characters, saw 38"));
}

// A password may begin with '$' and have another one: what is shown of it are schemes, by a list.
TEST(SecureMessages, APasswordInTheHashsPlaceIsNotSaid) {
  for (std::string const password : {"$ecretpw1$x", "$e$cret", "$$ecret", "$2q$ecret", "$2y$ecret",
                                     "$5ecret$", "{ecret}", "$argon2ecret$"}) {
    std::string const said = fault_of("basic_auth_users: {a: '" + password + "'}\n");
    EXPECT_THAT(said, HasSubstr("basic_auth_users.a: expected a bcrypt hash"));
    EXPECT_THAT(said, Not(HasSubstr("ecret"))) << password;
    EXPECT_THAT(said, Not(HasSubstr("$e"))) << password;
  }
  std::string const long_one = "$2y$ab" + std::string(good_hash.substr(6));
  EXPECT_THAT(bcrypt_fault(long_one), HasSubstr("two digits"));
  EXPECT_THAT(bcrypt_fault(long_one), Not(HasSubstr("ab")));
  for (std::string const scheme : {"$1$", "$5$", "$6$", "$apr1$", "$2x$", "$y$", "$argon2id$"})
    EXPECT_THAT(bcrypt_fault(scheme + "rest"), HasSubstr("saw one of " + scheme + ";"));
}

TEST(SecureMessages, AHashInTheNamesPlaceIsNotSaid) {
  std::string const swapped = "'" + std::string(good_hash) + "'";
  EXPECT_THAT(fault_of("basic_auth_users:\n  " + swapped + ": alice\n"),
              testing::StrEq("web.yml:2:3: error: basic_auth_users: expected a user's name, saw "
                             "what looks like a hash or a key; write the name first, as in "
                             "`alice: HASH`"));
  for (std::string const& text :
       {"basic_auth_users:\n  " + swapped + ": alice\n  " + swapped + ": bob\n",
        "basic_auth_users:\n" + swapped + ": alice\n", "rate_limit: {burst: " + swapped + "}\n",
        tls + "  client_auth_type: " + swapped + "\n"}) {
    EXPECT_THAT(fault_of(text), HasSubstr("web.yml:")) << text;
    EXPECT_THAT(fault_of(text), Not(HasSubstr("mDwo"))) << text;
  }
  std::string const named = "basic_auth_users: {$alice: '" + std::string(good_hash) + "'}\n";
  EXPECT_EQ(config_of(named).users.at(0).first, "$alice");
}

// The text of a key where its file's name should be is a slip of `key_file` for `key`, and would be
// in the words of a file that cannot be opened.
TEST(SecureMessages, APemTextForAFilesNameIsNotSaid) {
  std::string const lines[]{
      "|\n    -----BEGIN PRIVATE KEY-----\n    MC4CAQAwBQYDK2Vwsecret\n",
      "-----BEGIN PRIVATE KEY----- MC4CAQAwBQYDK2Vwsecret\n",
      "\"MC4CAQAwBQYDK2Vwsecret\\nx\"\n",
      "\"MC4CAQAwBQYDK2Vwsecret\\rx\"\n",
      "MC4CAQAwBQYDK2VwsecretBCIEIMhGfh1o3RxtHmsBUVyX0+DfMPVOqXcn8hNwAvB1\n",
  };
  for (std::string const& text : lines)
    for (std::string const key : {"cert", "key", "client_ca"}) {
      std::string const others = key == "cert"  ? "  key_file: b\n"
                                 : key == "key" ? "  cert_file: a\n"
                                                : "  cert_file: a\n  key_file: b\n"
                                                  "  client_auth_type: VerifyClientCertIfGiven\n";
      std::string const said =
          fault_of("tls_server_config:\n" + others + "  " + key + "_file: " + text);
      EXPECT_THAT(said, HasSubstr("tls_server_config." + key +
                                  "_file: expected the name of a file, saw PEM text or several "
                                  "lines; for the text itself write " +
                                  key));
      EXPECT_THAT(said, Not(HasSubstr("secret")));
      EXPECT_THAT(said, Not(HasSubstr("\n"))) << "one slip, one fault";
    }
  EXPECT_EQ(config_of("tls_server_config:\n  cert_file: M/a.crt\n  key_file: MIIEkey.pem\n")
                .tls->key.file,
            "MIIEkey.pem");
}

// A key that is pasted without `|`, or a token, is a key of YAML, or a value of another one.
TEST(SecureMessages, WhatMayBeSecretIsShownNowhere) {
  std::string const base64 = "MC4CAQAwBQYDK2VwBCIEIMhGfh1o3RxtHmsBUVyX0+DfMPVOqXcn8hNwAvB1";
  for (std::string const& secret : {base64, "hidden " + base64, std::string(64, 'a')})
    for (std::string const& text :
         {"tls_server_config:\n  key:\n  " + secret + "\n", tls + "  min_version: " + secret + "\n",
          "basic_auth_users: {" + secret + ": alice}\n", "rate_limit: {burst: " + secret + "}\n",
          "http_server_config: {headers: {X-Frame-Options: " + secret + "}}\n"}) {
      std::string const said = fault_of(text);
      EXPECT_THAT(said, HasSubstr("saw what looks like a hash or a key")) << text;
      EXPECT_THAT(said, Not(HasSubstr("aaaa")));
      EXPECT_THAT(said, Not(HasSubstr("MC4C")));
    }
  EXPECT_THAT(fault_of(tls + "  cipher_suites: [TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA257]\n"),
              HasSubstr("saw 'TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA257'"));
}

}  // namespace
