"""A client of coderd, for the demo and the end-to-end tests: runs the service, calls its API,
watches a workspace, and reads its metrics page and the table behind it. Standard library only.

Everything is bounded in time and stays on the loopback interface.
"""

import base64
import collections
import contextlib
import ctypes
import http.client
import json
import os
import pathlib
import re
import signal
import socket
import struct
import subprocess
import threading
import time
import urllib.parse

WAIT_MAX = 30  # seconds, for anything that is expected to happen


class Failed(Exception):
    """Something did not happen as it must; the message says what."""


def wait_until(what, condition, wait_max=WAIT_MAX, pause=0.05):
    """The first true value of condition(); Failed when there is none in time."""
    end = time.monotonic() + wait_max
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise Failed(f"expected {what} within {wait_max} s")
        time.sleep(pause)


LIBC = ctypes.CDLL(None)


def end_with_parent():
    """In a child: the kernel ends it when its parent is gone, be it by SIGKILL."""
    set_parent_death_signal = 1
    LIBC.prctl(set_parent_death_signal, signal.SIGKILL)


class Process:
    """A child with its own session, so that a Ctrl-C reaches it through its parent only."""

    def __init__(self, arguments, folder, name, environment=None):
        self.name = name
        self._errors = pathlib.Path(folder) / f"{name}.stderr"
        with open(self._errors, "wb") as errors:
            self._child = subprocess.Popen(
                [str(argument) for argument in arguments], stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE, stderr=errors, start_new_session=True,
                preexec_fn=end_with_parent,
                env={**os.environ, **(environment or {})})
        self.pid = self._child.pid

    def read_line(self):
        """The next line of its stdout, without the line end; empty at the end of the output."""
        timer = threading.Timer(WAIT_MAX, self._child.kill)  # a silent child ends its output
        timer.start()
        try:
            return self._child.stdout.readline().decode().rstrip("\n")
        finally:
            timer.cancel()

    def errors(self):
        return self._errors.read_text(encoding="utf-8", errors="replace")

    def require_alive(self):
        status = self._child.poll()
        if status is not None:
            raise Failed(f"{self.name} ended with status {status}; its stderr:\n{self.errors()}")

    def signal(self, number):
        self._child.send_signal(number)

    def wait(self, wait_max=WAIT_MAX):
        """Its exit status."""
        try:
            return self._child.wait(wait_max)
        except subprocess.TimeoutExpired:
            raise Failed(f"expected {self.name} to end within {wait_max} s") from None

    def stop(self, wait_max=15):
        """SIGTERM, then SIGKILL when that is not enough. Its exit status; idempotent."""
        if self._child.poll() is None:
            self._child.send_signal(signal.SIGTERM)
            try:
                self._child.wait(wait_max)
            except subprocess.TimeoutExpired:
                self._child.kill()
                self._child.wait()
        self._child.stdout.close()
        return self._child.returncode


class Coderd(Process):
    """A running coderd on free ports; `api`, `agents` and `metrics` are its URLs."""

    def __init__(self, program, folder, *arguments, address="127.0.0.1:0", agents=None,
                 environment=None):
        super().__init__([program, "--api", address, "--metrics", address, "--agents",
                          agents or address, *arguments], folder, "coderd", environment)
        try:
            lines = [self.read_line().split(" ") for _ in range(3)]
            if [line[0] for line in lines] != ["metrics", "agents", "api"]:
                self.wait(5)
                self.require_alive()
            self.metrics, self.agents, self.api = (line[1] for line in lines)
        except BaseException:
            self.stop()
            raise


def fetch(url, method="GET", body=None, headers=None, timeout=WAIT_MAX):
    """(status, headers, text) of one request on a connection of its own."""
    parts = urllib.parse.urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=timeout)
    with contextlib.closing(connection):
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        connection.request(method, path, body, headers or {})
        response = connection.getresponse()
        return response.status, response.headers, response.read().decode()


class Api:
    """Calls the API and keeps count of what it sent: `sent[code, method, path pattern]`."""

    USERS = "/api/v2/users"
    USER = "/api/v2/users/{user}"
    SUSPEND = "/api/v2/users/{user}/status/suspend"
    ACTIVATE = "/api/v2/users/{user}/status/activate"
    WORKSPACES = "/api/v2/workspaces"
    WORKSPACE = "/api/v2/workspaces/{workspace}"
    BUILDS = "/api/v2/workspaces/{workspace}/builds"
    BUILD = "/api/v2/workspacebuilds/{build}"
    WATCH = "/api/v2/workspaces/{workspace}/watch"
    UNMATCHED = "unmatched"
    METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}

    def __init__(self, url):
        self.url = url
        self.sent = collections.Counter()
        self._lock = threading.Lock()

    def call(self, expected, method, pattern, name="", body=None, path=None):
        """The decoded answer to a request whose status must be `expected`. `name` stands for the
        pattern's {…}; `path` is for what matches another pattern than it spells."""
        path = path or re.sub(r"\{.*?\}", name, pattern)
        payload = None if body is None else json.dumps(body)
        status, _, text = fetch(self.url + path, method, payload)
        self.count(status, method, pattern)
        if status != expected:
            raise Failed(f"{method} {path}: expected {expected}, saw {status}: {text}")
        return json.loads(text) if text else None

    def count(self, status, method, pattern):
        with self._lock:
            self.sent[str(status), method if method in self.METHODS else "other", pattern] += 1

    def create_user(self, username):
        return self.call(201, "POST", self.USERS, body={"username": username})

    def create_workspace(self, owner, name, template="docker", **fields):
        body = {"name": name, "owner_id": owner["id"], "template": template, **fields}
        return self.call(201, "POST", self.WORKSPACES, body=body)

    def build(self, workspace, transition):
        """Builds and waits for the end: the ended build."""
        begun = self.call(201, "POST", self.BUILDS, workspace["id"], {"transition": transition})
        return self.wait_for_build(begun)

    def wait_for_build(self, begun):
        def ended():
            build = self.call(200, "GET", self.BUILD, begun["id"])
            return build if build["status"] in ("succeeded", "failed") else None
        return wait_until(f"{begun['id']} to end", ended)

    @contextlib.contextmanager
    def watch(self, workspace):
        """An open websocket: a function that returns the next message, None after the close."""
        parts = urllib.parse.urlsplit(self.url)
        with (socket.create_connection((parts.hostname, parts.port), WAIT_MAX) as connection,
              connection.makefile("rb") as stream):
            path = self.WATCH.replace("{workspace}", workspace["id"])
            status = websocket_handshake(connection, stream, parts.netloc, path)
            self.count(status, "GET", self.WATCH)
            if status != 101:
                raise Failed(f"GET {path}: expected 101, saw {status}")
            yield lambda: websocket_message(stream)
            with contextlib.suppress(OSError):  # the service may have closed it already
                connection.sendall(b"\x88\x80" + os.urandom(4))  # an empty, masked close frame
                while stream.read(1):
                    pass


