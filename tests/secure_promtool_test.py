#!/usr/bin/python3
"""The same web configuration files as Prometheus takes: `promtool check web-config` and stele-secure
agree on a table of them, but where the table says why not."""

import pathlib
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
sys.dont_write_bytecode = True

from secure_case import EXAMPLE, HASH, SecureCase, run  # noqa: E402

TLS = "tls_server_config:\n  cert_file: server.crt\n  key_file: server.key\n"
VERIFIED = TLS + "  client_ca_file: ca.crt\n  client_auth_type: RequireAndVerifyClientCert\n"
CIPHERS = [f"TLS_ECDHE_{key}_WITH_{rest}" for key in ("ECDSA", "RSA")
           for rest in ("AES_128_GCM_SHA256", "AES_256_GCM_SHA384", "CHACHA20_POLY1305_SHA256",
                        "AES_128_CBC_SHA", "AES_256_CBC_SHA")]
CIPHERS += [f"TLS_RSA_WITH_{rest}" for rest in
            ("AES_128_GCM_SHA256", "AES_256_GCM_SHA384", "AES_128_CBC_SHA", "AES_256_CBC_SHA")]
CIPHERS += ["TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"]

GOOD = {
    "an empty file": "",
    "comments alone": "# nothing\n",
    "empty sections": "tls_server_config:\nhttp_server_config: {}\nbasic_auth_users: {}\n",
    "a certificate and its key": TLS,
    "a certificate on Ed25519": TLS.replace("server.", "ed25519."),
    "all versions": TLS + "  min_version: TLS10\n  max_version: TLS13\n",
    **{f"client_auth_type {each}": TLS + f"  client_auth_type: {each}\n"
       for each in ("NoClientCert", "RequestClientCert", "RequireAnyClientCert",
                    "RequireClientCert")},
    "verified clients": VERIFIED,
    "clients verified if they show one":
        VERIFIED.replace("RequireAndVerifyClientCert", "VerifyClientCertIfGiven"),
    "all cipher suites": TLS + "  cipher_suites:\n" + "".join(f"  - {each}\n" for each in CIPHERS),
    "all curves": TLS + "  curve_preferences: [CurveP256, CurveP384, CurveP521, X25519]\n",
    "a curve and a suite twice": TLS + "  curve_preferences: [X25519, X25519]\n"
                                 f"  cipher_suites: [{CIPHERS[0]}, {CIPHERS[0]}]\n",
    "the client's preference": TLS + "  prefer_server_cipher_suites: false\n",
    "http2": TLS + "http_server_config:\n  http2: false\n",
    "a boolean of YAML 1.1": "http_server_config:\n  http2: Off\n",
    "all headers": "http_server_config:\n  headers:\n    X-Frame-Options: deny\n"
                   "    Content-Security-Policy: default-src 'self'\n"
                   "    X-Content-Type-Options: nosniff\n    X-XSS-Protection: 1; mode=block\n"
                   "    Strict-Transport-Security: max-age=31536000\n",
    "empty values where any will do":
        "http_server_config: {headers: {Content-Security-Policy: '', X-XSS-Protection: }}\n",
    "null versions, and an empty type":
        TLS + "  min_version:\n  max_version: ~\n  client_auth_type: ''\n",
    **{f"a header of several lines by {each}":
       f"http_server_config:\n  headers:\n    Content-Security-Policy: {each}\n"
       "      default-src 'self';\n      img-src *\n" for each in (">", "|", ">-", "|+")},
    "line ends and tabs in a header":
        'http_server_config: {headers: {X-XSS-Protection: "1;\\r\\n\\tmode=block"}}\n',
    "another frame option": "http_server_config: {headers: {X-Frame-Options: sameorigin}}\n",
    **{f"a {kind} hash": f"basic_auth_users:\n  alice: {HASH.replace('$2b$', kind)}\n"
       for kind in ("$2a$", "$2b$", "$2y$")},
    "the end of the document is said": "http_server_config:\n...\n",
    "no line end at the end": "http_server_config: {http2: false}",
    "two users": f"basic_auth_users:\n  alice: {HASH}\n  'bob b': {HASH}\n",
}

