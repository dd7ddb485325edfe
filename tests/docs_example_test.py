#!/usr/bin/python3
"""What the documentation shows is compiled: README.md's program with the header of README.md's table,
and the tests of docs/using.md, which are those of tests/example_test.cpp."""

import os
import pathlib
import re
import subprocess
import unittest

ROOT = pathlib.Path(os.environ["STELE_SOURCE_ROOT"])
INCLUDES = os.environ["STELE_INCLUDES"].split(":")  # of the build: version.hpp, shop.hpp


def words(code):
    """Code without its layout, which clang-format and the page's width decide."""
    return "".join(code.split())


class DocsExample(unittest.TestCase):
    def test_the_page_shows_what_is_compiled_and_run(self):
        page = (ROOT / "docs/using.md").read_text(encoding="utf-8")
        program = words((ROOT / "tests/example_test.cpp").read_text(encoding="utf-8"))
        section = page.split("## Testing a service")[1].split("\n## ")[0]
        cases = re.findall(r"^TEST\(.*?^}$", section, re.MULTILINE | re.DOTALL)
        self.assertGreaterEqual(len(cases), 2)
        for case in cases:
            self.assertIn(words(case), program, f"expected in tests/example_test.cpp:\n{case}")

    def test_the_readme_has_the_table_that_its_header_is_made_of(self):
        readme = (ROOT / "README.md").read_text(encoding="utf-8")
        page = (ROOT / "tests/data/shop.md").read_text(encoding="utf-8")
        table = re.search(r"^```markdown\n(.*?)^```", readme, re.MULTILINE | re.DOTALL)
        self.assertIn(table[1], page, "expected README.md's table in tests/data/shop.md")

    def test_the_program_of_the_readme_compiles(self):
        readme = (ROOT / "README.md").read_text(encoding="utf-8")
        program = re.search(r"^```cpp\n(.*?)^```", readme, re.MULTILINE | re.DOTALL)
        command = ["g++", "-std=c++20", "-Wall", "-Werror", "-fsyntax-only", "-x", "c++", "-"]
        for folder in [ROOT / "include", ROOT / "generated", *INCLUDES]:
            command += ["-I", str(folder)]
        result = subprocess.run(command, input=program[1], capture_output=True, text=True,
                                timeout=120)
        self.assertEqual(result.returncode, 0, result.stderr)


if __name__ == "__main__":
    unittest.main()
