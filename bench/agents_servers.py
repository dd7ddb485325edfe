"""The servers that agents' pushes are measured with, each on free loopback ports: ours, and its
rivals, which are Debian's. Each has `scrape_port`, `push_port`, `pid`, and `to(workspace, body)`,
the request of a push.
"""

import contextlib
import http.client
import pathlib
import re
import socket
import sys

import agents_work

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "src/coderd"))
from client import Failed, Process, wait_until  # noqa: E402  (found through the path above)


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as free:
        return free.getsockname()[1]


class Server(Process):
    """A running server; its readiness has been seen at a path of its scrape port."""

    def __init__(self, arguments, folder, name, ready):
        super().__init__(arguments, folder, name)
        try:
            self.find_ports()
            wait_until(f"{name} to be ready", lambda: self.is_ready(ready))
        except BaseException:
            self.stop()
            raise

    def find_ports(self):
        """Sets them, where they were not known before the start."""

    def is_ready(self, path):
        self.require_alive()
        with contextlib.suppress(OSError):
            return self.get(path)[0] == 200

    def get(self, path):
        """Status and body, on a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.scrape_port, timeout=60)
        with contextlib.closing(connection):
            connection.request("GET", path)
            response = connection.getresponse()
            return response.status, response.read()

    def samples(self):
        """How many series of agents a scrape has."""
        status, body = self.get("/metrics")
        if status != 200:
            raise Failed(f"{self.name}: expected a scrape, saw status {status}")
        return body.count(b"\n" + self.exposed_as)

    def require_samples(self, count):
        if (seen := self.samples()) != count:
            raise Failed(f"{self.name}: expected {count} pushed series, saw {seen}")

    def rss_bytes(self):
        status = pathlib.Path(f"/proc/{self.pid}/status").read_text(encoding="ascii")
        return int(re.search(r"^VmRSS:\s+(\d+) kB$", status, re.MULTILINE)[1]) * 1024


class Stele(Server):
    to = staticmethod(agents_work.to_stele)
    exposed_as = b"coderd_workspace_agent_"

    def __init__(self, program, folder, tokens):
        super().__init__([program, tokens], folder, "agents_server", "/metrics")

    def find_ports(self):
        lines = [self.read_line().split(" ") for _ in range(2)]
        if [line[0] for line in lines] != ["metrics", "agents"]:
            raise Failed(f"{self.name}: expected its ports, saw {lines}: {self.errors()}")
        self.scrape_port, self.push_port = (int(line[1]) for line in lines)


class Pushgateway(Server):
    """In memory alone, and without its check, which reads all that is there at each push."""

    to = staticmethod(agents_work.to_pushgateway)
    exposed_as = b"agent_"

    def __init__(self, folder):
        self.scrape_port = self.push_port = free_port()
        super().__init__(
            ["prometheus-pushgateway", f"--web.listen-address=127.0.0.1:{self.push_port}",
             "--push.disable-consistency-check", "--persistence.file=", "--log.level=error"],
            folder, "pushgateway", "/metrics")


class VictoriaMetrics(Server):
    to = staticmethod(agents_work.to_victoria_metrics)

    def __init__(self, folder):
        self.scrape_port = self.push_port = free_port()
        super().__init__(
            ["victoria-metrics", f"-httpListenAddr=127.0.0.1:{self.push_port}",
             f"-storageDataPath={folder}/victoria", "-loggerLevel=WARN",
             "-search.maxSeries=1000000"],
            folder, "victoria-metrics", "/health")

    def require_samples(self, count):
        """Asks for what has been stored, which is visible some seconds later."""
        def stored():
            self.require_alive()
            status, body = self.get('/api/v1/series?match[]={__name__=~"agent_.%2B"}')
            seen = body.count(b'"__name__"')
            return status == 200 and seen == count
        wait_until(f"{self.name} to have {count} pushed series", stored, pause=1)
