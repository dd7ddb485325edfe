#!/usr/bin/python3
"""Sums up Meson's test logs case by case and closes with `N passed, N failed`.

A GoogleTest or unittest program counts as its cases, any other test as one. A program that
crashed, timed out or failed without naming a case counts as one failure more.
"""

import argparse
import json
import pathlib
import re
import sys

GTEST_RAN = re.compile(r"^\[==========\] \d+ tests? from \d+ test suites? ran", re.M)
GTEST_STARTED = re.compile(r"^\[==========\] Running \d+ tests?", re.M)
GTEST_PASSED = re.compile(r"^\[       OK \] \S+", re.M)
GTEST_FAILED = re.compile(r"^\[  FAILED  \] \S+.* \(\d+ ms\)$", re.M)
GTEST_SKIPPED = re.compile(r"^\[  SKIPPED \] \S+.* \(\d+ ms\)$", re.M)
UNITTEST_RAN = re.compile(r"^Ran (\d+) tests? in ", re.M)
UNITTEST_CLOSING = re.compile(r"^(?:OK|FAILED)(?: \((.*)\))?$", re.M)

PASSED_RESULTS = {"OK", "EXPECTEDFAIL"}


def count_gtest(text):
    passed = len(GTEST_PASSED.findall(text))
    failed = len(GTEST_FAILED.findall(text))
    skipped = len(GTEST_SKIPPED.findall(text))
    return passed, failed, skipped


def count_unittest(text):
    """The numbers of unittest's closing lines; None where there are none."""
    ran = UNITTEST_RAN.search(text)
    closing = ran and UNITTEST_CLOSING.search(text, ran.end())
    if not closing:
        return None
    notes = dict(re.findall(r"([a-z ]+)=(\d+)", closing.group(1) or ""))
    notes = {name.strip(): int(count) for name, count in notes.items()}
    failed = sum(notes.get(name, 0) for name in ("failures", "errors", "unexpected successes"))
    skipped = notes.get("skipped", 0)
    # An error in a class's set-up is an error without a test that ran.
    return max(0, int(ran.group(1)) - failed - skipped), failed, skipped


def count_test(test):
    """(passed, failed, skipped) of one line of a log."""
    text = (test.get("stdout") or "") + "\n" + (test.get("stderr") or "")
    good = test["result"] in PASSED_RESULTS
    if test["result"] == "SKIP":
        return 0, 0, 1
    if GTEST_STARTED.search(text):
        passed, failed, skipped = count_gtest(text)
        if not good and (failed == 0 or not GTEST_RAN.search(text)):
            failed += 1
    elif counts := count_unittest(text):
        passed, failed, skipped = counts
        if not good and failed == 0:
            failed += 1
    else:
        passed, failed, skipped = int(good), int(not good), 0
    return passed, failed, skipped


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--failed-steps", type=int, default=0, metavar="N",
                        help="failures that no log tells of, such as a build's")
    parser.add_argument("logs", nargs="*", type=pathlib.Path, metavar="testlog.json")
    arguments = parser.parse_args()

    passed, failed, skipped = 0, arguments.failed_steps, 0
    for log in arguments.logs:
        lines = [line for line in log.read_text(encoding="utf-8").splitlines() if line.strip()]
        for test in map(json.loads, lines):
            counts = count_test(test)
            passed, failed, skipped = (a + b for a, b in zip((passed, failed, skipped), counts))
            if counts[1]:
                print(f"failed: {log.parent.parent.name}: {test['name']} ({test['result']})")
    print(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
    return 0 if failed == 0 and passed > 0 else 1


if __name__ == "__main__":
    sys.exit(main())
