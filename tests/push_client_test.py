#!/usr/bin/python3
"""The push client against a stand-in for a Pushgateway: certificates, proxies, a server that stops
answering, one that is restarted."""

import signal
import subprocess
import time
import unittest

from push_case import EXAMPLE, PushCase, wait_until


class Certificates(PushCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for name, subject in (("right", "DNS:localhost,IP:127.0.0.1"), ("wrong", "DNS:other")):
            subprocess.run(
                ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                 "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=test",
                 "-addext", f"subjectAltName={subject}", "-keyout", f"{cls.folder}/{name}.key",
                 "-out", f"{cls.folder}/{name}.crt"],
                check=True, capture_output=True, timeout=60)

    def push(self, server, *arguments):
        return self.once(f"url={server.url}", "job=j", "token=secret", *arguments)

    def test_takes_a_server_that_is_vouched_for(self):
        server = self.stand_in(self.folder / "right")
        self.assertEqual(self.push(server, f"ca_file={self.folder}/right.crt"), (0, "took 200 "))
        self.assertEqual(server.asked[0][2]["Authorization"], "Bearer secret")

    def test_sends_nothing_to_any_other(self):
        for certificate, arguments in (("right", []),  # nobody that the system trusts signed it
                                       ("wrong", [f"ca_file={self.folder}/wrong.crt"])):  # a host's
            with self.subTest(certificate):
                server = self.stand_in(self.folder / certificate)
                status, said = self.push(server, *arguments)
                self.assertEqual(status, 1)
                self.assertIn("name in ca_file who signed it", said)
                self.assertEqual(server.asked, [])

    def test_survives_a_server_that_goes_under_tls(self):
        server, port = self.stand_in_elsewhere(self.folder / "right")
        agent = self.drive(f"url=https://localhost:{port}", "job=j", "interval=3600000",
                           f"ca_file={self.folder}/right.crt", "stop_time_max=200")
        self.assertEqual(agent.ask("push"), "took 200 ")
        server.kill()
        server.wait()
        self.assertRegex(agent.ask("push"), "^failed .* to answer")
        self.assertEqual(agent.end(), 0)


class Proxies(PushCase):
    # "proxies are those of the environment …; none for this machine"
    def test_asks_no_proxy_for_this_machine(self):
        server = self.stand_in()
        nobody = "http://127.0.0.1:1"
        self.assertEqual(self.once(f"url={server.url}", "job=j", http_proxy=nobody),
                         (0, "took 200 "))

    def test_asks_it_for_others(self):
        proxy = self.stand_in()
        status, said = self.once("url=http://gateway.invalid:9091", "job=j", http_proxy=proxy.url)
        self.assertEqual((status, said), (0, "took 200 "))
        self.assertEqual(proxy.asked[0][1], "http://gateway.invalid:9091/metrics/job/j")

    def test_says_that_a_token_can_be_read(self):
        proxy = self.stand_in()
        agent = self.drive("url=http://gateway.invalid", "job=j", "token=secret",
                           http_proxy=proxy.url)
        agent.end()
        self.assertTrue(agent.said("anyone on the way can read it; use https"), agent.log)
        self.assertFalse(agent.said("secret"))


class Answers(PushCase):
    def test_a_name_that_is_none_is_said(self):
        status, said = self.once("url=http://gateway.invalid", "job=j", "interval=50")
        self.assertEqual(status, 1)
        self.assertIn("gateway.invalid", said)
        self.assertIn("; see whether the URL's host is right", said)

    def test_tries_again_as_it_is_told(self):
        server = self.stand_in()
        server.answers = [(503, {"Retry-After": "1"}, b"busy"), (500, {}, b"")]
        before = time.monotonic()
        self.assertEqual(self.once(f"url={server.url}", "job=j"), (0, "took 200 "))
        self.assertGreater(time.monotonic() - before, 1)
        self.assertEqual(len(server.asked), 3)

    def test_what_the_server_says_is_in_the_error(self):
        server = self.stand_in()
        server.answers = [(400, {}, b"pushed metrics are invalid:\n\x1b[1m x")]
        status, said = self.once(f"url={server.url}", "job=j")
        self.assertEqual(status, 1)
        self.assertIn("saw 400 'pushed metrics are invalid:  [1m x'; see what the", said)

    def test_an_endless_answer_ends(self):
        server = self.stand_in()
        server.answers = [(200, {}, b"x" * (8 << 20))]
        agent = self.drive(f"url={server.url}", "job=j", "interval=3600000")
        wait_until("the push", lambda: agent.ask("counts") == "1 0")
        self.assertLess(len("".join(agent.log)), 2_000)

    def test_a_server_that_stands_still_costs_its_time(self):
        server, port = self.stand_in_elsewhere()
        agent = self.drive(f"url=http://127.0.0.1:{port}", "job=j", "interval=3600000",
                           "request_time_max=300", "stop_time_max=300")
        wait_until("the push", lambda: agent.ask("counts").startswith("1 "))
        server.send_signal(signal.SIGSTOP)
        self.assertRegex(agent.ask("push"), "^failed .* 'Operation timed out.*; see what keeps it")
        before = time.monotonic()
        self.assertEqual(agent.end(), 0)
        self.assertLess(time.monotonic() - before, 3)

    def test_the_example_says_what_is_wrong(self):
        agent = self.run_program(EXAMPLE, "nowhere", "u1", "w1")
        self.assertEqual(agent.end(), 1)
        self.assertEqual(agent.log, ["push: expected .url to be http://HOST:PORT or "
                                     "https://HOST:PORT, saw 'nowhere'; correct it: Bad scheme\n"])


if __name__ == "__main__":
    unittest.main()
