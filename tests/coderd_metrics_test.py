#!/usr/bin/python3
"""What the reference service exposes is what it was asked to do: exact counts, documented names."""

import json
import socket
import time
import unittest
import urllib.parse

from coderd_case import SOURCE_ROOT, CoderdCase
import client
from client import Api

REQUESTS = "coderd_api_requests_processed_total"
LATENCY = "coderd_api_request_latencies_ms"
DURATION = "coderd_background_workspace_build_duration_s"
JOBS = "coderd_backgroundjob_"

AGGREGATOR = "coderd_agent_aggregator_"

SHOWN_FROM_THE_START = {
    AGGREGATOR + "agent_push_backlog", AGGREGATOR + "collect_backlog",
    AGGREGATOR + "collect_nanoseconds", AGGREGATOR + "count_total", AGGREGATOR + "delete_backlog",
    AGGREGATOR + "workspace_count_total",
    "coderd_api_concurrent_requests", "coderd_api_concurrent_websockets", REQUESTS, LATENCY,
    "coderd_api_websocket_durations_ms", DURATION,
    JOBS + "completed_total", JOBS + "current_enqueued_jobs", JOBS + "enqueue_time_seconds",
    JOBS + "enqueued_total", JOBS + "execution_time_seconds", JOBS + "started_total",
    "coderd_license_expires_at_unix", "coderd_license_issued_at_unix",
    "coderd_license_time_until_expires_days", "coderd_license_user_count",
    "coderd_license_user_limit",
    "process_cpu_seconds_total", "process_max_fds", "process_open_fds",
    "process_resident_memory_bytes", "process_start_time_seconds", "process_virtual_memory_bytes",
    "process_virtual_memory_max_bytes",
    "promhttp_metric_handler_requests_in_flight", "promhttp_metric_handler_requests_total",
}

PATHS = {"/healthz", Api.USERS, Api.USER, Api.SUSPEND, Api.ACTIVATE, Api.WORKSPACES, Api.WORKSPACE,
         Api.BUILDS, Api.BUILD, Api.WATCH, Api.UNMATCHED}


class Names(CoderdCase):
    def test_every_name_is_documented_with_type_and_help(self):
        api = self.start_api()
        api.build(api.create_workspace(api.create_user("ada"), "dev"), "start")
        table = client.read_table(SOURCE_ROOT / "docs/coderd.md")
        page = self.page()
        for name, (kind, help_text) in page.families.items():
            with self.subTest(name):
                self.assertEqual((kind, help_text), table.get(name))
        for series in page.values:
            self.assertIsNotNone(client.family_of(series.split("{")[0], page.families), series)

    def test_what_the_service_does_is_shown_before_it_is_done(self):
        self.start_api()
        families = set(self.page().families)
        open_labels = {REQUESTS, LATENCY, "coderd_api_websocket_durations_ms",
                       *(name for name in SHOWN_FROM_THE_START if name.startswith(JOBS))}
        # A family whose series are not known yet may be absent until it has one.
        self.assertLessEqual(SHOWN_FROM_THE_START - open_labels, families)
        self.assertLessEqual(families, SHOWN_FROM_THE_START)

    def test_after_some_work_every_row_of_the_service_is_shown_and_no_other(self):
        api = self.start_api()
        workspace = api.create_workspace(api.create_user("ada"), "dev")
        api.build(workspace, "start")
        with api.watch(workspace) as next_message:
            next_message()
        self.wait_for_value(0, "coderd_api_concurrent_websockets")
        self.assertEqual(set(self.page().families), SHOWN_FROM_THE_START)


