#!/usr/bin/python3
"""The form of subprojects/*.wrap. Nothing is downloaded: the fallback itself is not tested."""

import configparser
import os
import pathlib
import re
import unittest

SOURCE_ROOT = pathlib.Path(os.environ.get("STELE_SOURCE_ROOT",
                                          pathlib.Path(__file__).resolve().parent.parent))
SHA256 = r"^[0-9a-f]{64}$"


def read_wraps():
    wraps = {}
    for path in sorted((SOURCE_ROOT / "subprojects").glob("*.wrap")):
        wraps[path.stem] = configparser.ConfigParser(interpolation=None)
        wraps[path.stem].optionxform = str
        wraps[path.stem].read(path, encoding="utf-8")
    return wraps


class Wraps(unittest.TestCase):
    def test_name_an_archive_and_its_checksum(self):
        wraps = read_wraps()
        self.assertIn("gtest", wraps)
        for name, wrap in wraps.items():
            with self.subTest(name):
                source = wrap["wrap-file"]
                self.assertRegex(source["source_url"], r"^https://")
                self.assertRegex(source["source_hash"], SHA256)
                self.assertTrue(source["directory"])
                if "patch_url" in source:
                    self.assertRegex(source["patch_hash"], SHA256)
                self.assertTrue(wrap["provide"])

    def test_provide_what_the_build_falls_back_to(self):
        wraps, asked = read_wraps(), set()
        for path in (SOURCE_ROOT / "meson.build", *SOURCE_ROOT.glob("*/meson.build"),
                     *SOURCE_ROOT.glob("src/*/meson.build")):
            asked |= set(re.findall(r"fallback: \['([^']+)', '([^']+)'\]",
                                    path.read_text(encoding="utf-8")))
        for name, variable in asked:
            with self.subTest(f"{name}, {variable}"):
                self.assertIn(variable, wraps[name]["provide"].values())


if __name__ == "__main__":
    unittest.main()
