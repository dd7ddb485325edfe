#!/usr/bin/python3
"""Clients of the Pushgateway push to coderd, unmodified: Python's, Go's, prometheus-cpp's and curl.
What they pushed is exposed as the workspace's own."""

import os
import pathlib
import shutil
import subprocess
import unittest

from coderd_case import CoderdCase  # makes the next ones found
import client
from agents_case import Agents
from client import scrape
from judge_case import missing

PYTHON = "/usr/bin/python3"
GO_PACKAGES = "/usr/share/gocode"
GO_CACHE = os.environ.get("STELE_GO_CACHE", "")  # for the next run
PUSH_WITH_CPP = os.environ.get("STELE_PUSH_WITH_PROMETHEUS_CPP", "")
SOURCES = pathlib.Path(__file__).resolve().parent / "clients"


class Clients(CoderdCase):
    def setUp(self):
        super().setUp()
        self.agents = Agents(self.folder)
        self.service = self.start(*self.agents.arguments)
        self.user, self.workspace = self.agents.identities[0]
        self.identity = {"user_id": self.user, "workspace_id": self.workspace}

    def run_client(self, *command, **environment):
        done = subprocess.run(
            [str(word) for word in command], capture_output=True, text=True, timeout=280,
            check=False, env={**os.environ, "PUSH_URL": self.service.agents,
                              "PUSH_USER": self.user, "PUSH_WORKSPACE": self.workspace,
                              "PUSH_TOKEN": self.agents.token(0), **environment})
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout

    def value(self, name, **labels):
        return self.page().value(f"coderd_workspace_{name}", **self.identity, **labels)

    def workspace_series(self):
        page = self.page()
        return {series for series, labels in page.labels.items() if "workspace_id" in labels}

    def check_what_every_client_pushes(self):
        self.assertEqual(self.value("cpu_usage_cores", cpu="0"), 0.25)
        self.assertEqual(self.value("cpu_usage_cores", cpu="1"), 1.5)
        self.assertEqual(self.value("jobs_total"), 3)
        for le, count in (("0.5", 1), ("2", 2), ("+Inf", 3)):
            with self.subTest(le=le):
                bucket = next(value for series, value in self.page().values.items()
                              if series.startswith("coderd_workspace_wait_seconds_bucket")
                              and float(self.page().labels[series]["le"]) == float(le))
                self.assertEqual(bucket, count)
        self.assertEqual(self.value("wait_seconds_sum"), 0.25 + 1 + 10)
        self.assertEqual(self.value("wait_seconds_count"), 3)
        for name in ("job", "instance"):
            self.assertNotIn(name, {label for series in self.workspace_series()
                                    for label in self.page().labels[series]})


class Curl(Clients):
    def curl(self, *arguments):
        return self.run_client("curl", "--silent", "--show-error", "--fail-with-body",
                               "--max-time", "20", *arguments)

    def test_pushes_replaces_adds_and_removes(self):
        url = self.service.agents + self.agents.path(0)
        token = ("--header", f"Authorization: Bearer {self.agents.token(0)}")
        self.curl(*token, "--upload-file", self.file("a 1\nb 2\n"), url)
        self.assertEqual((self.value("a"), self.value("b")), (1, 2))
        self.curl(*token, "--data-binary", "@" + self.file("b 3\n"), url)
        self.assertEqual((self.value("a"), self.value("b")), (1, 3))
        # As in the Pushgateway's own README: the body on stdin, in chunks, with Basic's password.
        self.run_client("sh", "-c", 'printf "c 4\\n" | curl --silent --show-error '
                        f'--fail-with-body --max-time 20 -u "any:$PUSH_TOKEN" -T - {url}')
        self.assertEqual({series.split("{")[0] for series in self.workspace_series()},
                         {"coderd_workspace_c"})
        self.curl(*token, "--request", "DELETE", url)
        self.assertEqual(self.workspace_series(), set())

    def test_a_large_body_is_announced_first(self):
        text = "".join(f'big{{number="{number}"}} {number}\n' for number in range(15_000))
        self.curl("--header", f"Authorization: Bearer {self.agents.token(0)}", "--header",
                  "Expect: 100-continue", "--upload-file", self.file(text),
                  self.service.agents + self.agents.path(0))
        self.assertEqual(self.value("big", number="14999"), 14_999)

    def test_pushes_gzip(self):
        packed = self.folder / "body.gz"
        packed.write_bytes(subprocess.run(["gzip"], input=b"a 1\n", capture_output=True,
                                          check=True).stdout)
        self.curl("--header", f"Authorization: Bearer {self.agents.token(0)}", "--header",
                  "Content-Encoding: gzip", "--upload-file", packed,
                  self.service.agents + self.agents.path(0))
        self.assertEqual(self.value("a"), 1)

    def file(self, text):
        path = self.folder / "body"
        path.write_text(text, encoding="utf-8")
        return str(path)


class Python(Clients):
    def test_pushes_what_its_registry_has(self):
        self.run_client(PYTHON, SOURCES / "push.py")
        self.check_what_every_client_pushes()
        # Python's text has `jobs_created` as a gauge beside the counter; a strict parser refuses
        # such an exposition. It is the counter's start here.
        self.assertFalse([series for series in self.workspace_series() if "_created" in series])
        from prometheus_client.openmetrics.parser import text_string_to_metric_families
        status, _, text = client.fetch(self.service.metrics,
                                       headers={"Accept": "application/openmetrics-text"})
        self.assertEqual(status, 200)
        names = {family.name for family in text_string_to_metric_families(text)}
        self.assertIn("coderd_workspace_jobs", names)

    def test_adds_and_removes(self):
        self.run_client(PYTHON, SOURCES / "push.py")
        self.run_client(PYTHON, SOURCES / "push.py", "add")
        self.check_what_every_client_pushes()
        self.assertEqual(self.value("added"), 1)
        self.run_client(PYTHON, SOURCES / "push.py", "delete")
        self.assertEqual(self.workspace_series(), set())


@unittest.skipIf(missing("go") or not pathlib.Path(GO_PACKAGES).is_dir(),
                 "not installed: go, or Debian's client_golang")
class Go(Clients):
    def test_pushes_what_its_registries_have(self):
        # Debian's packages are sources in a GOPATH; nothing is fetched.
        self.run_client("go", "run", SOURCES / "push.go", GOPATH=GO_PACKAGES, GO111MODULE="off",
                        GOCACHE=GO_CACHE or str(self.folder / "go-cache"), GOFLAGS="-p=2",
                        HOME=str(self.folder))
        self.check_what_every_client_pushes()
        # Its default registry has go_memstats_alloc_bytes beside go_memstats_alloc_bytes_total.
        self.assertGreater(self.value("go_memstats_alloc_bytes"), 0)
        self.assertGreater(self.value("go_memstats_alloc_bytes_total"), 0)
        self.assertEqual(self.value("native_seconds_count"), 3)
        self.assertEqual(self.value("pause_seconds", quantile="0.5"), 1)


@unittest.skipIf(not PUSH_WITH_CPP, "not built: the client with prometheus-cpp")
class PrometheusCpp(Clients):
    def test_pushes_what_its_registry_has(self):
        self.run_client(PUSH_WITH_CPP)
        self.check_what_every_client_pushes()



if __name__ == "__main__":
    unittest.main()