class Requests(CoderdCase):
    def test_are_counted_once_each_by_code_method_and_pattern(self):
        api = self.start_api()
        users = [api.create_user(f"user-{number}") for number in range(3)]
        for user in users * 4:
            api.call(200, "GET", Api.USER, user["id"])
            api.call(200, "HEAD", Api.USER, user["id"])
        api.call(409, "POST", Api.USERS, body={"username": "user-0"})
        api.call(405, "PATCH", Api.USERS)
        api.call(200, "OPTIONS", Api.WORKSPACES)
        workspace = api.create_workspace(users[0], "dev")
        api.build(workspace, "start")
        with api.watch(workspace) as next_message:
            next_message()
        api.call(426, "GET", Api.WATCH, workspace["id"])

        page = self.page()
        self.assertEqual(page.counts(REQUESTS, "code", "method", "path"), dict(api.sent))
        timed = {}
        for (code, method, path), count in api.sent.items():
            if code != "101":
                timed[method, path] = timed.get((method, path), 0) + count
        self.assertEqual(page.counts(LATENCY + "_count", "method", "path"), timed)
        for key, count in timed.items():
            labels = dict(zip(("method", "path"), key))
            self.assertEqual(page.value(LATENCY + "_bucket", le="+Inf", **labels), count)
            self.assertGreater(page.value(LATENCY + "_sum", **labels), 0)

    def test_cannot_make_series_through_paths_and_methods(self):
        api = self.start_api()
        for number in range(50):
            api.call(404, "GET", Api.UNMATCHED, path=f"/{number}/{{user}}")
            api.call(404, "GET", Api.USER, f"id-{number}")
            api.call(404, f"VERB{number}", Api.UNMATCHED, path=f"/?{number}")
            api.call(405, f"VERB{number}", Api.USERS)
        page = self.page()
        self.assertEqual(page.counts(REQUESTS, "code", "method", "path"), {
            ("404", "GET", Api.UNMATCHED): 50, ("404", "GET", Api.USER): 50,
            ("404", "other", Api.UNMATCHED): 50, ("405", "other", Api.USERS): 50})
        paths = {labels["path"] for labels in page.labels.values() if "path" in labels}
        self.assertLessEqual(paths, PATHS)

    def test_that_are_refused_early_are_counted_too(self):
        api = self.start_api()
        parts = urllib.parse.urlsplit(api.url)
        for sent in (b"nonsense\r\n\r\n",
                     b"POST /api/v2/users HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n"):
            with socket.create_connection((parts.hostname, parts.port), 30) as connection:
                connection.sendall(sent)
                connection.shutdown(socket.SHUT_WR)
                connection.makefile("rb").read()
        self.assertEqual(self.page().counts(REQUESTS, "code", "method", "path"), {
            ("400", "other", Api.UNMATCHED): 1, ("413", "POST", Api.USERS): 1})

    def test_are_in_flight_until_their_answer_is_written(self):
        api = self.start_api()
        user = api.create_user("ada")
        large = {"text": "x" * 60000}
        for number in range(300):  # the list of them is more than the sockets' buffers hold
            api.create_workspace(user, f"dev-{number}", variables=large)
        self.wait_for_value(0, "coderd_api_concurrent_requests")
        parts = urllib.parse.urlsplit(api.url)
        with socket.create_connection((parts.hostname, parts.port), 30) as reader:
            reader.sendall(b"GET /api/v2/workspaces HTTP/1.1\r\nConnection: close\r\n\r\n")
            self.wait_for_value(1, REQUESTS, method="GET", path=Api.WORKSPACES)
            self.assertEqual(self.page().value("coderd_api_concurrent_requests"), 1)
            self.assertGreater(len(reader.makefile("rb").read()), 300 * 60000)
        self.wait_for_value(0, "coderd_api_concurrent_requests")


class Websockets(CoderdCase):
    def test_are_counted_while_open_and_timed_when_closed(self):
        api = self.start_api()
        workspace = api.create_workspace(api.create_user("ada"), "dev")
        begin = time.monotonic()
        with api.watch(workspace) as first, api.watch(workspace) as second:
            first(), second()
            page = self.page()
            self.assertEqual(page.value("coderd_api_concurrent_websockets"), 2)
            self.assertEqual(page.value("coderd_api_concurrent_requests"), 0)
            self.assertEqual(page.value("coderd_api_websocket_durations_ms_count"), 0)
            self.assertEqual(page.value(REQUESTS, code="101", method="GET", path=Api.WATCH), 2)
        self.wait_for_value(0, "coderd_api_concurrent_websockets")
        page = self.page()
        took = (time.monotonic() - begin) * 1000
        self.assertEqual(page.value("coderd_api_websocket_durations_ms_count", path=Api.WATCH), 2)
        total = page.value("coderd_api_websocket_durations_ms_sum", path=Api.WATCH)
        self.assertTrue(0 < total <= 2 * took, total)


