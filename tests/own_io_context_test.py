#!/usr/bin/python3
"""docs/examples/own_io_context.cpp does what it says: it serves on its own io_context, goes on with
its work, and ends with a signal."""

import os
import signal
import subprocess
import time
import unittest
import urllib.request

EXAMPLE = os.environ["STELE_EXAMPLE"]
TOOL_THREADS = int(os.environ.get("STELE_TOOL_THREADS", "0"))


class OwnIoContext(unittest.TestCase):
    def setUp(self):
        self.service = subprocess.Popen([EXAMPLE, "0"], stdout=subprocess.PIPE, text=True)
        self.url = self.service.stdout.readline().strip()

    def tearDown(self):
        self.service.kill()
        self.service.wait()
        self.service.stdout.close()

    def carts(self):
        with urllib.request.urlopen(self.url, timeout=10) as answer:
            lines = answer.read().decode().splitlines()
        return int(next(line for line in lines if line.startswith("shop_carts ")).split()[1])

    def test_serves_while_the_service_works(self):
        before, until = self.carts(), time.monotonic() + 10
        while self.carts() == before and time.monotonic() < until:
            time.sleep(0.02)
        self.assertGreater(self.carts(), before)

    def test_starts_no_thread_of_its_own(self):
        self.carts()
        own = len(os.listdir(f"/proc/{self.service.pid}/task")) - TOOL_THREADS
        self.assertEqual(own, 2)

    def test_ends_with_a_signal(self):
        self.carts()
        self.service.send_signal(signal.SIGTERM)
        self.assertEqual(self.service.wait(timeout=10), 0)


if __name__ == "__main__":
    unittest.main()
