#!/usr/bin/python3
"""A workspace's agent connects to another coderd: its series move there. Two coderds, and a real
Prometheus that scrapes both."""

import contextlib
import signal
import socket
import threading
import time
import unittest
import urllib.parse

from coderd_case import CODERD, CoderdCase  # makes the next ones found
from agents_case import Agents
from client import Coderd, scrape, wait_until
from judge_case import missing
from judge_servers import Prometheus

LACKS = missing("prometheus")
SCRAPE_INTERVAL = 1  # seconds
TTL = 4

PROMETHEUS_CONFIG = """\
global: {{scrape_interval: {interval}s, scrape_timeout: {interval}s}}
scrape_configs:
  - job_name: coderd
    static_configs: [{{targets: {targets}}}]
"""


def free_address():
    with socket.create_server(("127.0.0.1", 0)) as free:
        return f"127.0.0.1:{free.getsockname()[1]}"


class Forwarder:
    """A TCP proxy to one address, which can stop forwarding."""

    def __init__(self, to):
        self._to = to
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"
        self.forwards = True
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client):
        with client, contextlib.suppress(OSError):
            client.settimeout(10)
            if not self.forwards:
                time.sleep(0.2)  # and says nothing
                return
            host, port = self._to.split(":")
            with socket.create_connection((host, int(port)), 10) as server:
                back = threading.Thread(target=self._copy, args=(server, client), daemon=True)
                back.start()
                self._copy(client, server)
                back.join(10)

    @staticmethod
    def _copy(source, to):
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                to.sendall(data)
            to.shutdown(socket.SHUT_WR)

    def close(self):
        self._listener.close()


class Instances(CoderdCase):
    """Two coderds that know each other, and one agent's workspace."""

    CONFIG = f"ttl: {TTL}s\n"

    def setUp(self):
        super().setUp()
        self.agents = Agents(self.folder)
        (self.folder / "peer-tokens").write_text("the-token-of-the-peers\n", encoding="utf-8")
        (self.folder / "agents.yml").write_text(self.CONFIG, encoding="utf-8")
        self.addresses = [free_address(), free_address()]
        self.forwarders = [Forwarder(address) for address in self.addresses]
        self.instances = [self.start_instance(number) for number in range(2)]
        for forwarder in self.forwarders:
            self.addCleanup(forwarder.close)

    def start_instance(self, number):
        folder = self.folder / f"coderd-{number}"
        folder.mkdir(exist_ok=True)
        instance = Coderd(
            CODERD, folder, *self.agents.arguments, "--agents-config", self.folder / "agents.yml",
            "--peer", f"http://{self.forwarders[1 - number].address}", "--peer-tokens",
            self.folder / "peer-tokens", agents=self.addresses[number],
            environment={"TMPDIR": str(folder)})
        self.addCleanup(instance.stop)
        return instance

    def push(self, number, value=1, **fields):
        self.agents.push(self.instances[number].agents, 0, f"cpu_usage_cores {value}\n", **fields)

    def has(self, number):
        """Whether an instance exposes the workspace."""
        page = scrape(self.instances[number].metrics)
        return any("workspace_id" in labels for labels in page.labels.values())

    def wait_until_gone(self, number, wait_max):
        wait_until(f"instance {number} to expose nothing of the workspace",
                   lambda: not self.has(number), wait_max)


