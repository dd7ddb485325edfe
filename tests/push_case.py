"""What the end-to-end tests of stele-push share: a running push_driver, a Pushgateway, and a
stand-in for one that answers as a test says."""

import http.server
import os
import pathlib
import re
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import urllib.error
import urllib.request

DRIVER = os.environ["STELE_PUSH_DRIVER"]
EXAMPLE = os.environ["STELE_AGENT_EXAMPLE"]


def wait_until(what, condition, seconds=30):
    deadline = time.monotonic() + seconds
    while not (seen := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {seconds} s in vain for {what}")
        time.sleep(0.02)
    return seen


class Program:
    """One that answers each line with a line."""

    def __init__(self, *command, **environment):
        # The proxies of this test's own environment are not for it.
        clean = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
        self.process = subprocess.Popen([str(word) for word in command], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                        env={**clean, **environment})
        self.log = []
        self.reader = threading.Thread(target=self._read)
        self.reader.start()

    def _read(self):
        for line in self.process.stderr:
            self.log.append(line)

    def said(self, text):
        return any(text in line for line in list(self.log))

    def line(self):
        return self.process.stdout.readline().rstrip("\n")

    def ask(self, command):
        self.tell(command)
        return self.line()

    def tell(self, command):
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()

    def end(self, seconds=30):
        """Its input ends; the status."""
        if not self.process.stdin.closed:
            self.process.stdin.close()
        try:
            return self.process.wait(timeout=seconds)
        finally:
            self.process.kill()
            self.process.wait()
            self.reader.join()
            self.process.stdout.close()
            self.process.stderr.close()


class StandIn(http.server.ThreadingHTTPServer):
    """Takes whatever is pushed, unless `answers` has another status: (status, fields, body)."""

    daemon_threads = True

    def __init__(self, certificate=None):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked = []  # (method, path, fields, body)
        self.answers = []
        self.scheme = "http"
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(f"{certificate}.crt", f"{certificate}.key")
            self.socket = context.wrap_socket(self.socket, server_side=True)
            self.scheme = "https"
        self.thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02})
        self.thread.start()

    @property
    def url(self):
        return f"{self.scheme}://localhost:{self.server_port}"

    def handle_error(self, request, client_address):
        pass  # a client that goes away, or distrusts the certificate

    def stop(self):
        self.shutdown()
        self.thread.join()
        self.server_close()


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.asked.append((self.command, self.path, dict(self.headers), body))
        answers = self.server.answers
        status, fields, text = answers.pop(0) if answers else (200, {}, b"")
        self.send_response(status)
        for name, value in fields.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    do_PUT = do_POST = do_DELETE = answer


class Pushgateway:
    """Debian's, on a free loopback port, or one that was free."""

    def __init__(self, folder, port=None):
        with socket.create_server(("127.0.0.1", port or 0)) as free:
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        with open(pathlib.Path(folder) / "pushgateway.log", "wb") as log:
            self.process = subprocess.Popen(
                ["prometheus-pushgateway", f"--web.listen-address=127.0.0.1:{self.port}"],
                stdout=log, stderr=log)
        try:
            wait_until("the Pushgateway to be ready", self._is_ready)
        except BaseException:
            self.stop()
            raise

    def _is_ready(self):
        if self.process.poll() is not None:
            raise AssertionError("expected a Pushgateway that runs, saw one that ended")
        try:
            return self.get("/-/ready") is not None
        except OSError:
            return False

    def get(self, path):
        with urllib.request.urlopen(self.url + path, timeout=10) as answer:
            return answer.read().decode()

    def samples(self, job):
        """{(name, labels as sorted pairs): value} of a job's group."""
        found = {}
        for line in self.get("/metrics").splitlines():
            match = re.fullmatch(r"(\w+)\{(.*)\} (\S+)", line)
            if not match:
                continue
            labels = dict(re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', match[2]))
            if labels.pop("job", None) == job:
                del labels["instance"]  # the Pushgateway's own, where there is none
                found[match[1], tuple(sorted(labels.items()))] = float(match[3])
        return found

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=30)


class PushCase(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(cls.enterClassContext(
            tempfile.TemporaryDirectory(prefix="stele-push-")))

    def stand_in(self, certificate=None):
        server = StandIn(certificate)
        self.addCleanup(server.stop)
        return server

    def stand_in_elsewhere(self, certificate=None):
        """(a process that may be stopped and killed, its port)"""
        server = subprocess.Popen([sys.executable, __file__, *([certificate] if certificate else [])],
                                  stdout=subprocess.PIPE, text=True)
        self.addCleanup(lambda: (server.kill(), server.wait(), server.stdout.close()))
        return server, int(server.stdout.readline())

    def run_program(self, *command, **environment):
        program = Program(*command, **environment)
        self.addCleanup(lambda: program.process.poll() is None and program.end())
        return program

    def drive(self, *arguments, **environment):
        """A driver that runs."""
        program = self.run_program(DRIVER, *arguments, **environment)
        self.assertEqual(program.line(), "runs")
        return program

    def once(self, *arguments, **environment):
        """(status, what it said)"""
        program = self.run_program(DRIVER, "once", *arguments, **environment)
        said = program.line()
        return program.end(), said


if __name__ == "__main__":
    print(StandIn(*sys.argv[1:]).server_port, flush=True)
