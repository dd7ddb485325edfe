#!/usr/bin/python3
"""The reference service's HTTP: methods, bounds and connections."""

import http.client
import socket
import unittest
import urllib.parse

from coderd_case import CoderdCase
import client
from client import Api


class Http(CoderdCase):
    def setUp(self):
        super().setUp()
        self.start_api()

    def exchange(self, sent, shut=True):
        """All that comes back on one connection for these bytes."""
        parts = urllib.parse.urlsplit(self.api.url)
        with socket.create_connection((parts.hostname, parts.port), 30) as connection:
            connection.sendall(sent)
            if shut:
                connection.shutdown(socket.SHUT_WR)
            return connection.makefile("rb").read().decode()

    def test_head_is_get_without_a_body(self):
        get_status, get_headers, text = client.fetch(self.api.url + Api.USERS)
        status, headers, body = client.fetch(self.api.url + Api.USERS, "HEAD")
        self.assertEqual((get_status, status, body), (200, 200, ""))
        self.assertEqual(headers["Content-Length"], str(len(text)))
        self.assertEqual(headers["Content-Type"], get_headers["Content-Type"])

    def test_a_wrong_method_is_told_the_right_ones(self):
        for method, status in (("PATCH", 405), ("BREW", 405), ("OPTIONS", 200)):
            with self.subTest(method):
                seen, headers, _ = client.fetch(self.api.url + Api.USERS, method)
                self.assertEqual((seen, headers["Allow"]), (status, "GET, HEAD, POST, OPTIONS"))

    def test_a_path_that_no_route_has_is_not_found(self):
        for path in ("/", "/api/v2/user", "/api/v2/users/", "/api/v2/users/a/b", "//", "/healthz/"):
            with self.subTest(path):
                status, headers, text = client.fetch(self.api.url + path)
                self.assertEqual((status, headers["Content-Type"]), (404, "application/json"))
                self.assertIn("message", text)

    def test_a_query_is_not_part_of_the_path(self):
        self.assertEqual(client.fetch(self.api.url + "/healthz?a=/b")[0], 200)

    def test_too_large_a_body_or_header_is_refused_and_the_refusal_arrives(self):
        large = b"x" * (1 << 20)
        answer = self.exchange(b"POST /api/v2/users HTTP/1.1\r\nHost: a\r\nContent-Length: "
                               + str(len(large)).encode() + b"\r\n\r\n" + large)
        self.assertTrue(answer.startswith("HTTP/1.1 413 "), answer[:80])
        answer = self.exchange(b"GET / HTTP/1.1\r\nHost: a\r\nX: " + large[:9000] + b"\r\n\r\n")
        self.assertTrue(answer.startswith("HTTP/1.1 431 "), answer[:80])

    def test_what_is_not_http_is_answered_and_closed(self):
        answer = self.exchange(b"\x16\x03\x01 hello\r\n\r\n", shut=False)
        self.assertTrue(answer.startswith("HTTP/1.1 400 "), answer[:80])
        self.assertIn('"message"', answer)

    def test_a_connection_serves_many_requests_and_pipelined_ones_in_order(self):
        one = b"GET /api/v2/users HTTP/1.1\r\nHost: a\r\n\r\n"
        last = b"GET /nowhere HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
        answer = self.exchange(one * 3 + last, shut=False)
        self.assertEqual([line.split()[1] for line in answer.splitlines()
                          if line.startswith("HTTP/1.1 ")], ["200", "200", "200", "404"])

    def test_http_1_0_is_closed_after_the_answer(self):
        self.assertIn(" 200 ", self.exchange(b"GET /healthz HTTP/1.0\r\n\r\n", shut=False))

    def test_a_client_that_leaves_in_mid_request_costs_nothing(self):
        begun = b"POST /api/v2/users HTTP/1.1\r\nContent-Length: 9\r\n\r\n{"
        self.assertEqual(self.exchange(begun), "")
        self.assertEqual(client.fetch(self.api.url + "/healthz")[0], 200)


if __name__ == "__main__":
    unittest.main()
