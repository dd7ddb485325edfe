#!/usr/bin/python3
"""A real Prometheus scrapes every kind of row, in protobuf and in OpenMetrics, and answers with
what was counted."""

import math
import pathlib
import tempfile
import time
import unittest

from judge_case import PATHS, Served, missing
from judge_servers import Prometheus

LACKS = missing("prometheus")

METADATA = {
    "judged_celsius": "gauge",
    "judged_classic_seconds": "histogram",
    "judged_both_seconds": "histogram",
    "judged_pause_seconds": "summary",
    "judged_queue_length": "gauge",
}


class Scraped:
    """What both formats must give; a class of its own scrapes in each of them."""

    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(
            cls.enterClassContext(tempfile.TemporaryDirectory(prefix="stele-judges-")))
        cls.served = Served(cls.folder)
        cls.addClassCleanup(cls.served.stop)
        cls.prometheus = Prometheus(cls.folder, cls.served.target, cls.FEATURES)
        cls.addClassCleanup(cls.prometheus.stop)
        cls.prometheus.wait_for_scrapes()

    def check_value(self, promql, expected, delta=0):
        self.assertAlmostEqual(self.prometheus.value(promql), expected, delta=delta, msg=promql)

    def test_reads_counters_and_gauges(self):
        for promql, expected in (("judged_jobs_total", 7), ("judged_cpu_seconds_total", 1.25),
                                 ("judged_events", 3), ("judged_alloc_bytes", 4096),
                                 ("judged_alloc_bytes_total", 2**53),
                                 ("judged_queue_length", -17)):
            self.check_value(promql, expected)
        celsius = {dict(labels)["place"]: value
                   for labels, value in self.prometheus.query("judged_celsius").items()}
        self.assertTrue(math.isnan(celsius.pop("nan")))
        self.assertEqual(celsius, {"a third": 1 / 3, "small": 5e-324, "infinity": math.inf,
                                   "large": -1.7976931348623157e308})

    def test_reads_label_values_as_they_are(self):
        seen = {value: dict(labels).get("path", "")  # an empty label is none
                for labels, value in self.prometheus.query('judged_paths_total{kind="a"}').items()}
        self.assertEqual(seen, dict(enumerate(PATHS, 1)))
        self.check_value('judged_paths_total{kind="b"}', len(PATHS) + 1)

    def test_reads_a_classic_histogram(self):
        buckets = self.prometheus.query('judged_classic_seconds_bucket{method="GET"}')
        self.assertEqual({float(dict(labels)["le"]): value for labels, value in buckets.items()},
                         {0.1: 2, 1: 4, 10: 5, math.inf: 6})
        self.check_value('judged_classic_seconds_sum{method="GET"}', 56.4)
        self.check_value('judged_classic_seconds_count{method="POST"}', 0)

    def test_reads_a_summary(self):
        self.check_value("judged_pause_seconds_sum", 5050)
        self.check_value("judged_pause_seconds_count", 100)
        self.check_value('judged_pause_seconds{quantile="0.9"}', 90, delta=1)

    def test_reads_info_and_stateset(self):
        self.check_value('judged_build_info{version="1.2.3"}', 1)
        states = {dict(labels)["judged_state"]: value
                  for labels, value in self.prometheus.query("judged_state").items()}
        self.assertEqual(states, {"off": 0, "on": 1, 'a"b': 0})

    def test_reads_types_and_help(self):
        metadata = self.prometheus.get("metadata")
        for name, kind in {**METADATA, **self.METADATA}.items():
            self.assertEqual([entry["type"] for entry in metadata[name]], [kind], name)
        self.assertEqual(metadata["judged_celsius"][0]["help"],
                         'A double, "quoted", with a \\ in its help.')

    def exemplars(self, name):
        """{label values: value}"""
        now = time.time()
        found = self.prometheus.get("query_exemplars", query=name, start=now - 300, end=now + 1)
        return {tuple(exemplar["labels"].items()): float(exemplar["value"])
                for series in found for exemplar in series["exemplars"]}

    def test_reads_the_exemplar_of_a_counter(self):
        self.assertEqual(self.exemplars("judged_jobs_total"), {
            (("span_id", self.SPAN_ID), ("trace_id", "of a counter")): 5})

    def test_reads_the_exemplars_of_classic_buckets(self):
        self.assertEqual(self.exemplars("judged_classic_seconds_bucket"), {
            (("trace_id", "of a bucket"),): 0.75, (("trace_id", "of +Inf"),): 50})


