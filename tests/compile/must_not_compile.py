#!/usr/bin/python3
"""Compiles a case twice: as it stands, which must succeed, and with -DWRONG, which must fail with
every text that the case's `// expect: …` lines state, and with as many errors as its
`// errors: …` line, where it has one. A failure for another reason is no success.

usage: must_not_compile.py CASE COMPILER [FLAG …]      exit status 77: the compiler is not here
"""

import re
import shutil
import subprocess
import sys


def compile_case(compiler, flags, case, *more):
    command = [*compiler.split(), "-std=c++20", "-fsyntax-only", *flags, *more, case]
    return subprocess.run(command, capture_output=True, text=True, timeout=300)


def main():
    case, compiler, *flags = sys.argv[1:]
    if not shutil.which(compiler.split()[-1]):
        print(f"skipped: {compiler} is not installed")
        return 77
    with open(case, encoding="utf-8") as file:
        text = file.read()
    expected = re.findall(r"^// expect: (.+)$", text, re.MULTILINE)
    errors = re.search(r"^// errors: (\d+)$", text, re.MULTILINE)
    if not expected:
        print(f"{case}: expected at least one `// expect: TEXT` line, saw none")
        return 1
    right = compile_case(compiler, flags, case)
    if right.returncode != 0:
        print(f"{case}: the positive twin does not compile with {compiler}:\n{right.stderr}")
        return 1
    wrong = compile_case(compiler, flags, case, "-DWRONG")
    if wrong.returncode == 0:
        print(f"{case}: compiles with {compiler} and -DWRONG, and must not")
        return 1
    missing = [text for text in expected if text not in wrong.stderr]
    for text in missing:
        print(f"{case}: expected {compiler}'s message to hold: {text}")
    seen = len(re.findall(r" error: ", wrong.stderr))
    miscounted = errors is not None and seen != int(errors[1])
    if miscounted:
        print(f"{case}: expected {errors[1]} errors of {compiler}, saw {seen}")
    if missing or miscounted:
        print(wrong.stderr)
    return 1 if missing or miscounted else 0


if __name__ == "__main__":
    sys.exit(main())
