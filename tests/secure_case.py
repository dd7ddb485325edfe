"""What the end-to-end tests of stele-secure share: certificates, and a running example."""

import os
import pathlib
import subprocess
import tempfile
import threading
import time
import unittest

EXAMPLE = os.environ["STELE_SECURE_EXAMPLE"]

# Of the password "secret", at cost 4, which keeps the tests quick.
HASH = "$2b$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW"


def run(*command, status=0, **options):
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, **options)
    if status is not None and done.returncode != status:
        raise AssertionError(f"{' '.join(map(str, command))}: {done.returncode}\n"
                             f"{done.stdout}{done.stderr}")
    return done


def wait_until(what, condition, seconds=30):
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {seconds} s in vain for {what}")
        time.sleep(0.05)


class Example:
    """A running docs/examples/secure.cpp."""

    def __init__(self, *arguments):
        self.process = subprocess.Popen([EXAMPLE, *map(str, arguments)], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.log = []
        self.reader = threading.Thread(target=self._read)
        self.reader.start()
        line = self.process.stdout.readline()
        if not line.startswith("port "):
            self.stop()
            raise AssertionError("expected it to serve, saw " + "".join(self.log))
        self.port = int(line.split()[1])

    def _read(self):
        for line in self.process.stderr:
            self.log.append(line)

    def said(self, text):
        return any(text in line for line in list(self.log))

    def stop(self):
        self.process.stdin.close()
        status = self.process.wait(timeout=30)
        self.reader.join()
        self.process.stdout.close()
        self.process.stderr.close()
        return status


class SecureCase(unittest.TestCase):
    """self.folder has ca.crt, and server.crt, client.crt, other.crt of that CA, with their keys."""

    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(cls.enterClassContext(
            tempfile.TemporaryDirectory(prefix="stele-secure-")))
        cls.make("ca", "/CN=test CA", "basicConstraints=critical,CA:TRUE")
        cls.make("server", "/CN=server", "subjectAltName=DNS:localhost,IP:127.0.0.1", signed=True)
        cls.make("client", "/CN=client", "subjectAltName=DNS:scraper.example", signed=True)
        cls.make("other", "/CN=other", "subjectAltName=DNS:other.example", signed=True)
        cls.make("stranger", "/CN=stranger", "subjectAltName=DNS:scraper.example")

    @classmethod
    def make(cls, name, subject, extension, signed=False):
        sign = ["-CA", f"{cls.folder}/ca.crt", "-CAkey", f"{cls.folder}/ca.key"] if signed else []
        run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
            "-nodes", "-days", "2", "-subj", subject, "-addext", extension, *sign,
            "-keyout", f"{cls.folder}/{name}.key", "-out", f"{cls.folder}/{name}.crt")

    def write(self, name, text):
        path = self.folder / name
        path.write_text(text, encoding="utf-8", newline="")
        return path

    def start(self, *arguments):
        example = Example(*arguments)
        self.addCleanup(self.stop_cleanly, example)
        return example

    def stop_cleanly(self, example):
        if example.process.poll() is None:
            self.assertEqual(example.stop(), 0, "".join(example.log))

    def curl(self, example, *arguments, scheme="https", path="/metrics"):
        """(curl's status, HTTP's, what came). A status of 000 is no answer."""
        done = run("curl", "-sS", "--max-time", "20", "--noproxy", "*", "-w", "\n%{http_code}",
                   *map(str, arguments), f"{scheme}://localhost:{example.port}{path}",
                   "--resolve", f"localhost:{example.port}:127.0.0.1", status=None)
        body, _, code = done.stdout.rpartition("\n")
        return done.returncode, code, body + done.stderr
