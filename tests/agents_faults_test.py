#!/usr/bin/python3
"""What goes wrong with agents, and what coderd makes of it."""

import contextlib
import functools
import os
import signal
import socket
import subprocess
import unittest
import urllib.parse
import zlib

from coderd_case import CODERD, SOURCE_ROOT, CoderdCase  # makes the next ones found
import client
from agents_case import Agents, Threads
from client import Api, Coderd, scrape, wait_until
from judge_case import missing

MIB = 1 << 20
LACKS = missing("wrk")


class AgentsCase(CoderdCase):
    WORKSPACES = 2

    def setUp(self):
        super().setUp()
        self.agents = Agents(self.folder, self.WORKSPACES)
        self.service = self.start(*self.agents.arguments)

    def connect(self):
        where = urllib.parse.urlsplit(self.service.agents)
        connection = socket.create_connection((where.hostname, where.port), 20)
        self.addCleanup(connection.close)
        return connection

    def head(self, number, *fields, method="PUT"):
        lines = [f"{method} {self.agents.path(number)} HTTP/1.1", "Host: x",
                 f"Authorization: Bearer {self.agents.token(number)}", *fields, "", ""]
        return "\r\n".join(lines).encode()

    def pushed(self):
        """{name: value} of all pushed series."""
        page = self.page()
        return {series: page.values[series] for series, labels in page.labels.items()
                if "workspace_id" in labels}

    def value(self, name, number=0, **labels):
        user, workspace = self.agents.identities[number]
        return self.page().value(f"coderd_workspace_{name}", user_id=user, workspace_id=workspace, **labels)

    def rss_mib(self):
        return self.page().value("process_resident_memory_bytes") / MIB

    def stop_cleanly(self, service):
        if service.stop() not in (0, -signal.SIGKILL):
            self.fail(service.errors())


