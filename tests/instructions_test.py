#!/usr/bin/python3
"""What an increment is compiled to: counted in the disassembly, not in nanoseconds."""

import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

SOURCE_ROOT = pathlib.Path(os.environ.get("STELE_SOURCE_ROOT",
                                          pathlib.Path(__file__).resolve().parent.parent))
# Where the build made version.hpp and the sample table's header.
INCLUDES = os.environ.get("STELE_INCLUDES", "").split(os.pathsep)

SOURCE = """\
#include <sample.hpp>

extern "C" void unlabelled() { sample::metric<"sample_jobs_total">.inc(); }

extern "C" void closed_label() {
  sample::metric<"sample_transfers_total">.with({.direction = sample::direction::out}).inc();
}
"""


def compile_object(folder, compiler, *arguments):
    """The source above, as `compiler` makes it with -O2."""
    unit, made = folder / "unit.cpp", folder / "unit.o"
    unit.write_text(SOURCE, encoding="utf-8")
    subprocess.run([compiler, "-std=c++20", "-O2", *arguments, "-c", unit, "-o", made,
                    *(f"-I{each}" for each in [SOURCE_ROOT / "include", *INCLUDES])], check=True)
    return made


def link_shared(folder, compiler, made):
    """A shared object of it, in which the linker has decided how thread-local storage is reached."""
    shared = folder / "unit.so"
    subprocess.run([compiler, "-shared", made, "-o", shared], check=True)
    return shared


def hot_path(path, function):
    """The instructions of a function up to its first `ret`: no jump to the cold part is taken."""
    listing = subprocess.run(["objdump", "--disassemble=" + function, "--no-show-raw-insn",
                              "--reloc", path], check=True, capture_output=True, text=True).stdout
    instructions = []
    for line in listing.splitlines():
        found = re.match(r"\s*[0-9a-f]+:\t(.*)", line)
        if not found or re.match(r"\s*[0-9a-f]+: R_", line):
            continue
        instructions.append(found[1].split("#")[0].strip())
        if instructions[-1].startswith("ret"):
            return instructions
    raise AssertionError(f"expected a `ret` in {function}, saw none in:\n{listing}")


def shown(instructions):
    return f"{len(instructions)} instructions:\n  " + "\n  ".join(instructions)


class Increment(unittest.TestCase):
    def listings(self, compiler):
        """Each function as it stands in a program, and in a shared object: (where, hot path)."""
        if shutil.which(compiler) is None:
            self.skipTest(f"{compiler} is not here")
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            program = compile_object(folder, compiler)
            for function in ("unlabelled", "closed_label"):
                yield f"{function} in a program", hot_path(program, function)
            shared = link_shared(folder, compiler, compile_object(folder, compiler, "-fPIC"))
            for function in ("unlabelled", "closed_label"):
                yield f"{function} in a shared object", hot_path(shared, function)

    # "an increment is at most eight instructions with g++, `ret` included"; a row whose labels are
    # all closed "costs what an unlabelled row costs".
    def test_is_at_most_eight_instructions_with_gcc(self):
        for where, instructions in self.listings("g++"):
            with self.subTest(where):
                self.assertLessEqual(len(instructions), 8, shown(instructions))
                costly = [each for each in instructions if each.startswith(("call", "lock"))]
                self.assertEqual(costly, [], shown(instructions))

    # "and one `incq` after the pointer's test with clang"
    def test_is_one_incq_after_the_test_with_clang(self):
        for where, instructions in self.listings("clang++-19"):
            with self.subTest(where):
                mnemonics = [each.split()[0] for each in instructions]
                self.assertEqual(mnemonics[-4:], ["test", "je", "incq", "ret"],
                                 shown(instructions))
                self.assertLessEqual(len(instructions), 8, shown(instructions))


if __name__ == "__main__":
    unittest.main()
