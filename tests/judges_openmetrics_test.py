#!/usr/bin/python3
"""Python's strict OpenMetrics parser reads exemplars, `_created`, native-only rows, infos and
statesets; and `promtool check metrics` the text format of the same rows."""

import math
import subprocess
import time
import unittest

from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics

from judge_case import PATHS, dump, missing

LACKS_PROMTOOL = missing("promtool")


def families_of(form, seed=0):
    return {family.name: family for family in parse_openmetrics(dump(form, seed).decode())}


class StrictParser(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.families = families_of("openmetrics")

    def samples(self, family, kind):
        self.assertEqual(self.families[family].type, kind)
        return self.families[family].samples

    def test_reads_types_and_units(self):
        self.assertEqual(len(self.families), 16)
        for name, kind, unit in (("judged_jobs", "counter", ""),
                                 ("judged_cpu_seconds", "counter", "seconds"),
                                 ("judged_alloc_bytes", "gauge", "bytes"),
                                 ("judged_alloc_bytes_total", "unknown", ""),
                                 ("judged_events", "unknown", ""),
                                 ("judged_pause_seconds", "summary", "seconds"),
                                 ("judged_build", "info", ""),
                                 ("judged_state", "stateset", "")):
            self.assertEqual((self.families[name].type, self.families[name].unit), (kind, unit))

    def check_exemplar(self, sample, labels, value):
        self.assertEqual((sample.exemplar.labels, sample.exemplar.value), (labels, value))
        self.assertLess(abs(float(sample.exemplar.timestamp) - time.time()), 120)

    def test_reads_exemplars(self):
        jobs, = self.samples("judged_jobs", "counter")
        self.check_exemplar(jobs, {"trace_id": "of a counter", "span_id": '"7"\\\n'}, 5)
        classic = {sample.labels.get("le"): sample
                   for sample in self.samples("judged_classic_seconds", "histogram")
                   if sample.labels["method"] == "GET"}
        self.check_exemplar(classic["1.0"], {"trace_id": "of a bucket"}, 0.75)
        self.check_exemplar(classic["+Inf"], {"trace_id": "of +Inf"}, 50)
        seen = sum(sample.exemplar is not None for family in self.families.values()
                   for sample in family.samples)
        self.assertEqual(seen, 5)

    def test_reads_a_native_row_as_its_last_bucket(self):
        samples = {sample.name: sample
                   for sample in self.samples("judged_native_seconds", "histogram")}
        self.assertEqual(len(samples), 3)
        bucket = samples["judged_native_seconds_bucket"]
        self.assertEqual((bucket.labels, bucket.value), ({"path": "/", "le": "+Inf"}, 1001))
        self.check_exemplar(bucket, {"trace_id": "of a native"}, 0.25)
        self.assertEqual(samples["judged_native_seconds_count"].value, 1001)

    def test_reads_label_values_as_they_are(self):
        seen = [(sample.labels, sample.value) for sample in self.samples("judged_paths", "counter")]
        expected = [({"path": path, "kind": "a"}, value) for value, path in enumerate(PATHS, 1)]
        expected.append(({"path": 1000 * "x", "kind": "b"}, len(PATHS) + 1))
        self.assertEqual(seen, expected)

    def test_reads_info_and_stateset(self):
        info, = self.samples("judged_build", "info")
        self.assertEqual((info.name, info.labels, info.value),
                         ("judged_build_info", {"version": "1.2.3"}, 1))
        self.assertEqual([(state.labels, state.value)
                          for state in self.samples("judged_state", "stateset")],
                         [({"judged_state": state}, value)
                          for state, value in (("off", 0), ("on", 1), ('a"b', 0))])

    def test_reads_when_each_series_began(self):
        self.assertEqual([sample.name for family in self.families.values()
                          for sample in family.samples if sample.name.endswith("_created")], [])
        dated = families_of("openmetrics-created")
        created = {}
        for name, family in dated.items():
            for sample in family.samples:
                if sample.name == name + "_created":
                    self.assertLess(abs(sample.value - time.time()), 120)
                    created[name] = created.get(name, 0) + 1
        self.assertEqual(created, {
            "judged_jobs": 1, "judged_cpu_seconds": 1, "judged_paths": len(PATHS) + 1,
            "judged_classic_seconds": 2, "judged_both_seconds": 1, "judged_native_seconds": 1,
            "judged_signed_celsius": 1, "judged_unused_seconds": 1, "judged_pause_seconds": 1})

    def test_reads_random_values(self):
        samples = 0
        for seed in range(1, 31):
            for form in ("openmetrics", "openmetrics-created"):
                with self.subTest(seed=seed, form=form):
                    for family in families_of(form, seed).values():
                        for sample in family.samples:
                            self.assertFalse(sample.name.endswith("_sum") and
                                             not sample.value >= 0, sample)
                            samples += 1
        self.assertGreater(samples, 3000)

    def test_would_refuse_what_a_rule_forbids(self):
        body = dump("openmetrics").decode()
        for seen, wrong in (
                (' # {trace_id="of a bucket"} 0.75', ' # {trace_id="of a bucket", } 0.75'),
                ("# UNIT judged_celsius celsius", "# UNIT judged_celsius kelvin"),
                ("judged_queue_length -17", 'judged_queue_length -17 # {a="b"} 1'),
                ("# EOF\n", "")):
            self.assertIn(seen, body)
            with self.subTest(wrong), self.assertRaises(ValueError):
                list(parse_openmetrics(body.replace(seen, wrong, 1)))
        self.assertTrue(math.isnan(self.families["judged_celsius"].samples[-1].value))


@unittest.skipIf(LACKS_PROMTOOL, "not installed: promtool")
class Promtool(unittest.TestCase):
    def check(self, body):
        result = subprocess.run(["promtool", "check", "metrics"], input=body, capture_output=True,
                                timeout=60)
        return (result.stdout + result.stderr).decode().strip().splitlines()

    def test_objects_to_the_counter_without_its_suffix_alone(self):
        for seed in range(4):
            lines = self.check(dump("text", seed))
            self.assertEqual(lines, ['judged_events counter metrics should have "_total" suffix'])

    def test_would_refuse_a_type_that_stands_twice(self):
        seen = b"# TYPE judged_events counter\n"
        body = dump("text")
        self.assertIn(seen, body)
        self.assertIn("second TYPE line", "\n".join(self.check(body.replace(seen, 2 * seen))))


if __name__ == "__main__":
    unittest.main()
