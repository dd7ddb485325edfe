#!/usr/bin/python3
"""Compiles a unit against a Stele without instruments, and demands that each of its functions is
nothing but a return, and that the unit needs nothing of the library and starts nothing.

usage: noop_code_test.py UNIT COMPILER [FLAG …]      exit status 77: the compiler is not here
"""

import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

NOTHING = re.compile(r"\s*(ret|retq|endbr64|nop\w*.*|xchg\s+%ax,%ax|cs nopw.*|data16.*)\s*$")


def output_of(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=300).stdout


def functions(listing):
    """The instructions of each function in objdump's listing."""
    result = {}
    for line in listing.splitlines():
        if head := re.match(r"[0-9a-f]+ <(.+)>:$", line):
            instructions = result.setdefault(head[1], [])
        elif body := re.match(r"\s+[0-9a-f]+:\t(.*)$", line):
            instructions.append(body[1])
    return result


def main():
    unit, compiler, *flags = sys.argv[1:]
    if not shutil.which(compiler):
        print(f"skipped: {compiler} is not installed")
        return 77
    wanted = set(re.findall(r"^void (\w+)\(", pathlib.Path(unit).read_text("utf-8"), re.MULTILINE))
    with tempfile.TemporaryDirectory() as folder:
        made = f"{folder}/unit.o"
        output_of(compiler, "-std=c++20", "-O2", "-Wall", "-Wextra", "-Werror", *flags, "-c", unit,
                  "-o", made)
        found = functions(output_of("objdump", "-d", "--no-show-raw-insn", made))
        needed = output_of("nm", "--demangle", "--undefined-only", made)
    failures = [f"expected {name}() in the unit's code, saw none" for name in wanted - set(found)]
    for name, instructions in found.items():
        extra = [each for each in instructions if not NOTHING.match(each)]
        if extra:
            failures.append(f"{name}() is expected to be empty, saw: " + "; ".join(extra))
    if "stele::" in needed:
        failures.append(f"the unit is expected to need nothing of the library, saw:\n{needed}")
    print("\n".join(failures))
    return 1 if failures or not wanted else 0


if __name__ == "__main__":
    sys.exit(main())