BAD = {
    "an unknown section": "tls_config: {}\n",
    "an unknown key": TLS + "  ca_file: ca.crt\n",
    "a key twice": TLS + "  key_file: server.key\n",
    "no YAML": "a: [\n",
    "a quote that is open": "http_server_config: {headers: {X-XSS-Protection: '1}}\n",
    "a quote that is open in a block": "http_server_config:\n  headers:\n    X-XSS-Protection: \"1\n",
    "a tab in an indent": "http_server_config:\n\thttp2: false\n",
    "no key of the certificate": "tls_server_config:\n  cert_file: server.crt\n",
    "no certificate of the key": "tls_server_config:\n  key_file: server.key\n",
    "no such certificate": TLS.replace("server.crt", "none.crt"),
    "no such key": TLS.replace("server.key", "none.key"),
    "another's key": TLS.replace("server.key", "client.key"),
    "a certificate that is none": TLS.replace("server.crt", "server.key"),
    **{f"a certificate of {each}": TLS.replace("server.", f"{each}.")
       for each in ("secp256k1", "rsa-pss", "ed448")},
    "a control character in a comment": "# \x01\n",
    "a CA without a type": TLS + "  client_ca_file: ca.crt\n",
    "a CA with NoClientCert": TLS + "  client_ca_file: ca.crt\n  client_auth_type: NoClientCert\n",
    "no such CA": VERIFIED.replace("ca.crt", "none.crt"),
    "an unknown type": TLS + "  client_auth_type: Verify\n",
    "a type without a certificate": "tls_server_config:\n  client_auth_type: RequestClientCert\n",
    "an unknown version": TLS + "  min_version: SSL3\n",
    "an unknown cipher suite": TLS + "  cipher_suites: [TLS_RSA_WITH_RC4_128_SHA]\n",
    "OpenSSL's name of one": TLS + "  cipher_suites: [ECDHE-RSA-AES128-GCM-SHA256]\n",
    "an unknown curve": TLS + "  curve_preferences: [P-256]\n",
    "no boolean": "http_server_config:\n  http2: maybe\n",
    "a quoted boolean": "http_server_config:\n  http2: \"true\"\n",
    "an unknown header": "http_server_config: {headers: {Server: x}}\n",
    "a frame option in capitals": "http_server_config: {headers: {X-Frame-Options: DENY}}\n",
    "a content type option": "http_server_config: {headers: {X-Content-Type-Options: sniff}}\n",
    **{f"an empty {each}": TLS + f"  {each}: ''\n" for each in ("min_version", "max_version")},
    **{f"an empty {each}": f"http_server_config: {{headers: {{{each}: ''}}}}\n"
       for each in ("X-Frame-Options", "X-Content-Type-Options")},
    "a null header": "http_server_config: {headers: {X-Frame-Options: }}\n",
    "a password for a hash": "basic_auth_users: {alice: secret}\n",
    "no hash": "basic_auth_users:\n  alice:\n",
    "a hash of another kind": "basic_auth_users: {alice: $6$salt$" + "a" * 86 + "}\n",
    "a hash whose cost is too low":
        "basic_auth_users: {alice: " + HASH.replace("$04$", "$03$") + "}\n",
}