class Faults(AgentsCase):
    def test_an_agent_that_vanishes_in_mid_body_leaves_nothing(self):
        self.agents.push(self.service.agents, 0, "a 1\n")
        for _ in range(50):
            with self.connect() as gone:
                gone.sendall(self.head(0, "Content-Length: 1000") + b"a 7\nb 8\n")
        self.assertEqual(list(self.pushed().values()), [1])
        self.assertEqual(self.page().value("coderd_agent_aggregator_agent_push_backlog"), 0)
        self.agents.push(self.service.agents, 0, "a 2\n")
        self.assertEqual(self.value("a"), 2)

    def test_two_pushes_at_once_are_one_after_the_other(self):
        sent = {1: "".join(f'a{{n="{n}"}} 1\n' for n in range(2000)),
                2: "".join(f'a{{n="{n}"}} 2\n' for n in range(1000, 3000))}

        def push(which):
            for _ in range(10):
                self.agents.push(self.service.agents, 0, sent[which])
        threads = Threads(*(functools.partial(push, which) for which in sent))
        try:
            for _ in range(20):
                values = set(self.pushed().values())
                self.assertLessEqual(len(self.pushed()), 3000)
                self.assertLessEqual(values, {1, 2})
        finally:
            threads.join()
        self.assertEqual(len(self.pushed()), 2000)
        self.assertEqual(len(set(self.pushed().values())), 1)

    def test_a_gigabyte_that_is_announced_is_not_read(self):
        with self.connect() as big:
            big.sendall(self.head(0, f"Content-Length: {1 << 30}"))
            self.assertIn(b" 413 ", big.recv(4096).split(b"\r\n")[0])

    def test_a_gigabyte_that_is_sent_in_chunks_is_cut(self):
        before = self.rss_mib()
        chunk = b"100000\r\n" + b"# " + b"x" * (MIB - 3) + b"\n" + b"\r\n"
        with self.connect() as big:
            big.sendall(self.head(0, "Transfer-Encoding: chunked"))
            sent = 0
            with contextlib.suppress(ConnectionError):
                while sent < 1 << 30:
                    big.sendall(chunk)
                    sent += MIB
            self.assertLess(sent, 64 * MIB)
        self.assertLess(self.rss_mib() - before, 64)
        self.agents.push(self.service.agents, 0, "a 1\n")

    def test_a_small_body_that_unpacks_to_a_gigabyte_is_refused(self):
        packer = zlib.compressobj(9, zlib.DEFLATED, 31)
        bomb = b"".join(packer.compress(b"# " + b" " * (MIB - 3) + b"\n") for _ in range(1024))
        bomb += packer.flush()
        before = self.rss_mib()
        status, text = self.agents.send(self.service.agents, 0, bomb, Content_Encoding="gzip")
        self.assertEqual(status, 413, text)
        self.assertLess(self.rss_mib() - before, 64)

    def test_samples_with_a_time_are_refused_with_their_place(self):
        status, text = self.agents.send(self.service.agents, 0, "a 1\nb 2 1700000000000\n")
        self.assertEqual(status, 400)
        self.assertIn("2:5", text)
        self.assertEqual(self.pushed(), {})

    def test_an_agent_that_starts_anew_counts_from_where_it_says(self):
        text = "# TYPE jobs_total counter\njobs_total {}\n"
        for value in (5, 9, 1, 2):
            self.agents.push(self.service.agents, 0, text.format(value))
            self.assertEqual(self.value("jobs_total"), value)

    def test_a_conflict_costs_one_family_and_never_the_scrape(self):
        self.agents.push(self.service.agents, 0, "# TYPE load gauge\nload 1\n")
        status, text = self.agents.send(
            self.service.agents, 1, "# TYPE load counter\nload 2\n# TYPE other gauge\nother 3\n")
        self.assertEqual(status, 200)
        self.assertIn("load", text)
        self.assertEqual((self.value("load"), self.value("other", 1)), (1, 3))
        # When the last agent with the old type is gone, the new type is free.
        self.agents.send(self.service.agents, 0, None, method="DELETE")
        self.agents.push(self.service.agents, 1,
                         "# TYPE load counter\nload 2\n# TYPE other gauge\nother 3\n")
        self.assertEqual(self.value("load", 1), 2)

    def test_statuses_are_as_is_right(self):
        url = self.service.agents
        user, workspace = self.agents.identities[0]
        path = self.agents.path(0)
        token = {"Authorization": f"Bearer {self.agents.token(0)}"}
        for expected, method, where, headers in (
                (401, "PUT", path, {}),
                (401, "PUT", path, {"Authorization": "Bearer nobody-knows-this-token"}),
                (403, "PUT", self.agents.path(1), token),
                (403, "PUT", "/metrics/job/agent", token),
                (403, "PUT", f"/metrics/job/agent/user_id/{user}", token),
                (404, "PUT", "/metrics/jobs/x", token),
                (404, "GET", "/metrics", token),
                (405, "GET", path, token),
                (415, "PUT", path, {**token, "Content-Encoding": "snappy"}),
                (400, "PUT", path + "/odd", token),
                (400, "PUT", f"/metrics/job@base64/!/user_id/{user}/workspace_id/{workspace}",
                 token)):
            with self.subTest(expected=expected, where=where):
                status, _, text = client.fetch(url + where, method, "a 1\n", headers)
                self.assertEqual(status, expected, text)
                self.assertGreater(len(text), 10)
        self.assertEqual(self.pushed(), {})

    def test_kill_9_and_a_restart_lose_an_interval_at_most(self):
        address = urllib.parse.urlsplit(self.service.agents).netloc
        self.agents.push(self.service.agents, 0, "a 1\n")
        self.service.signal(signal.SIGKILL)
        self.service.wait()
        again = Coderd(CODERD, self.folder, *self.agents.arguments, agents=address,
                       environment={"TMPDIR": str(self.folder / "tmp")})
        self.addCleanup(again.stop)
        self.service = again
        self.assertEqual(self.pushed(), {})
        self.agents.push(again.agents, 0, "a 2\n")  # as it does each interval
        self.assertEqual(self.value("a"), 2)


