#!/usr/bin/python3
"""A real VictoriaMetrics scrapes every kind of row, in text 0.0.4, and answers with what was
counted."""

import math
import pathlib
import tempfile
import unittest

from judge_case import PATHS, Served, missing
from judge_servers import VictoriaMetrics

LACKS = missing("victoria-metrics")


@unittest.skipIf(LACKS, f"not installed: {LACKS}")
class Text(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = pathlib.Path(
            cls.enterClassContext(tempfile.TemporaryDirectory(prefix="stele-judges-")))
        cls.served = Served(folder)
        cls.addClassCleanup(cls.served.stop)
        cls.victoria = VictoriaMetrics(folder, cls.served.target)
        cls.addClassCleanup(cls.victoria.stop)
        cls.victoria.wait_for_scrapes()

    def check_value(self, promql, expected, delta=0):
        self.assertAlmostEqual(self.victoria.value(promql), expected, delta=delta, msg=promql)

    def test_reads_counters_and_gauges(self):
        for promql, expected in (("judged_jobs_total", 7), ("judged_cpu_seconds_total", 1.25),
                                 ("judged_events", 3), ("judged_alloc_bytes", 4096),
                                 ("judged_queue_length", -17),
                                 ('judged_celsius{place="infinity"}', math.inf),
                                 ('judged_build_info{version="1.2.3"}', 1),
                                 ('judged_state{judged_state="on"}', 1)):
            self.check_value(promql, expected)
        # It keeps 12 digits or so.
        self.check_value('judged_celsius{place="a third"}', 1 / 3, delta=1e-12)
        self.check_value("judged_alloc_bytes_total", 2**53, delta=2)

    def test_reads_label_values_as_they_are(self):
        seen = {value: dict(labels).get("path", "")  # an empty label is none
                for labels, value in self.victoria.query('judged_paths_total{kind="a"}').items()}
        self.assertEqual(seen, dict(enumerate(PATHS, 1)))

    def test_reads_histograms_and_summaries(self):
        buckets = self.victoria.query('judged_classic_seconds_bucket{method="GET"}')
        self.assertEqual({float(dict(labels)["le"]): value for labels, value in buckets.items()},
                         {0.1: 2, 1: 4, 10: 5, math.inf: 6})
        self.check_value('judged_classic_seconds_sum{method="GET"}', 56.4, delta=1e-12)
        self.check_value("judged_native_seconds_count", 1001)
        self.check_value('judged_native_seconds_bucket{le="+Inf"}', 1001)
        self.check_value("judged_pause_seconds_sum", 5050)
        self.check_value('judged_pause_seconds{quantile="0.9"}', 90, delta=1)


if __name__ == "__main__":
    unittest.main()