# (file, who takes it, why)
DIFFERENT = {
    # Keys that came after exporter-toolkit 0.8, which promtool 2.42 has.
    "a rate limit": ("rate_limit: {interval: 1s, burst: 20}\n", "stele", "came later"),
    "names of clients": (VERIFIED + "  client_allowed_sans: [a]\n", "stele", "came later"),
    # What cannot be meant is refused here.
    "a verifying type without a CA":
        (TLS + "  client_auth_type: RequireAndVerifyClientCert\n", "promtool",
         "Go verifies against the system's authorities then"),
    "versions the wrong way round":
        (TLS + "  min_version: TLS13\n  max_version: TLS12\n", "promtool", "nobody could connect"),
    "TLS that is not":
        ("tls_server_config:\n  min_version: TLS13\n", "promtool",
         "Go serves plain HTTP, though the file speaks of TLS"),
    "an unknown CA text":
        (VERIFIED.replace("ca.crt", "server.key"), "promtool", "nobody could connect"),
    "two documents": ("http_server_config:\n---\nx: y\n", "promtool", "the second is not read"),
    "a hash of kind $2x$":
        ("basic_auth_users: {alice: " + HASH.replace("$2b$", "$2x$") + "}\n", "promtool",
         "of a broken implementation"),
    "a cost of hours":
        ("basic_auth_users: {alice: " + HASH.replace("$04$", "$31$") + "}\n", "promtool",
         "a login would take days"),
    "an alias":
        (f"basic_auth_users:\n  alice: &hash {HASH}\n  bob: *hash\n", "promtool",
         "a small file could stand for a large one"),
    "a certificate on P-224": (TLS.replace("server.", "secp224r1."), "promtool",
                               "nobody could connect"),
    "a short RSA key": (TLS.replace("server.", "short."), "promtool", "OpenSSL's security level"),
    "a broken block behind a certificate":
        (TLS.replace("server.crt", "broken.crt"), "promtool", "it would not be sent"),
    "no suite below TLS 1.3, and nothing else":
        (TLS + "  max_version: TLS12\n  cipher_suites: [TLS_AES_128_GCM_SHA256]\n", "promtool",
         "nobody could connect"),
    **{f"a hash {name}": (f"basic_auth_users:\n  alice: {text}\n", "promtool", "no crypt makes it")
       for name, text in {"of kind $2$": HASH.replace("$2b$", "$2$"),
                          "of kind $2z$": HASH.replace("$2b$", "$2z$"),
                          "of 59": HASH[:-1], "of 61": HASH + "a"}.items()},
    "a user with a colon":
        (f"basic_auth_users:\n  'a:b': {HASH}\n", "promtool", "he could not log in"),
    "a user of null": (f"basic_auth_users:\n  ~: {HASH}\n", "promtool", "a key is a text"),
    "an explicit type": ("http_server_config: {http2: !!bool true}\n", "promtool",
                         "no file needs it"),
    "a merge key": ("http_server_config:\n  <<: {http2: true}\n", "promtool", "as aliases"),
    "line ends of old": ("http_server_config:\r  http2: true\r", "promtool", "yaml-cpp has none"),
    **{f"a header with {name}":
       (f'http_server_config: {{headers: {{X-XSS-Protection: "{text}"}}}}\n', "promtool",
        "RFC 9110, 5.5")
       for name, text in {"a control character": "\\x01", "other letters": "\u00e4"}.items()},
    # What can be meant is taken.
    "YAML 1.2": ("%YAML 1.2\n---\nhttp_server_config:\n", "stele", "it is no other file"),
    "a tab in an empty line":
        ("http_server_config:\n\t\n  http2: true\n", "stele", "it indents nothing"),
    "a byte order mark before PEM": (TLS.replace("server.crt", "marked.crt"), "stele",
                                     "OpenSSL passes over it"),
}


class Promtool(SecureCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        kinds = {"ed25519": ["ed25519"], "ed448": ["ed448"], "rsa-pss": ["rsa-pss"],
                 "short": ["rsa:1024"],
                 **{curve: ["ec", "-pkeyopt", f"ec_paramgen_curve:{curve}"]
                    for curve in ("secp256k1", "secp224r1")}}
        for name, kind in kinds.items():
            run("openssl", "req", "-x509", "-newkey", *kind, "-nodes", "-days", "2", "-subj",
                "/CN=x", "-keyout", f"{cls.folder}/{name}.key", "-out", f"{cls.folder}/{name}.crt")
        good = (cls.folder / "server.crt").read_text(encoding="utf-8")
        (cls.folder / "marked.crt").write_text("\ufeff" + good, encoding="utf-8")
        (cls.folder / "broken.crt").write_text(
            good + "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
            encoding="utf-8")

    def of_promtool(self, path):
        return run("promtool", "check", "web-config", path, status=None).returncode == 0

    def of_stele(self, path):
        done = subprocess.run([EXAMPLE, path], stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, timeout=30, check=False)
        if done.returncode != 0:  # in the file itself, with a line
            self.assertRegex(done.stderr, rf"^{path}:\d+:\d+: error: ")
        return done.returncode == 0

    def test_both_take_the_good_files(self):
        for name, text in GOOD.items():
            with self.subTest(name):
                path = self.write("web.yml", text)
                self.assertEqual((self.of_promtool(path), self.of_stele(path)), (True, True))

    def test_both_refuse_the_bad_files(self):
        for name, text in BAD.items():
            with self.subTest(name):
                path = self.write("web.yml", text)
                self.assertEqual((self.of_promtool(path), self.of_stele(path)), (False, False))

    def test_where_they_differ_it_is_known(self):
        for name, (text, who, _) in DIFFERENT.items():
            with self.subTest(name):
                path = self.write("web.yml", text)
                self.assertEqual((self.of_promtool(path), self.of_stele(path)),
                                 (who == "promtool", who == "stele"))


if __name__ == "__main__":
    unittest.main()