def websocket_handshake(connection, stream, host, path):
    """The status of the answer."""
    key = base64.b64encode(os.urandom(16)).decode()
    connection.sendall(
        f"GET {path} HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode())
    status = int(stream.readline().split()[1])
    while stream.readline() not in (b"\r\n", b""):
        pass
    return status


def websocket_message(stream):
    """The next text message, decoded from JSON; None when the other side closes."""
    while True:
        head = stream.read(2)
        if len(head) < 2:
            return None
        kind, size = head[0] & 0x0F, head[1] & 0x7F
        if size == 126:
            size, = struct.unpack("!H", stream.read(2))
        elif size == 127:
            size, = struct.unpack("!Q", stream.read(8))
        payload = stream.read(size)
        if kind == 8:
            return None
        if kind == 1:
            return json.loads(payload)


class Page:
    """A page in text 0.0.4: `families` {name: (type, help)}, `values` {series: float} where a
    series is written as on the page, and `labels` {series: {name: value}}."""

    SAMPLE = re.compile(r"([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)")
    LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"')

    def __init__(self, text):
        self.families, self.values, self.labels, helps = {}, {}, {}, {}
        for line in text.splitlines():
            if line.startswith("# HELP "):
                name, helps_text = line[len("# HELP "):].split(" ", 1)
                helps[name] = helps_text.replace("\\n", "\n").replace("\\\\", "\\")
            elif line.startswith("# TYPE "):
                name, kind = line[len("# TYPE "):].split(" ")
                self.families[name] = kind, helps.get(name)
            elif match := self.SAMPLE.fullmatch(line):
                series = line[:match.start(3) - 1]
                self.values[series] = float(match[3])
                self.labels[series] = dict(self.LABEL.findall(match[2] or ""))
            else:
                raise Failed(f"expected a line of text 0.0.4, saw '{line}'")

    def value(self, name, **labels):
        """The value of the one series of this name that has these labels; 0 where none has."""
        found = [self.values[series] for series, has in self.labels.items()
                 if series.split("{")[0] == name and labels.items() <= has.items()]
        if len(found) > 1:
            raise Failed(f"expected one series {name} {labels}, saw {len(found)}")
        return found[0] if found else 0

    def counts(self, name, *labels):
        """{the labels' values: value} of every series of this name that is not 0."""
        return {tuple(has[label] for label in labels): self.values[series]
                for series, has in self.labels.items()
                if series.split("{")[0] == name and self.values[series] != 0}


def scrape(url):
    status, headers, text = fetch(url, headers={"Accept": "text/plain;version=0.0.4"})
    if status != 200 or not headers["Content-Type"].startswith("text/plain; version=0.0.4"):
        raise Failed(f"GET {url}: expected text 0.0.4, saw {status} {headers['Content-Type']}")
    return Page(text)


def family_of(sample, families):
    """The family that a sample's name belongs to; None when there is none."""
    for suffix in ("", "_bucket", "_sum", "_count"):
        if sample.endswith(suffix) and sample.removesuffix(suffix) in families:
            return sample.removesuffix(suffix)
    return None


def read_table(path):
    """{name: (type, help)} of the metric table in a Markdown page."""
    rows, heading = {}, None
    for line in pathlib.Path(path).read_text(encoding="utf-8").splitlines():
        if not line.lstrip().startswith("|"):
            heading = None
            continue
        cells = [cell.strip().replace("\\|", "|")
                 for cell in re.split(r"(?<!\\)\|", line.strip().strip("|"))]
        if heading is None:
            heading = [cell.lower() for cell in cells]
        elif not all(re.fullmatch(r":?-+:?", cell) for cell in cells):
            row = dict(zip(heading, cells))
            name = row.get("metric", row.get("name", "")).strip("`").replace("\\_", "_")
            help_text = row.get("description", row.get("help", ""))
            rows[name] = row.get("type", ""), help_text.replace("\\_", "_")
    return rows
