#!/usr/bin/python3
"""What a process with several shared objects does from its start to its end: two copies of Stele and
two versions of a table are refused with a message; what is right works; late updates are counted."""

import os
import pathlib
import signal
import subprocess
import unittest

BUILD = pathlib.Path(os.environ["STELE_SHARED_TESTS"])

# Two copies are what is tested; AddressSanitizer would end the program before Stele does.
ENVIRONMENT = {
    **os.environ,
    "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") + ":detect_odr_violation=0",
}


def run(program, *plugins):
    return subprocess.run(
        [BUILD / program, *(BUILD / (name + ".so") for name in plugins)],
        env=ENVIRONMENT, capture_output=True, text=True, timeout=120,
    )


class Processes(unittest.TestCase):
    def works(self, result, output):
        self.assertEqual((result.returncode, result.stdout), (0, output), result.stderr)

    def refused(self, result, *parts):
        self.assertEqual(result.returncode, -signal.SIGABRT, result.stdout + result.stderr)
        self.assertEqual(result.stdout, "")
        errors = [line for line in result.stderr.splitlines() if line.startswith("stele: ")]
        self.assertEqual(len(errors), 1, result.stderr)
        for part in parts:
            self.assertIn(part, errors[0])


class OneCopy(Processes):
    """A static libstele in several shared objects is detected and refused."""

    def refused_as_two_copies(self, result, *objects):
        self.refused(
            result,
            "stele: error: expected one copy of Stele in a process, saw 2 (in '",
            "link the program and all of its libraries against one shared libstele",
            *(f"/{name}'" for name in objects),
        )

    def test_one_static_copy_works(self):
        self.works(run("loader_with_static"), "0\n")
        self.works(run("loader", "static_first"), "1\n")
        self.works(run("loader", "static_scripted"), "1\n")

    def test_one_shared_copy_works(self):
        self.works(run("loader", "first_plugin", "second_plugin"), "2\n")
        self.works(run("loader_with_shared", "first_plugin", "second_plugin"), "3\n")

    def test_a_library_with_another_note_is_no_copy(self):
        self.works(run("loader", "foreign_plugin", "static_first"), "1\n")
        self.works(run("loader_with_shared", "foreign_plugin", "first_plugin"), "2\n")

    def test_two_plugins_with_a_copy_each(self):
        self.refused_as_two_copies(
            run("loader", "static_first", "static_second"), "static_first.so", "static_second.so"
        )

    def test_copies_whose_symbols_the_linker_hides(self):
        for hidden in ("static_excluded", "static_scripted"):
            with self.subTest(hidden):
                self.refused_as_two_copies(
                    run("loader", "static_first", hidden), "static_first.so", hidden + ".so"
                )
        self.refused_as_two_copies(
            run("loader", "static_excluded", "static_scripted"),
            "static_excluded.so", "static_scripted.so",
        )

    def test_copies_whose_symbols_are_all_visible(self):
        # With g++ the loader makes one of what their headers define, RTLD_LOCAL or not.
        self.refused_as_two_copies(run("loader", "static_visible_first", "static_visible_second"),
                                   "static_visible_first.so", "static_visible_second.so")

    def test_a_program_with_a_copy_and_a_plugin_with_one(self):
        for plugin, copy in (("static_first", "static_first.so"), ("static_scripted",) * 2,
                             ("first_plugin", "libstele.so")):
            with self.subTest(plugin):
                result = run("loader_with_static", plugin)
                self.refused_as_two_copies(result, "loader_with_static")
                self.assertIn("/" + copy, result.stderr)

    def test_a_shared_libstele_and_a_plugin_with_a_copy(self):
        self.refused_as_two_copies(run("loader_with_shared", "static_excluded"),
                                   "static_excluded.so")


class OneVersion(Processes):
    """Two versions of a table in one process are an error at start, not a corruption."""

    def refused_as_two_versions(self, result):
        self.refused(
            result,
            "stele: error: expected one version of the metric table 'sample' in a process, saw two "
            "(content hashes ",
            "build every library of this program with the same generated header",
        )
        hashes = result.stderr.partition("content hashes ")[2].partition(")")[0].split(" and ")
        self.assertEqual(len(set(hashes)), 2)

    def test_a_library_of_another_version_is_refused_before_main(self):
        self.refused_as_two_versions(run("starts_with_two_versions"))

    def test_versions_whose_symbols_are_all_visible(self):
        # The loader makes one of the symbols that have the same name in both.
        self.refused_as_two_versions(run("starts_with_two_visible_versions"))
        self.refused_as_two_versions(run("loader", "visible_version", "visible_other_version"))

    def test_a_library_of_the_same_version_is_not(self):
        self.works(run("starts_with_one_version"), "in main\n")

    def test_a_plugin_of_another_version_is_refused_when_it_is_loaded(self):
        self.refused_as_two_versions(run("loader_with_shared", "other_version"))

    def test_a_version_alone_works(self):
        self.works(run("loader", "other_version"), "1\n")


class EarlyAndLateUpdates(Processes):
    """Every update may be made before main(), and in destructors after it."""

    def test_a_static_constructor_may_wait_for_another_threads_first_update(self):
        # While a plugin's run, the loader holds a lock; an update that took it would never end.
        self.works(run("loader", "waiting_plugin"), "1\n")

    def test_all_of_a_program_are_counted(self):
        for program in ("late_updates_static", "late_updates_shared"):
            with self.subTest(program):
                self.works(
                    run(program),
                    "main: jobs 101 queue 101 requests 101 holds 2 pauses 2\n"
                    "all: jobs 111111111 queue 111111111 requests 111111111 holds 11 pauses 11\n",
                )

    def test_those_of_a_shared_objects_static_destructor_are_counted(self):
        result = run("late_updates_shared", "late_plugin")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("plugin: events 11\n", result.stdout)
        self.assertIn("all: jobs 111111111 ", result.stdout)


if __name__ == "__main__":
    unittest.main()
