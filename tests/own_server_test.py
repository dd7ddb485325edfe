#!/usr/bin/python3
"""docs/examples/own_server.cpp: the exposition through another server, without stele-serve."""

import http.client
import os
import pathlib
import re
import subprocess
import unittest

from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics
from prometheus_client.parser import text_string_to_metric_families as text

ROOT = pathlib.Path(os.environ["STELE_SOURCE_ROOT"])
EXAMPLE = os.environ["STELE_OWN_SERVER"]
SERVE_LIBRARY = os.environ["STELE_SERVE_LIBRARY"]

TEXT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
PROTOBUF_TYPE = ("application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; "
                 "encoding=delimited")
OPENMETRICS_TYPE = "application/openmetrics-text; version=1.0.0; charset=utf-8"
PROMETHEUS = ("application/openmetrics-text;version=1.0.0,application/openmetrics-text;"
              "version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1")
SHOP = {"shop_carts": 3, "shop_orders_total": 1, "shop_checkout_seconds_count": 1}


def symbols(path, *options):
    """The names in namespace stele that a file's symbol table has."""
    listed = subprocess.run(["nm", "--demangle", *options, path], check=True,
                            capture_output=True, text=True).stdout
    return set(re.findall(r" [TtRrDdBb] (stele::.*)", listed))


class OwnServer(unittest.TestCase):
    def setUp(self):
        self.server = subprocess.Popen([EXAMPLE, "0"], stdin=subprocess.PIPE,
                                       stdout=subprocess.PIPE, text=True)
        self.addCleanup(self.end)
        self.port = int(self.server.stdout.readline())

    def end(self):
        self.server.stdin.close()
        self.assertEqual(self.server.wait(timeout=30), 0)
        self.server.stdout.close()

    def ask(self, method, path="/metrics", body=None, **header):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        self.addCleanup(connection.close)
        connection.request(method, path, body, header)
        response = connection.getresponse()
        return response, response.read().decode("utf-8")

    def values(self, families):
        return {sample.name: sample.value for family in families for sample in family.samples
                if sample.labels.get("method") != "invoice" and sample.name in SHOP}

    # "200 and text 0.0.4 for anything not understood"
    def test_is_scraped_as_text(self):
        for accept in ({}, {"Accept": "*/*"}, {"Accept": "text/html;;,="}):
            response, body = self.ask("GET", **accept)
            self.assertEqual((response.status, response.getheader("Content-Type")),
                             (200, TEXT_TYPE))
            self.assertEqual(self.values(text(body)), SHOP)

    def test_is_scraped_as_openmetrics_where_that_is_named(self):
        response, body = self.ask("GET", Accept=PROMETHEUS)
        self.assertEqual(response.getheader("Content-Type"), OPENMETRICS_TYPE)
        self.assertIn("Accept", response.getheader("Vary"))
        self.assertEqual(self.values(openmetrics(body)), SHOP)

    # "Highest q that is supported wins, explicit before wildcard, q=0 is never."
    def test_chooses_as_the_endpoint_does(self):
        for accept, expected in (
                ("application/openmetrics-text;version=1.0.0;q=0.4,text/plain;q=0.5", TEXT_TYPE),
                ("application/openmetrics-text;version=1.0.0;q=0,*/*", TEXT_TYPE),
                ("text/plain;q=0.3, application/openmetrics-text;q=0.4", OPENMETRICS_TYPE),
                (PROTOBUF_TYPE, PROTOBUF_TYPE),
                (OPENMETRICS_TYPE + "; escaping=dots", OPENMETRICS_TYPE + "; escaping=dots")):
            response, body = self.ask("HEAD", Accept=accept)
            self.assertEqual(response.getheader("Content-Type"), expected, accept)

    # "streaming render with back-pressure": what is sent as it is made has no length beforehand.
    def test_sends_the_body_as_it_is_made(self):
        response, body = self.ask("GET")
        self.assertEqual(response.getheader("Transfer-Encoding"), "chunked")
        self.assertIsNone(response.getheader("Content-Length"))
        self.assertTrue(body.endswith("\n"))

    def test_answers_head_with_the_header_alone(self):
        response, nothing = self.ask("HEAD")
        self.assertEqual((response.status, nothing), (200, ""))
        self.assertEqual(response.getheader("Content-Type"), TEXT_TYPE)

    def test_refuses_what_is_no_scrape(self):
        response, _ = self.ask("POST", body="x" * 100_000)
        self.assertEqual((response.status, response.getheader("Allow")), (405, "GET, HEAD"))
        self.assertEqual(self.ask("GET", "/elsewhere")[0].status, 404)

    # "without linking the endpoint"
    def test_has_nothing_of_the_endpoint(self):
        shared = ".so" in pathlib.Path(SERVE_LIBRARY).name
        endpoint = symbols(SERVE_LIBRARY, *(["--dynamic"] if shared else []))
        linked = symbols(EXAMPLE)
        self.assertTrue(any(name.startswith("stele::core::serve(") for name in endpoint))
        self.assertTrue(shared or any(name.startswith("stele::expose(") for name in linked))
        self.assertFalse(endpoint & linked)
        needed = subprocess.run(["ldd", EXAMPLE], check=True, capture_output=True, text=True).stdout
        self.assertIn("libmicrohttpd", needed)
        for absent in ("stele-serve", "libboost"):
            self.assertNotIn(absent, needed)

    # What a page shows is what is compiled and run.
    def test_is_what_the_page_shows(self):
        page = (ROOT / "docs/using.md").read_text(encoding="utf-8")
        program = "".join((ROOT / "docs/examples/own_server.cpp").read_text("utf-8").split())
        section = page.split("## Bring your own server")[1].split("\n## ")[0]
        shown = re.search(r"^```cpp\n(.*?)^```", section, re.MULTILINE | re.DOTALL)
        self.assertIn("".join(shown[1].split()), program)


if __name__ == "__main__":
    unittest.main()
