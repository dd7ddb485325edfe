#!/usr/bin/python3
"""docs/architecture.md is a reading order of the tree as it is: it names every file and folder that
there is, and none that there is not."""

import os
import pathlib
import re
import unittest

ROOT = pathlib.Path(os.environ["STELE_SOURCE_ROOT"])
PAGE = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")

SOURCES = {".hpp", ".cpp", ".inc", ".sh", ".py", ".in"}
# The folders of src/ of which each file is named; of the others the page says what is in them.
NAMED = ["table", "core", "expose", "collect", "serve", "secure", "push", "agents"]


def section(title):
    """The page from a title, or from a folder's place in a list, to the next one."""
    begin = PAGE.index(title)
    end = re.search(r"\n(## |- \*\*`src/)", PAGE[begin + len(title):])
    return PAGE[begin:begin + len(title) + end.start()]


def names(text):
    return set(re.findall(r"`([a-z_0-9]+(?:\.[a-z.]+)?)`", text))


def stems(folder):
    """A source by its stem, as the page has it; what is no C++ source by its whole name."""
    files = [path for path in folder.iterdir() if path.suffix in SOURCES]
    return {path.stem if path.suffix in {".hpp", ".cpp"} else path.name for path in files}


def place(folder):
    return {"table": "## Build time: `src/table`", "core": "## Behind the headers: `src/core`"}.get(
        folder, f"- **`src/{folder}`**")


class Architecture(unittest.TestCase):
    def test_names_every_public_header_and_none_else(self):
        files = {path.name for path in (ROOT / "include/stele").iterdir()} - {"meson.build"}
        named = {name for name in names(section("## Run time")) if "." in name}
        self.assertEqual(sorted(files | {"version.hpp"}), sorted(named))

    def test_names_every_source_of_a_stage(self):
        for folder in NAMED:
            with self.subTest(folder):
                unnamed = stems(ROOT / "src" / folder) - names(section(place(folder)))
                self.assertFalse(unnamed, "expected docs/architecture.md to name these")

    def test_names_no_source_that_is_not_there(self):
        for folder in [*NAMED, "coderd"]:
            path = ROOT / "src" / folder
            there = stems(path) | {each.name for each in path.iterdir()}
            words = re.findall(r"`([a-z]+(?:_[a-z]+)+(?:\.[a-z]+)?)`", section(place(folder)))
            with self.subTest(folder):
                self.assertFalse(set(words) - there, "docs/architecture.md names what is not there")

    def test_names_every_folder(self):
        for path in [*ROOT.glob("*/meson.build"), *ROOT.glob("src/*/meson.build")]:
            folder = path.parent.relative_to(ROOT).as_posix()
            with self.subTest(folder):
                self.assertTrue(f"`{folder}" in PAGE, "expected docs/architecture.md to name it")


if __name__ == "__main__":
    unittest.main()