class Handover(Instances):
    def test_the_old_instance_drops_it_at_once(self):
        self.push(0)
        self.assertEqual((self.has(0), self.has(1)), (True, False))
        self.push(1)
        self.assertTrue(self.has(1))
        self.wait_until_gone(0, TTL / 2)
        # And back, as often as the agent likes.
        for number in (0, 1, 0):
            self.push(number)
            self.wait_until_gone(1 - number, TTL / 2)
            self.assertTrue(self.has(number))

    def test_an_instance_that_does_not_hear_of_it_shows_it_until_its_time_is_over(self):
        self.push(0)
        self.forwarders[0].forwards = False
        self.push(1)
        began = time.monotonic()
        time.sleep(TTL / 4)
        self.assertTrue(self.has(0))  # nobody could tell it
        self.wait_until_gone(0, TTL)
        self.assertLess(time.monotonic() - began, TTL + 1)
        self.push(1)
        self.assertTrue(self.has(1))

    def test_an_instance_that_stood_still_has_nothing_left(self):
        self.push(0)
        self.instances[0].signal(signal.SIGSTOP)
        try:
            self.push(1)
            time.sleep(TTL + 0.5)
        finally:
            self.instances[0].signal(signal.SIGCONT)
        # Its first answer already: what has expired is not exposed, whenever that is noticed.
        self.assertFalse(self.has(0))
        self.push(1)
        self.assertTrue(self.has(1))

    def test_a_claim_reaches_an_instance_that_stood_still_for_a_moment(self):
        self.push(0)
        self.instances[0].signal(signal.SIGSTOP)
        try:
            self.push(1)
            time.sleep(0.5)
        finally:
            self.instances[0].signal(signal.SIGCONT)
        self.wait_until_gone(0, TTL / 2)

    def test_an_instance_that_was_killed_costs_nothing(self):
        self.push(0)
        self.instances[0].signal(signal.SIGKILL)
        self.instances[0].wait()
        self.push(1)
        self.assertTrue(self.has(1))
        # It starts again, empty, and hears nothing of the past.
        self.instances[0] = self.start_instance(0)
        self.assertFalse(self.has(0))
        self.push(1)
        self.assertEqual((self.has(0), self.has(1)), (False, True))

    def test_a_push_that_began_before_the_move_does_not_bring_it_back(self):
        self.push(0)
        body = b"cpu_usage_cores 7\n"
        where = urllib.parse.urlsplit(self.instances[0].agents)
        with socket.create_connection((where.hostname, where.port), 10) as slow:
            slow.sendall((f"PUT {self.agents.path(0)} HTTP/1.1\r\nHost: x\r\n"
                          f"Authorization: Bearer {self.agents.token(0)}\r\n"
                          f"Content-Length: {len(body)}\r\n\r\n").encode() + body[:5])
            time.sleep(0.3)
            self.push(1)
            self.wait_until_gone(0, TTL / 2)
            slow.sendall(body[5:])
            self.assertIn(b" 409 ", slow.recv(4096).split(b"\r\n")[0] + b" ")
        self.assertEqual((self.has(0), self.has(1)), (False, True))

    def test_a_push_of_an_older_connection_of_the_agent_is_refused(self):
        now = int(time.time() * 1000)
        self.push(0, Stele_Epoch=str(now - 2000))
        self.push(1, Stele_Epoch=str(now - 1000))
        self.wait_until_gone(0, TTL / 2)
        status, text = self.agents.send(self.instances[0].agents, 0, "cpu_usage_cores 7\n",
                                        Stele_Epoch=str(now - 2000))
        self.assertEqual(status, 409, text)
        self.assertEqual((self.has(0), self.has(1)), (False, True))

    def test_delete_takes_it_away(self):
        self.push(0)
        status, _ = self.agents.send(self.instances[0].agents, 0, None, method="DELETE")
        self.assertEqual(status, 202)
        self.assertFalse(self.has(0))


@unittest.skipIf(LACKS, f"not installed: {LACKS}")
class SeenByPrometheus(Instances):
    SUM = 'sum by (workspace_id) (coderd_workspace_cpu_usage_cores)'

    def setUp(self):
        super().setUp()
        targets = [urllib.parse.urlsplit(each.metrics).netloc for each in self.instances]
        self.prometheus = Prometheus(self.folder, config=PROMETHEUS_CONFIG.format(
            interval=SCRAPE_INTERVAL, targets=targets))
        self.addCleanup(self.prometheus.stop)
        self.pushes_to = 0
        self.stop_pushing = threading.Event()
        self.pusher = threading.Thread(target=self.keep_pushing)

    def keep_pushing(self):
        while not self.stop_pushing.wait(0.2):
            self.push(self.pushes_to)

    def shown_by(self):
        """{instance: value} of the workspace at this moment."""
        answer = self.prometheus.get("query", query="coderd_workspace_cpu_usage_cores")["result"]
        for one in answer:
            self.assertEqual(one["metric"]["workspace_id"], self.agents.identities[0][1])
        return {one["metric"]["instance"]: float(one["value"][1]) for one in answer}

    def test_the_instance_changes_and_the_workspace_stays(self):
        targets = [urllib.parse.urlsplit(each.metrics).netloc for each in self.instances]
        self.pusher.start()
        try:
            wait_until("the workspace to be scraped from the first instance",
                       lambda: self.shown_by() == {targets[0]: 1}, pause=0.1)
            time.sleep(2 * SCRAPE_INTERVAL)
            moved = time.time()
            self.pushes_to = 1
            wait_until("the workspace to be scraped from the second instance alone",
                       lambda: self.shown_by() == {targets[1]: 1}, pause=0.1)
            time.sleep(3 * SCRAPE_INTERVAL)
        finally:
            self.stop_pushing.set()
            self.pusher.join()
        step = 0.1
        answer = self.prometheus.get("query_range", query=self.SUM, start=moved - SCRAPE_INTERVAL,
                                     end=time.time() - SCRAPE_INTERVAL, step=step)["result"]
        self.assertEqual(len(answer), 1, answer)  # one workspace_id all the while
        values = [float(value) for _, value in answer[0]["values"]]
        self.assertLessEqual(set(values), {1, 2})
        # "so `sum by (workspace_id)` over instances is doubled for one scrape interval at most"
        self.assertLessEqual(values.count(2) * step, SCRAPE_INTERVAL + 2 * step)
        # The query that is right in any case.
        answer = self.prometheus.get(
            "query_range", query=self.SUM.replace("sum", "max"), start=moved - SCRAPE_INTERVAL,
            end=time.time() - SCRAPE_INTERVAL, step=step)["result"]
        self.assertEqual({float(value) for _, value in answer[0]["values"]}, {1})


if __name__ == "__main__":
    unittest.main()
