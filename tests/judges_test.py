#!/usr/bin/python3
"""Third parties read what Stele exposes: Python's strict OpenMetrics parser, its parser of text
0.0.4, and `promtool check metrics`."""

import math
import os
import re
import shutil
import subprocess
import unittest

from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse_text

DUMP = os.environ["STELE_DUMP"]  # tests/dump.cpp: every row of a table, with values


def dump(table, form, *constant_label):
    result = subprocess.run(
        [DUMP, table, form, *constant_label], capture_output=True, check=True, timeout=60
    )
    return result.stdout.decode("utf-8")


def samples(families):
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in families
        for sample in family.samples
    }


class StrictOpenMetrics(unittest.TestCase):
    def test_reads_the_sample_table(self):
        families = {family.name: family for family in parse_openmetrics(dump("sample", "openmetrics"))}
        self.assertEqual(families["sample_jobs"].type, "counter")
        self.assertEqual(families["sample_wait_seconds"].unit, "seconds")
        self.assertEqual(families["sample_alloc_bytes"].type, "gauge")
        self.assertEqual(families["sample_alloc_bytes_total"].type, "unknown")
        self.assertEqual(families["sample_hold_seconds"].type, "histogram")

    def test_reads_info_and_stateset_rows(self):
        families = {family.name: family for family in parse_openmetrics(dump("sample", "openmetrics"))}
        for name in ("sample_build", "sample_target", "sample_licensed_seconds"):
            self.assertEqual(families[name].type, "info")
            self.assertEqual(families[name].unit, "")
            self.assertEqual([s.name for s in families[name].samples], [name + "_info"])
            self.assertEqual([s.value for s in families[name].samples], [1])
        self.assertEqual(families["sample_target"].samples[0].labels, {"stage": "test"})
        self.assertEqual(families["sample_agent_build_info"].type, "gauge")
        for name in ("sample_switch", "sample_features", "sample_zone_bytes", "sample_node"):
            self.assertEqual(families[name].type, "stateset")
            self.assertEqual(families[name].unit, "")
        switch = families["sample_switch"].samples
        self.assertEqual(
            [(s.labels["sample_switch"], s.value) for s in switch],
            [("off", 0), ("on", 0), ("auto", 1)],
        )
        features = families["sample_features"].samples
        self.assertEqual([s.labels["sample_features"] for s in features], ['a"b', "c\\d", "other"])
        self.assertEqual(len(families["sample_zone_bytes"].samples), 4)

    def test_would_refuse_a_stateset_without_its_label_and_an_info_with_a_unit(self):
        text = dump("sample", "openmetrics")
        for seen, wrong in (
            ('sample_switch{sample_switch="off"} 0', 'sample_switch{state="off"} 0'),
            ('sample_switch{sample_switch="off"} 0', 'sample_switch{sample_switch="off"} 2'),
            (
                "# TYPE sample_licensed_seconds info\n",
                "# TYPE sample_licensed_seconds info\n# UNIT sample_licensed_seconds seconds\n",
            ),
        ):
            self.assertIn(seen, text)
            with self.assertRaises(ValueError):
                list(parse_openmetrics(text.replace(seen, wrong)))

    def test_reads_a_constant_label_in_every_sample(self):
        value = 'a "quoted" \\ value'
        for form, parse in (("openmetrics", parse_openmetrics), ("text", parse_text)):
            families = list(parse(dump("sample", form, "replica=" + value)))
            read = [sample for family in families for sample in family.samples]
            self.assertGreater(len(read), 3000)
            for sample in read:
                self.assertEqual(sample.labels["replica"], value)
            self.assertEqual(len(samples(families)), len(read))

    def test_reads_all_rows_of_coders_table(self):
        families = list(parse_openmetrics(dump("coderd", "openmetrics")))
        self.assertEqual(len(families), 105)

    def test_would_refuse_the_clash_that_the_table_has(self):
        text = dump("coderd", "openmetrics").replace(
            "# HELP go_memstats_alloc_bytes_total", "# HELP go_memstats_alloc_bytes"
        )
        text = text.replace(
            "# TYPE go_memstats_alloc_bytes_total unknown", "# TYPE go_memstats_alloc_bytes counter"
        )
        with self.assertRaises(ValueError):
            list(parse_openmetrics(text))


class BothFormats(unittest.TestCase):
    def test_hold_the_same_samples(self):
        for table in ("sample", "coderd"):
            text = samples(parse_text(dump(table, "text")))
            openmetrics = samples(parse_openmetrics(dump(table, "openmetrics")))

            def canonical(key):  # text writes le="1" where OpenMetrics writes le="1.0"
                name, labels = key
                if name == "sample_events_total":  # the parser of text adds what the name lacks
                    name = "sample_events"
                return name, tuple(
                    (label, float(value) if label in ("le", "quantile") else value)
                    for label, value in labels
                )

            text = {canonical(key): value for key, value in text.items()}
            openmetrics = {canonical(key): value for key, value in openmetrics.items()}
            # OpenMetrics has neither sum nor count of a histogram with a negative bound.
            only_text = {name for name, _ in text.keys() - openmetrics.keys()}
            # Nor a sum, or a quantile, that is negative.
            expected = {
                "sample_change_celsius_sum",
                "sample_change_celsius_count",
                "sample_open_pause_seconds_sum",
            }
            self.assertEqual(only_text, expected if table == "sample" else set())
            self.assertEqual(openmetrics.keys() - text.keys(), set())
            for key, value in openmetrics.items():
                if not math.isnan(value) and not key[0].startswith("process_"):
                    self.assertEqual(value, text[key], key)


class Promtool(unittest.TestCase):
    def test_has_exactly_the_nine_known_objections_to_coders_table(self):
        promtool = shutil.which("promtool")
        if promtool is None:
            self.skipTest("promtool is not installed")
        result = subprocess.run(
            [promtool, "check", "metrics"],
            input=dump("coderd", "text"),
            capture_output=True,
            text=True,
            timeout=60,
        )
        lines = (result.stdout + result.stderr).strip().splitlines()
        names = sorted({re.match(r"^([a-zA-Z0-9_:]+) ", line).group(1) for line in lines})
        self.assertEqual(
            names,
            [
                "coderd_agent_aggregator_collect_nanoseconds",
                "coderd_agent_aggregator_count_total",
                "coderd_agent_aggregator_workspace_count_total",
                "coderd_api_request_latencies_ms",
                "coderd_api_websocket_durations_ms",
                "coderd_background_workspace_build_duration_s",
                "coderd_db_sql_query_latencies_ms",
                "coderd_license_time_until_expires_days",
                "coderd_license_user_count",
            ],
        )
        self.assertEqual(len(lines), 9, lines)


if __name__ == "__main__":
    unittest.main()
