#!/usr/bin/python3
"""Clients of others scrape through TLS and authentication: curl, Python, and a real Prometheus."""

import json
import pathlib
import shutil
import socket
import ssl
import subprocess
import sys
import threading
import time
import unittest
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
sys.dont_write_bytecode = True

from secure_case import HASH, SecureCase, wait_until  # noqa: E402

SAMPLE = "coderd_rtc_client_connections_total 3"
TLS = "tls_server_config:\n  cert_file: server.crt\n  key_file: server.key\n"
USERS = f"basic_auth_users:\n  alice: {HASH}\n"
TOKEN = "0123456789abcdef0123456789abcdef"
PROMETHEUS = """\
global: {{scrape_interval: 1s, scrape_timeout: 1s}}
scrape_configs:
  - job_name: {job}
    scheme: https
    tls_config: {{ca_file: {folder}/ca.crt, server_name: localhost}}
    basic_auth: {{username: alice, password: secret}}
    static_configs: [{{targets: ["127.0.0.1:{port}"]}}]
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Clients(SecureCase):
    def test_curl_over_tls(self):
        example = self.start(self.write("web.yml", TLS))
        ca = ["--cacert", self.folder / "ca.crt"]
        status, code, body = self.curl(example, *ca)
        self.assertEqual((status, code), (0, "200"), body)
        self.assertIn(SAMPLE, body)
        self.assertEqual(self.curl(example)[0], 60, "a certificate that curl does not know")
        self.assertEqual(self.curl(example, *ca, "--tls-max", "1.2")[1], "200")
        self.assertEqual(self.curl(example, *ca, "--tls-max", "1.1", "--ciphers",
                                   "DEFAULT:@SECLEVEL=0")[1], "000")
        _, code, body = self.curl(example, scheme="http")
        self.assertEqual(code, "400")
        self.assertIn("expects HTTPS", body)

    def test_curl_with_a_certificate(self):
        example = self.start(self.write(
            "web.yml", TLS + "  client_ca_file: ca.crt\n  client_allowed_sans: [scraper.example]\n"
            "  client_auth_type: RequireAndVerifyClientCert\n"))
        for name, code in {"client": "200", "other": "000", "stranger": "000", None: "000"}.items():
            with self.subTest(name):
                shown = ["--cert", self.folder / f"{name}.crt", "--key",
                         self.folder / f"{name}.key"] if name else []
                for version in ("1.2", "1.3"):
                    self.assertEqual(self.curl(example, "--cacert", self.folder / "ca.crt", *shown,
                                               "--tls-max", version)[1], code)

    def test_curl_with_a_password_or_a_token(self):
        tokens = self.write("tokens", f"# the scraper's\n{TOKEN}\n")
        example = self.start(self.write("web.yml", USERS), tokens)
        for arguments, code in [
            (["-u", "alice:secret"], "200"),
            (["-u", "alice:wrong"], "401"),
            (["-u", "mallory:secret"], "401"),
            (["-H", f"Authorization: Bearer {TOKEN}"], "200"),
            (["-H", "Authorization: Bearer 0123456789abcdef"], "401"),
            (["-H", f"Authorization: Basic {TOKEN}"], "401"),
            ([], "401"),
        ]:
            with self.subTest(arguments):
                _, seen, body = self.curl(example, *arguments, scheme="http")
                self.assertEqual(seen, code, body)
                self.assertEqual(SAMPLE in body, code == "200")
        for path in ("/", "/-/healthy", "/nothing"):
            self.assertEqual(self.curl(example, scheme="http", path=path)[1], "401", path)
        self.assertEqual(self.curl(example, "-u", "alice:secret", scheme="http",
                                   path="/-/healthy")[1], "200")
        _, _, head = self.curl(example, "-i", scheme="http")
        self.assertIn('\nWWW-Authenticate: Basic realm="metrics"', head.replace("\r", ""))
        self.assertIn('\nWWW-Authenticate: Bearer realm="metrics"', head.replace("\r", ""))

    def test_tokens_alone(self):
        example = self.start("-", self.write("tokens", f"{TOKEN}\n"))
        self.assertEqual(self.curl(example, scheme="http")[1], "401")
        self.assertEqual(self.curl(example, "--oauth2-bearer", TOKEN, scheme="http")[1], "200")

    def test_an_empty_file_is_a_plain_endpoint(self):
        example = self.start(self.write("web.yml", ""))
        self.assertIn(SAMPLE, self.curl(example, scheme="http")[2])

    def test_the_headers_of_the_file_are_in_every_answer(self):
        example = self.start(self.write(
            "web.yml", USERS + "http_server_config:\n  headers:\n    X-Frame-Options: deny\n"
            "    Strict-Transport-Security: max-age=60\n"))
        for arguments in (["-u", "alice:secret"], []):
            head = self.curl(example, "-i", *arguments, scheme="http")[2]
            self.assertIn("X-Frame-Options: deny", head)
            self.assertIn("Strict-Transport-Security: max-age=60", head)

    def test_the_rate_limit_says_when_to_come_again(self):
        example = self.start(self.write("web.yml", "rate_limit: {interval: 1h, burst: 2}\n"))
        codes = [self.curl(example, scheme="http")[1] for _ in range(3)]
        self.assertEqual(codes, ["200", "200", "429"])
        head = self.curl(example, "-i", scheme="http")[2]
        self.assertRegex(head, r"Retry-After: 3[56]\d\d\b")

    def test_python_checks_the_certificate(self):
        example = self.start(self.write("web.yml", TLS))
        context = ssl.create_default_context(cafile=self.folder / "ca.crt")
        url = f"https://localhost:{example.port}/metrics"
        with urllib.request.urlopen(url, context=context, timeout=20) as answer:
            self.assertIn(SAMPLE, answer.read().decode())
        with socket.create_connection(("127.0.0.1", example.port), timeout=20) as plain:
            context.set_alpn_protocols(["h2", "http/1.1"])
            with context.wrap_socket(plain, server_hostname="localhost") as connection:
                self.assertEqual(connection.selected_alpn_protocol(), "http/1.1")
                self.assertIsNone(connection.compression())
                self.assertFalse(connection.session.has_ticket)

    def test_faults_at_the_start_are_all_said(self):
        path = self.write("web.yml", "tls_server_config:\n  cert_file: none.crt\n"
                          "  key_file: server.key\nbasic_auth_users:\n  alice: secret\nx: y\n")
        with self.assertRaises(AssertionError) as seen:
            self.start(path)
        for text in (f"{path}:5:10: error: basic_auth_users.alice: expected",
                     f"{path}:6:1: error: expected tls_server_config"):
            self.assertIn(text, str(seen.exception))

    def test_a_new_certificate_is_shown_without_a_restart(self):
        for kind in ("crt", "key"):
            shutil.copy(self.folder / f"server.{kind}", self.folder / f"live.{kind}")
        example = self.start(self.write("web.yml", TLS.replace("server.", "live.")))

        def serial():
            return ssl.get_server_certificate(("127.0.0.1", example.port), timeout=20)

        before = serial()
        statuses, done = [], threading.Event()

        def scrape():
            context = ssl.create_default_context(cafile=self.folder / "ca.crt")
            while not done.is_set():
                with urllib.request.urlopen(f"https://localhost:{example.port}/metrics",
                                            context=context, timeout=20) as answer:
                    answer.read()
                    statuses.append(answer.status)

        scraper = threading.Thread(target=scrape)
        scraper.start()
        self.addCleanup(scraper.join)
        self.addCleanup(done.set)
        self.make("fresh", "/CN=fresh", "subjectAltName=DNS:localhost,IP:127.0.0.1", signed=True)
        for kind in ("crt", "key"):
            (self.folder / f"fresh.{kind}").replace(self.folder / f"live.{kind}")
        wait_until("the new certificate", lambda: serial() != before)
        wait_until("the report", lambda: example.said("a changed file is used"))
        (self.folder / "live.crt").write_text("broken\n", encoding="utf-8")
        wait_until("the report", lambda: example.said("a changed file is not used"))
        self.assertTrue(example.said("live.crt"))
        seen = len(statuses)
        wait_until("scrapes after the broken change", lambda: len(statuses) > seen + 3)
        self.assertEqual(set(statuses), {200})

    def test_prometheus_scrapes_with_a_password_over_tls(self):
        example = self.start(self.write("web.yml", TLS + USERS))
        config = self.write("prometheus.yml", PROMETHEUS.format(
            job="secure", folder=self.folder, port=example.port))
        port = free_port()
        server = subprocess.Popen(
            ["prometheus", f"--config.file={config}", f"--web.listen-address=127.0.0.1:{port}",
             f"--storage.tsdb.path={self.folder}/tsdb", "--log.level=error"],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        self.addCleanup(lambda: (server.terminate(), server.communicate(timeout=30)))
        url = f"http://127.0.0.1:{port}/api/v1/query?query=coderd_rtc_client_connections_total"

        def answered():
            if server.poll() is not None:
                self.fail("Prometheus ended: " + server.stderr.read())
            try:
                with urllib.request.urlopen(url, timeout=5) as answer:
                    found = json.load(answer)["data"]["result"]
            except OSError:
                return False
            return [each["value"][1] for each in found] == ["3"]

        wait_until("Prometheus to have the value", answered, seconds=60)


if __name__ == "__main__":
    unittest.main()
