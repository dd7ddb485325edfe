#!/usr/bin/python3
"""The closing line of ./dev test: what counts as passed, failed and skipped."""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

TALLY = pathlib.Path(__file__).resolve().parent / "tally.py"

GTEST = """\
[==========] Running 3 tests from 1 test suite.
[ RUN      ] Counter.Counts
[       OK ] Counter.Counts (0 ms)
[ RUN      ] Counter.Folds
{second}
[ RUN      ] Counter.Waits
[  SKIPPED ] Counter.Waits (0 ms)
[==========] 3 tests from 1 test suite ran. (1 ms total)
"""
GTEST_GOOD = GTEST.format(second="[       OK ] Counter.Folds (1 ms)")
GTEST_BAD = (GTEST.format(second="[  FAILED  ] Counter.Folds (1 ms)") +
             "[  FAILED  ] Counter.Folds\n")  # gtest names it again in its summary
GTEST_CRASH = GTEST_GOOD[:GTEST_GOOD.index("[ RUN      ] Counter.Waits")]


class Tally(unittest.TestCase):
    def tally(self, *tests, failed_steps=0):
        """(closing line, exit status) for a log of (result, stdout, stderr)."""
        with tempfile.TemporaryDirectory() as folder:
            log = pathlib.Path(folder) / "testlog.json"
            log.write_text("".join(
                json.dumps({"name": f"test-{number}", "result": result, "stdout": out,
                            "stderr": err}) + "\n"
                for number, (result, out, err) in enumerate(tests)), encoding="utf-8")
            done = subprocess.run(
                [sys.executable, TALLY, "--failed-steps", str(failed_steps), "--", log],
                stdout=subprocess.PIPE, text=True, check=False, env=dict(os.environ))
        return done.stdout.splitlines()[-1], done.returncode

    def test_counts_googletest_by_case(self):
        self.assertEqual(self.tally(("OK", GTEST_GOOD, "")), ("2 passed, 0 failed, 1 skipped", 0))
        self.assertEqual(self.tally(("FAIL", GTEST_BAD, "")), ("1 passed, 1 failed, 1 skipped", 1))

    def test_counts_a_crash_and_a_timeout_as_a_failure(self):
        for result in ("ERROR", "FAIL", "TIMEOUT"):
            with self.subTest(result):
                self.assertEqual(self.tally((result, GTEST_CRASH, "")), ("2 passed, 1 failed", 1))
        self.assertEqual(self.tally(("FAIL", GTEST_GOOD, "a sanitizer's report")),
                         ("2 passed, 1 failed, 1 skipped", 1))
        self.assertEqual(self.tally(("TIMEOUT", "", "")), ("0 passed, 1 failed", 1))

    def test_counts_unittest_by_case(self):
        self.assertEqual(self.tally(("OK", "", "Ran 3 tests in 0.1s\n\nOK\n")),
                         ("3 passed, 0 failed", 0))
        self.assertEqual(self.tally(("OK", "", "Ran 3 tests in 0.1s\n\nOK (skipped=2)\n")),
                         ("1 passed, 0 failed, 2 skipped", 0))
        closing = "Ran 9 tests in 0.1s\n\nFAILED (failures=1, errors=2, skipped=1)\n"
        self.assertEqual(self.tally(("FAIL", "", closing)), ("5 passed, 3 failed, 1 skipped", 1))

    def test_counts_any_other_test_as_one(self):
        self.assertEqual(self.tally(("OK", "fine", ""), ("EXPECTEDFAIL", "", ""), ("SKIP", "", "")),
                         ("2 passed, 0 failed, 1 skipped", 0))
        self.assertEqual(self.tally(("OK", "", ""), ("UNEXPECTEDPASS", "", "")),
                         ("1 passed, 1 failed", 1))

    def test_fails_when_a_step_failed_or_nothing_ran(self):
        self.assertEqual(self.tally(("OK", "", ""), failed_steps=2), ("1 passed, 2 failed", 1))
        self.assertEqual(self.tally(), ("0 passed, 0 failed", 1))


if __name__ == "__main__":
    unittest.main()
