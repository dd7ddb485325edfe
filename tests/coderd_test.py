#!/usr/bin/python3
"""The reference service's options, API and end, as a client sees them."""

import contextlib
import http.client
import json
import os
import signal
import socket
import time
import unittest
import urllib.parse

from coderd_case import CoderdCase
import client
from client import Api, Failed

LICENSE = {"issued_at": "2026-01-01T00:00:00Z", "expires_at": "2999-01-01T00:00:00Z",
           "user_limit": 2}


class Start(CoderdCase):
    def test_prints_a_line_an_address_and_nothing_else(self):
        service = self.start()
        self.assertRegex(service.metrics, r"^http://127\.0\.0\.1:[1-9]\d*/metrics$")
        self.assertRegex(service.agents, r"^http://127\.0\.0\.1:[1-9]\d*$")
        self.assertRegex(service.api, r"^http://127\.0\.0\.1:[1-9]\d*$")
        service.signal(signal.SIGTERM)
        self.assertEqual(service.read_line(), "")

    def test_serves_ipv6(self):
        if not socket.has_ipv6:
            self.skipTest("no IPv6 here")
        service = self.start(address="[::1]:0")
        self.assertRegex(service.api, r"^http://\[::1\]:[1-9]\d*$")
        self.assertEqual(client.fetch(service.api + "/healthz")[0], 200)
        self.assertEqual(client.fetch(service.metrics)[0], 200)

    def test_an_address_in_use_ends_it_with_status_1(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            address = f"127.0.0.1:{taken.getsockname()[1]}"
            options = ("--api", "--metrics", "--agents")
            for option in options:
                with self.subTest(option):
                    others = [word for other in options if other != option
                              for word in (other, "127.0.0.1:0")]
                    status, out, err = self.run_to_end(option, address, *others)
                    self.assertEqual((status, out), (1, ""))
                    self.assertIn(option, err)
                    self.assertIn(address.rsplit(":")[-1], err)
                    self.assertIn("in use", err)

    def test_a_wrong_option_names_option_expectation_and_value(self):
        for option, value in (("--api", "localhost"), ("--api", "127.0.0.1:65536"),
                              ("--api", "::1:80"), ("--metrics", "127.0.0.1:"),
                              ("--agents", "127.0.0.1"),
                              ("--workers", "0"), ("--workers", "65"), ("--workers", "2x")):
            with self.subTest(option=option, value=value):
                status, out, err = self.run_to_end(option, value)
                self.assertEqual((status, out), (2, ""))
                self.assertRegex(err, rf"coderd: {option}: expected .*, saw '{value}'")

    def test_a_wrong_license_file_names_file_field_expectation_and_value(self):
        cases = [
            ("{", "line 1, column"),
            ("[]", "expected a JSON object, saw []"),
            (json.dumps({**LICENSE, "user_limit": 0}),
             "user_limit: expected a whole number from 1"),
            (json.dumps({**LICENSE, "user_limit": "9"}), 'saw "9"'),
            (json.dumps({**LICENSE, "expires_at": "2026-02-30T00:00:00Z"}),
             "expires_at: expected a time in UTC"),
            (json.dumps({**LICENSE, "expires_at": "2025-01-01T00:00:00Z"}),
             "expires_at: expected a time after issued_at"),
            (json.dumps({**LICENSE, "users": 5}), "users: no such field"),
            (json.dumps({"issued_at": LICENSE["issued_at"]}),
             "expires_at: expected a string, saw no such field"),
        ]
        for text, message in cases:
            with self.subTest(text):
                arguments = self.license_file(text)
                status, out, err = self.run_to_end("--api", "127.0.0.1:0", *arguments)
                self.assertEqual((status, out), (1, ""))
                self.assertIn(f"coderd: --license: {arguments[1]}: ", err)
                self.assertIn(message, err)
        status, _, err = self.run_to_end("--license", str(self.folder / "none"))
        self.assertEqual(status, 1)
        self.assertIn("No such file", err)


class End(CoderdCase):
    def test_a_signal_ends_it_with_status_0_and_leaves_no_file(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            with self.subTest(number):
                api = self.start_api()
                user = api.create_user("ada")
                api.build(api.create_workspace(user, "dev"), "start")
                self.assertNotEqual(os.listdir(self.folder / "tmp"), [])
                self.service.signal(number)
                self.assertEqual(self.service.wait(), 0)
                self.assertEqual(os.listdir(self.folder / "tmp"), [])
                with self.assertRaises(OSError):
                    client.fetch(self.service.api + "/healthz")

    def test_it_does_not_wait_for_idle_connections_and_closes_websockets(self):
        api = self.start_api()
        workspace = api.create_workspace(api.create_user("ada"), "dev")
        parts = urllib.parse.urlsplit(api.url)
        idle = http.client.HTTPConnection(parts.hostname, parts.port, timeout=30)
        with contextlib.closing(idle), api.watch(workspace) as next_message:
            idle.request("GET", "/healthz")
            idle.getresponse().read()
            self.assertEqual(next_message()["id"], workspace["id"])
            begin = time.monotonic()
            self.service.signal(signal.SIGTERM)
            self.assertIsNone(next_message())
            idle.sock.close()
        self.assertEqual(self.service.wait(), 0)
        self.assertLess(time.monotonic() - begin, 4)

    def test_a_build_that_runs_is_finished(self):
        api = self.start_api("--workers", "1")
        workspace = api.create_workspace(api.create_user("ada"), "dev", size_kib=65536)
        api.call(201, "POST", Api.BUILDS, workspace["id"], {"transition": "start"})
        self.service.signal(signal.SIGTERM)
        self.assertEqual(self.service.wait(60), 0)
        self.assertEqual(os.listdir(self.folder / "tmp"), [])


class Users(CoderdCase):
    def test_are_created_listed_suspended_activated_and_deleted(self):
        api = self.start_api()
        ada = api.create_user("ada")
        self.assertEqual((ada["username"], ada["status"]), ("ada", "active"))
        grace = api.create_user("grace")
        self.assertEqual(api.call(200, "GET", Api.USERS), {"users": [ada, grace]})
        self.assertEqual(api.call(200, "PUT", Api.SUSPEND, ada["id"])["status"], "dormant")
        self.assertEqual(api.call(200, "GET", Api.USER, ada["id"])["status"], "dormant")
        self.assertEqual(api.call(200, "PUT", Api.ACTIVATE, ada["id"])["status"], "active")
        api.call(200, "DELETE", Api.USER, ada["id"])
        self.assertIn("no user", api.call(404, "GET", Api.USER, ada["id"])["message"])
        refused = api.call(409, "POST", Api.USERS, body={"username": "grace"})
        self.assertIn("taken", refused["message"])

    def test_who_own_workspaces_stay(self):
        api = self.start_api()
        ada = api.create_user("ada")
        workspace = api.create_workspace(ada, "dev")
        api.call(409, "DELETE", Api.USER, ada["id"])
        api.wait_for_build(api.call(201, "DELETE", Api.WORKSPACE, workspace["id"]))
        api.call(200, "DELETE", Api.USER, ada["id"])

    def test_past_the_evaluation_license_are_forbidden(self):
        api = self.start_api()
        users = [api.create_user(f"user-{number}") for number in range(25)]
        refused = api.call(403, "POST", Api.USERS, body={"username": "one-more"})
        self.assertIn("25 active users", refused["message"])
        api.call(200, "PUT", Api.SUSPEND, users[0]["id"])
        api.create_user("one-more")
        api.call(403, "PUT", Api.ACTIVATE, users[0]["id"])
        api.call(200, "DELETE", Api.USER, users[1]["id"])
        api.call(200, "PUT", Api.ACTIVATE, users[0]["id"])

    def test_past_a_license_file_or_after_it_are_forbidden(self):
        api = self.start_api(*self.license_file(json.dumps(LICENSE)))
        api.create_user("ada")
        api.create_user("grace")
        self.assertIn("allows 2 active users",
                      api.call(403, "POST", Api.USERS, body={"username": "edsger"})["message"])
        expired = {**LICENSE, "expires_at": "2026-01-02T00:00:00Z"}
        api = self.start_api(*self.license_file(json.dumps(expired)))
        self.assertIn("expired at 2026-01-02",
                      api.call(403, "POST", Api.USERS, body={"username": "ada"})["message"])

    def test_wrong_bodies_are_answered_with_what_is_wrong(self):
        api = self.start_api()
        for body, message in ((None, "line 1, column 1: expected one JSON object"),
                              ([], "expected a JSON object, saw []"),
                              ({}, "username: expected a string, saw no such field"),
                              ({"username": 7}, "username: expected a string, saw 7"),
                              ({"username": "Ada"}, "saw 'Ada'"),
                              ({"username": "-a"}, "saw '-a'"),
                              ({"username": "a" * 33}, "expected 1 to 32 of"),
                              ({"username": "a", "email": "b"}, "email: no such field")):
            with self.subTest(body):
                self.assertIn(message, api.call(400, "POST", Api.USERS, body=body)["message"])


class Workspaces(CoderdCase):
    def test_live_through_builds(self):
        api = self.start_api()
        workspace = api.create_workspace(api.create_user("ada"), "dev", size_kib=100)
        self.assertEqual((workspace["status"], workspace["latest_build_id"]), ("stopped", None))
        started = api.build(workspace, "start")
        self.assertEqual(started["status"], "succeeded")
        self.assertEqual(started["files"], 2 + 13)  # the template's, and 100 KiB in parts of 8
        self.assertGreater(started["bytes"], 100 * 1024)
        self.assertEqual(api.call(200, "GET", Api.WORKSPACE, workspace["id"])["status"], "running")
        stopped = api.build(workspace, "stop")
        restored = api.build(workspace, "start")
        for other in (stopped, restored):
            self.assertEqual((other["files"], other["bytes"]), (started["files"], started["bytes"]))
        builds = api.call(200, "GET", Api.BUILDS, workspace["id"])["builds"]
        self.assertEqual([one["transition"] for one in builds], ["start", "stop", "start"])
        removed = api.build(workspace, "delete")
        self.assertEqual(removed["bytes"], started["bytes"])
        api.call(404, "GET", Api.WORKSPACE, workspace["id"])
        self.assertEqual(api.call(200, "GET", Api.WORKSPACES), {"workspaces": []})

    def test_builds_fail_with_the_reason(self):
        api = self.start_api()
        ada = api.create_user("ada")
        odd = api.create_workspace(ada, "odd", "nix")
        self.assertIn("saw 'nix'", api.build(odd, "start")["error"])
        self.assertEqual(api.call(200, "GET", Api.WORKSPACE, odd["id"])["status"], "failed")
        bare = api.create_workspace(ada, "bare", "kubernetes")
        self.assertIn("deployment.yaml:4: the variable 'namespace' is not defined",
                      api.build(bare, "start")["error"])
        full = api.create_workspace(ada, "full", "kubernetes", variables={"namespace": "x"})
        self.assertEqual(api.build(full, "start")["status"], "succeeded")
        self.assertIn("nothing to stop", api.build(odd, "stop")["error"])

    def test_have_one_build_at_a_time(self):
        api = self.start_api()
        workspace = api.create_workspace(api.create_user("ada"), "dev", size_kib=65536)
        begun = api.call(201, "POST", Api.BUILDS, workspace["id"], {"transition": "start"})
        refused = api.call(409, "POST", Api.BUILDS, workspace["id"], {"transition": "stop"})
        self.assertIn(begun["id"], refused["message"])
        self.assertEqual(api.wait_for_build(begun)["status"], "succeeded")

    def test_wrong_requests_are_answered_with_what_is_wrong(self):
        api = self.start_api()
        ada = api.create_user("ada")
        good = {"name": "dev", "owner_id": ada["id"], "template": "docker"}
        for change, status, message in (
                ({"owner_id": "user-999999"}, 404, "no user 'user-999999'"),
                ({"size_kib": 65537}, 400, "expected a whole number from 1 to 65536, saw 65537"),
                ({"variables": {"a": 1}}, 400, "variables.a: expected a string, saw 1"),
                ({"name": "../up"}, 400, "saw '../up'")):
            with self.subTest(change):
                answer = api.call(status, "POST", Api.WORKSPACES, body={**good, **change})
                self.assertIn(message, answer["message"])
        workspace = api.call(201, "POST", Api.WORKSPACES, body=good)
        api.call(409, "POST", Api.WORKSPACES, body=good)
        answer = api.call(400, "POST", Api.BUILDS, workspace["id"], {"transition": "reboot"})
        self.assertIn('expected "start", "stop" or "delete", saw "reboot"', answer["message"])
        api.call(404, "GET", Api.BUILD, "build-999999")
        api.call(200, "PUT", Api.SUSPEND, ada["id"])
        self.assertIn("dormant", api.call(409, "POST", Api.WORKSPACES, body=good)["message"])

    def test_a_watch_sees_every_change_and_ends_with_the_workspace(self):
        api = self.start_api()
        workspace = api.create_workspace(api.create_user("ada"), "dev")
        with api.watch(workspace) as next_message:
            self.assertIsNone(next_message()["build"])
            api.build(workspace, "start")
            api.build(workspace, "delete")
            seen = [next_message() for _ in range(6)]
            self.assertIsNone(next_message())
        self.assertEqual(
            [(one["status"], one["build"]["transition"], one["build"]["status"]) for one in seen],
            [("stopped", "start", "pending"), ("stopped", "start", "running"),
             ("running", "start", "succeeded"), ("running", "delete", "pending"),
             ("running", "delete", "running"), ("deleted", "delete", "succeeded")])

    def test_a_watch_needs_a_workspace_and_a_handshake(self):
        api = self.start_api()
        with self.assertRaisesRegex(Failed, "saw 404"):
            with api.watch({"id": "workspace-999999"}):
                pass
        workspace = api.create_workspace(api.create_user("ada"), "dev")
        self.assertIn("handshake", api.call(426, "GET", Api.WATCH, workspace["id"])["message"])


if __name__ == "__main__":
    unittest.main()