@unittest.skipIf(LACKS, f"not installed: {LACKS}")
class Protobuf(Scraped, unittest.TestCase):
    FEATURES = "native-histograms,exemplar-storage"
    SPAN_ID = '"7"\\\n'
    METADATA = {"judged_jobs_total": "counter", "judged_events": "counter",
                "judged_alloc_bytes": "gauge", "judged_alloc_bytes_total": "counter",
                "judged_build_info": "gauge", "judged_state": "gauge",
                "judged_native_seconds": "histogram"}

    def test_reads_a_native_histogram(self):
        self.check_value("histogram_count(judged_native_seconds)", 1001)
        self.check_value("histogram_sum(judged_native_seconds)", 500.75, delta=1e-9)
        # A bucket of schema 3 is 9 % wide.
        for quantile in (0.1, 0.5, 0.9, 0.99):
            self.check_value(f"histogram_quantile({quantile}, judged_native_seconds)", quantile,
                             delta=0.05 * quantile)
        self.check_value("histogram_fraction(0, 0.5, judged_native_seconds)", 0.5, delta=0.01)
        self.assertEqual(self.prometheus.query("judged_native_seconds_count"), {})

    def test_reads_native_buckets_on_both_sides_of_0(self):
        self.check_value("histogram_count(judged_signed_celsius)", 10)
        self.check_value("histogram_sum(judged_signed_celsius)", 1008.1, delta=1e-9)
        self.check_value("histogram_fraction(-Inf, -0.5, judged_signed_celsius)", 0.2)
        self.check_value("histogram_fraction(-0.5, 0.5, judged_signed_celsius)", 0.2)
        self.check_value("histogram_fraction(500, +Inf, judged_signed_celsius)", 0.1)

    def test_takes_the_native_form_of_both(self):
        self.check_value("histogram_count(judged_both_seconds)", 101)
        self.check_value("histogram_quantile(0.5, judged_both_seconds)", 0.5, delta=0.025)
        self.assertEqual(self.prometheus.query("judged_both_seconds_bucket"), {})

    def test_reads_a_native_histogram_without_a_value(self):
        self.check_value("histogram_count(judged_unused_seconds)", 0)

    def test_reads_the_exemplar_of_both_forms(self):
        self.assertEqual(self.exemplars("judged_both_seconds"),
                         {(("trace_id", "of both"),): 0.5})


@unittest.skipIf(LACKS, f"not installed: {LACKS}")
class OpenMetrics(Scraped, unittest.TestCase):
    FEATURES = "exemplar-storage"
    SPAN_ID = '\\"7\\"\\\\\\n'  # 2.42 leaves the labels of exemplars as they are escaped
    METADATA = {"judged_jobs": "counter", "judged_events": "unknown",
                "judged_alloc_bytes": "gauge", "judged_alloc_bytes_total": "unknown",
                "judged_build": "info", "judged_state": "stateset",
                "judged_native_seconds": "histogram"}

    def test_reads_a_native_row_as_its_last_bucket(self):
        self.check_value('judged_native_seconds_bucket{le="+Inf"}', 1001)
        self.check_value("judged_native_seconds_count", 1001)
        self.assertEqual(self.exemplars("judged_native_seconds_bucket"),
                         {(("trace_id", "of a native"),): 0.25})

    def test_reads_the_classic_form_of_both(self):
        self.check_value('judged_both_seconds_bucket{le="1.0"}', 101)

    def test_reads_units(self):
        self.assertEqual(self.prometheus.get("metadata")["judged_both_seconds"][0]["unit"],
                         "seconds")


if __name__ == "__main__":
    unittest.main()