class OwnTokens(CoderdCase):
    """The tokens that coderd gives its workspaces' agents where no file of tokens is named."""

    def push(self, workspace, token, text="a 1\n"):
        path = f"/metrics/job/agent/user_id/{workspace['owner_id']}/workspace_id/{workspace['id']}"
        status, _, _ = client.fetch(self.service.agents + path, "PUT", text,
                                    {"Authorization": f"Bearer {token}"})
        return status

    def shown(self):
        """The workspaces of all pushed series."""
        return {labels["workspace_id"] for labels in self.page().labels.values()
                if "workspace_id" in labels}

    def test_a_workspace_pushes_with_its_token_until_it_is_deleted(self):
        api = self.start_api()
        ada = api.create_user("ada")
        one, other = (api.create_workspace(ada, name) for name in ("dev", "test"))
        token = one["agent_token"]
        self.assertNotIn("agent_token", api.call(200, "GET", Api.WORKSPACE, one["id"]))
        self.assertEqual(self.push(one, token), 200)
        self.assertEqual(self.push(other, other["agent_token"]), 200)
        self.assertEqual(self.shown(), {one["id"], other["id"]})
        self.assertEqual(self.push(other, token), 403)  # it is another's
        for wrong in (token[:-1], token + "0", one["id"], one["id"] + ".", "",
                      token[:-1] + ("0" if token[-1] != "0" else "1"),
                      token.replace(one["id"], other["id"])):
            with self.subTest(wrong):
                self.assertEqual(self.push(one, wrong), 401)
        api.wait_for_build(api.call(201, "DELETE", Api.WORKSPACE, one["id"]))
        # "its series go at once", long before their time to live is over.
        wait_until("the deleted workspace's series to go", lambda: self.shown() == {other["id"]}, 5)
        self.assertEqual(self.push(one, token), 401)
        self.assertEqual(self.push(other, other["agent_token"]), 200)
        self.assertEqual(self.shown(), {other["id"]})


@unittest.skipIf(LACKS, f"not installed: {LACKS}")
class Storm(AgentsCase):
    """All agents connect anew at once. The client is wrk: one in Python takes longer than coderd.
    A sanitized coderd is slower by some ten times."""

    WORKSPACES = 1_000 if os.environ.get("STELE_SANITIZED") == "true" else 10_000
    SERIES = 10
    SECONDS = 10

    def requests(self):
        """Each ends its connection; the file is as bench/agents.lua has it."""
        body = "".join(f"metric_{n} {n}\n" for n in range(self.SERIES)).encode()
        path = self.folder / "requests"
        with open(path, "wb") as file:
            for number in range(self.WORKSPACES):
                head = self.head(number, f"Content-Length: {len(body)}", "Connection: close")
                file.write(b"%d\n%b" % (len(head) + len(body), head + body))
        return path

    def test_ten_thousand_connections_in_ten_seconds_are_all_served(self):
        said = []

        def storm():
            done = subprocess.run(
                ["wrk", "--threads", "1", "--connections", "64", "--duration", f"{self.SECONDS}s",
                 "--timeout", "30s", "--script", SOURCE_ROOT / "bench/agents.lua",
                 self.service.agents, "--", self.requests()],
                check=False, capture_output=True, text=True, timeout=60)
            self.assertEqual(done.returncode, 0, done.stderr)
            said.extend(done.stdout.splitlines())
        threads = Threads(storm)
        scrapes = 0
        try:
            while threads.are_alive():
                scrape(self.service.metrics)
                scrapes += 1
        finally:
            threads.join()
        _, pushes, _, failed = said[-1].split(" ")
        print(f"{pushes} connections with a push each in {self.SECONDS} s, "
              f"{scrapes} scrapes meanwhile")
        self.assertEqual(int(failed), 0, said)
        self.assertGreaterEqual(int(pushes), self.WORKSPACES)
        self.assertGreater(scrapes, 0)
        page = self.page()
        self.assertEqual(page.value("coderd_agent_aggregator_workspace_count_total"),
                         self.WORKSPACES)
        self.assertEqual(page.value("coderd_agent_aggregator_count_total"),
                         self.SERIES * self.WORKSPACES)


if __name__ == "__main__":
    unittest.main()
