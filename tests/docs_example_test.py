#!/usr/bin/python3
"""The code that docs/using.md shows for a service's tests is that of tests/example_test.cpp, which is
compiled and run."""

import os
import pathlib
import re
import unittest

ROOT = pathlib.Path(os.environ["STELE_SOURCE_ROOT"])


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


if __name__ == "__main__":
    unittest.main()
