#!/usr/bin/python3
"""A plain service, and the libraries that it links, need no OpenSSL, YAML, crypt or libcurl; a
secure one and a push client do, which shows that the look finds them."""

import os
import re
import subprocess
import unittest

SECURE = ("libssl", "libcrypto", "libyaml-cpp", "libcrypt")
PUSH = os.environ["STELE_PUSH_LIBRARY"]


def needed(path):
    """The names of the shared objects that a file asks for, without version."""
    done = subprocess.run(["readelf", "--dynamic", "--wide", path], capture_output=True, text=True,
                          timeout=60, check=True)
    return {name.split(".so")[0] for name in re.findall(r"\(NEEDED\).*\[(.*)\]", done.stdout)}


class Links(unittest.TestCase):
    def test_a_plain_service_needs_none_of_it(self):
        for path in os.environ["STELE_PLAIN"].split(":"):
            with self.subTest(os.path.basename(path)):
                seen = needed(path)
                self.assertIn("libc", seen)
                self.assertEqual(seen & {*SECURE, "libcurl"}, set())

    def test_a_secure_service_does(self):
        self.assertLessEqual(set(SECURE), needed(os.environ["STELE_SECURE_EXAMPLE"]))

    @unittest.skipUnless(PUSH, "stele-push was not built")
    def test_a_push_client_needs_libcurl_and_no_endpoint(self):
        seen = needed(PUSH)
        self.assertIn("libcurl", seen)
        self.assertEqual(seen & {*SECURE, "libstele-serve"}, set())


if __name__ == "__main__":
    unittest.main()
