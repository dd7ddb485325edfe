"""What the end-to-end tests of coderd share: a running service a test, and its metrics."""

import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

SOURCE_ROOT = pathlib.Path(os.environ.get("STELE_SOURCE_ROOT",
                                          pathlib.Path(__file__).resolve().parent.parent))
CODERD = os.environ.get("STELE_CODERD", str(SOURCE_ROOT / "build/src/coderd/coderd"))

sys.path.insert(0, str(SOURCE_ROOT / "src/coderd"))
sys.dont_write_bytecode = True

import client  # noqa: E402  (found through the path above)
from client import Api, Coderd  # noqa: E402


class CoderdCase(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(
            self.enterContext(tempfile.TemporaryDirectory(prefix="coderd-test-")))
        (self.folder / "tmp").mkdir()

    def start(self, *arguments, address="127.0.0.1:0"):
        """A service that is stopped at the test's end, which must be a clean one. Its temporary
        files are in tmp/ here."""
        service = Coderd(CODERD, self.folder, *arguments, address=address,
                         environment={"TMPDIR": str(self.folder / "tmp")})
        self.addCleanup(self.stop_cleanly, service)
        return service

    def stop_cleanly(self, service):
        self.assertEqual(service.stop(), 0, service.errors())

    def start_api(self, *arguments):
        self.service = self.start(*arguments)
        self.api = Api(self.service.api)
        return self.api

    def run_to_end(self, *arguments):
        """(exit status, stdout, stderr) of a coderd that is expected not to stay up."""
        done = subprocess.run([CODERD, *arguments], stdin=subprocess.DEVNULL, timeout=30,
                              capture_output=True, text=True, check=False)
        return done.returncode, done.stdout, done.stderr

    def page(self):
        return client.scrape(self.service.metrics)

    def wait_for_value(self, expected, name, **labels):
        client.wait_until(f"{name}{labels or ''} to be {expected}",
                          lambda: self.page().value(name, **labels) == expected)

    def license_file(self, text):
        path = self.folder / "license.json"
        path.write_text(text, encoding="utf-8")
        return ["--license", str(path)]