class Jobs(CoderdCase):
    def test_are_counted_through_their_life(self):
        api = self.start_api()
        ada = api.create_user("ada")
        workspaces = [api.create_workspace(ada, f"dev-{number}") for number in range(4)]
        for workspace in workspaces:
            api.build(workspace, "start")
        for workspace in workspaces[:2]:
            api.build(workspace, "stop")
        api.build(workspaces[0], "delete")
        api.build(api.create_workspace(ada, "odd", "none"), "start")

        page = self.page()
        self.assertEqual(page.counts(DURATION + "_count", "workspace_transition", "status"),
                         {("start", "success"): 4, ("start", "failed"): 1, ("stop", "success"): 2,
                          ("delete", "success"): 1})
        kind = {"job_type": "workspace_build"}
        for row in ("enqueued_total", "started_total", "completed_total",
                    "enqueue_time_seconds_count", "execution_time_seconds_count"):
            self.assertEqual(page.counts(JOBS + row, "job_type"), {("workspace_build",): 8}, row)
        self.assertEqual(page.value(JOBS + "current_enqueued_jobs", **kind), 0)
        # A build is most of its job.
        built = sum(page.counts(DURATION + "_sum", "workspace_transition", "status").values())
        ran = page.value(JOBS + "execution_time_seconds_sum", **kind)
        self.assertTrue(0 < built <= ran, (built, ran))

    def test_that_wait_are_shown_as_waiting(self):
        api = self.start_api("--workers", "1")
        ada = api.create_user("ada")
        begun = []
        for number in range(4):
            workspace = api.create_workspace(ada, f"dev-{number}", size_kib=32768)
            begun.append(api.call(201, "POST", Api.BUILDS, workspace["id"],
                                  {"transition": "start"}))
        page = self.page()
        waiting = page.value(JOBS + "current_enqueued_jobs")
        self.assertEqual(waiting, 4 - page.value(JOBS + "started_total"))
        self.assertGreater(waiting, 0)
        for build in begun:
            self.assertEqual(api.wait_for_build(build)["status"], "succeeded")
        page = self.page()
        self.assertEqual(page.value(JOBS + "current_enqueued_jobs"), 0)
        # The last one has waited for three builds of the one worker.
        self.assertGreater(page.value(JOBS + "enqueue_time_seconds_sum"),
                           page.value(JOBS + "execution_time_seconds_sum") / 2)


class License(CoderdCase):
    def test_is_shown(self):
        api = self.start_api(*self.license_file(json.dumps(
            {"issued_at": "2026-01-01T00:00:00Z", "expires_at": "2999-01-01T00:00:00Z",
             "user_limit": 7})))
        users = [api.create_user(name) for name in ("ada", "grace", "edsger")]
        api.call(200, "PUT", Api.SUSPEND, users[0]["id"])
        api.call(200, "DELETE", Api.USER, users[1]["id"])
        page = self.page()
        expires = 32472144000
        self.assertEqual(page.value("coderd_license_issued_at_unix"), 1767225600)
        self.assertEqual(page.value("coderd_license_expires_at_unix"), expires)
        self.assertEqual(page.value("coderd_license_user_limit"), 7)
        self.assertEqual(page.value("coderd_license_user_count"), 1)
        self.assertAlmostEqual(page.value("coderd_license_time_until_expires_days"),
                               (expires - time.time()) / 86400, delta=0.01)

    def test_without_a_file_lasts_30_days_for_25_users(self):
        self.start_api()
        page = self.page()
        self.assertEqual(page.value("coderd_license_user_limit"), 25)
        self.assertAlmostEqual(page.value("coderd_license_issued_at_unix"), time.time(), delta=30)
        self.assertEqual(page.value("coderd_license_expires_at_unix")
                         - page.value("coderd_license_issued_at_unix"), 30 * 86400)
        self.assertAlmostEqual(page.value("coderd_license_time_until_expires_days"), 30, delta=0.01)


if __name__ == "__main__":
    unittest.main()
