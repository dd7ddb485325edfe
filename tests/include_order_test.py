#!/usr/bin/python3
"""Data flows one way through the house: a file never includes a file of a later stage, and nothing
in include/ includes a file of src/."""

import os
import pathlib
import re
import unittest

ROOT = pathlib.Path(os.environ["STELE_SOURCE_ROOT"])

# The stages of src/, in the order in which data flows.
FOLDERS = ["table", "core", "expose", "collect", "serve", "secure", "push", "agents", "coderd"]
# What may be included from other stages than one's own and the headers of include/.
ALLOWED = {
    "table": set(),
    "core": {"core"},
    "expose": {"core", "expose"},
    "collect": {"core", "collect"},
    "serve": {"core", "expose", "serve"},
    "secure": {"core", "expose", "serve", "secure"},
    "push": {"core", "expose", "push"},
    "agents": {"core", "expose", "serve", "secure", "push", "agents"},
    "coderd": set(),
}


def includes(path):
    return re.findall(r'^\s*#\s*include\s+["<]([^">]+)[">]', path.read_text(encoding="utf-8"), re.M)


def umbrella_order():
    return [pathlib.Path(name).name for name in includes(ROOT / "include/stele.hpp")]


class IncludeOrder(unittest.TestCase):
    def test_the_umbrella_includes_only_and_in_stage_order(self):
        text = (ROOT / "include/stele.hpp").read_text(encoding="utf-8")
        for line in text.splitlines():
            self.assertRegex(line, r'^(//.*|#pragma once|#include "stele/[a-z_]+\.hpp"|)$')

    def test_a_public_header_includes_only_headers_before_it(self):
        order = umbrella_order()
        for path in sorted((ROOT / "include/stele").glob("*.hpp")):
            if path.name == "testing.hpp":  # after all of them, and not in the umbrella
                continue
            with self.subTest(path.name):
                self.assertIn(path.name, order)
                for name in includes(path):
                    if "/" in name or not name.endswith(".hpp"):
                        self.assertFalse(name.startswith(("core/", "serve/", "expose/")), name)
                        continue
                    self.assertLess(order.index(name), order.index(path.name), name)

    def test_a_source_includes_only_stages_before_it(self):
        seen = 0
        for folder in FOLDERS:
            for path in sorted((ROOT / "src" / folder).rglob("*.[ch]pp")):
                for name in includes(path):
                    stage = name.split("/")[0]
                    if "/" not in name or stage not in FOLDERS:
                        continue
                    seen += 1
                    with self.subTest(f"{folder}/{path.name}"):
                        self.assertIn(stage, ALLOWED[folder] | {folder})
        self.assertGreater(seen, 20)

    def test_every_folder_of_src_has_a_stage(self):
        folders = {path.name for path in (ROOT / "src").iterdir() if path.is_dir()}
        self.assertLessEqual(folders, set(FOLDERS))


if __name__ == "__main__":
    unittest.main()
