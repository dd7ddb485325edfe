#!/usr/bin/python3
"""protoc reads what Stele exposes in protobuf: field by field, and of random values what text
0.0.4 has as well."""

import math
import re
import time
import unittest

from prometheus_client.parser import text_string_to_metric_families as parse_text

from judge_case import (PATHS, decode_body, dump, labels_of, missing, native_buckets, protoc,
                        samples_of, split_body)

LACKS = missing("protoc")


def text_samples(body):
    """{(sample name, labels): value}; bounds and quantiles as numbers."""
    # The parser adds what a counter's name lacks.
    body = re.sub(r"(?m)^# TYPE judged_events counter$", "# TYPE judged_events untyped", body)
    return {
        (sample.name, tuple(sorted(
            (name, float(value) if name in ("le", "quantile") else value)
            for name, value in sample.labels.items()))): sample.value
        for family in parse_text(body) for sample in family.samples
    }


def equal(left, right):
    return left == right or math.isnan(left) and math.isnan(right)


@unittest.skipIf(LACKS, f"not installed: {LACKS}")
class FieldByField(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.families = decode_body(dump("protobuf"))

    def family(self, name, kind, help_text, unit=None):
        family = self.families[name]
        self.assertEqual(family["name"], [name])
        self.assertEqual(family["type"], [kind])
        self.assertEqual(family["help"], [help_text])
        self.assertEqual(family.get("unit"), unit and [unit])
        return family["metric"]

    def take_moment(self, message, field):
        """Takes a moment out of a message; it must be a recent one, in milliseconds."""
        moment = message.pop(field)[0]
        seconds = moment["seconds"][0] + moment.get("nanos", [0])[0] / 1e9
        self.assertLess(abs(time.time() - seconds), 120)
        self.assertEqual(moment.get("nanos", [0])[0] % 1_000_000, 0)

    def take_exemplar(self, message):
        """Takes an exemplar out of a message: its labels and its value."""
        exemplar = message.pop("exemplar")
        self.assertEqual(len(exemplar), 1)
        self.take_moment(exemplar[0], "timestamp")
        return labels_of(exemplar[0]), exemplar[0]["value"][0]

    def test_there_are_the_rows_and_no_others(self):
        self.assertEqual(len(self.families), 16)
        self.assertEqual(list(self.families), sorted(self.families))

    def test_a_single_message_stands_behind_its_length(self):
        first = protoc("Family", split_body(dump("protobuf"))[0])
        self.assertEqual(first["name"], ["judged_alloc_bytes"])

    def test_a_counter_with_an_exemplar(self):
        metric, = self.family("judged_jobs_total", "COUNTER", "Jobs, with an exemplar.")
        counter, = metric.pop("counter")
        self.assertEqual(metric, {})
        self.assertEqual(self.take_exemplar(counter),
                         ({"trace_id": "of a counter", "span_id": '"7"\\\n'}, 5))
        self.take_moment(counter, "start")
        self.assertEqual(counter, {"value": [7]})

    def test_counters_of_doubles_of_integers_and_without_a_suffix(self):
        for name, help_text, unit, value in (
                ("judged_cpu_seconds_total", "Time, a double.", "seconds", 1.25),
                ("judged_alloc_bytes_total", "Beside a gauge of nearly its name.", "bytes", 2**53),
                ("judged_events", "A counter without its suffix.", None, 3)):
            metric, = self.family(name, "COUNTER", help_text, unit)
            counter, = metric.pop("counter")
            self.take_moment(counter, "start")
            self.assertEqual((metric, counter), ({}, {"value": [value]}))

    def test_label_values_as_they_are(self):
        metrics = self.family("judged_paths_total", "COUNTER", "Label values that need care.")
        seen = [(labels_of(metric), metric["counter"][0]["value"][0]) for metric in metrics]
        expected = [({"path": path, "kind": "a"}, value) for value, path in enumerate(PATHS, 1)]
        expected.append(({"path": 1000 * "x", "kind": "b"}, len(PATHS) + 1))
        self.assertEqual(seen, expected)

    def test_gauges(self):
        metric, = self.family("judged_alloc_bytes", "GAUGE", "Beside a counter of nearly its name.",
                              "bytes")
        self.assertEqual(metric, {"gauge": [{"value": [4096]}]})
        metric, = self.family("judged_queue_length", "GAUGE", "An integer below 0.")
        self.assertEqual(metric, {"gauge": [{"value": [-17]}]})
        metrics = self.family("judged_celsius", "GAUGE",
                              'A double, "quoted", with a \\ in its help.', "celsius")
        seen = {labels_of(metric)["place"]: metric["gauge"][0]["value"][0] for metric in metrics}
        self.assertTrue(math.isnan(seen.pop("nan")))
        self.assertEqual(seen, {"a third": 1 / 3, "small": 5e-324, "infinity": math.inf,
                                "large": -1.7976931348623157e308})

    def test_a_classic_histogram_with_exemplars(self):
        get, post = self.family("judged_classic_seconds", "HISTOGRAM", "Classic buckets.",
                                "seconds")
        self.assertEqual([labels_of(get), labels_of(post)], [{"method": "GET"}, {"method": "POST"}])
        histogram, = get["histogram"]
        self.take_moment(histogram, "start")
        self.assertEqual(self.take_exemplar(histogram["bucket"][1]),
                         ({"trace_id": "of a bucket"}, 0.75))
        self.assertEqual(self.take_exemplar(histogram["bucket"][3]), ({"trace_id": "of +Inf"}, 50))
        self.assertEqual(histogram, {
            "count": [6], "sum": [56.4],
            "bucket": [{"cumulative_count": [count], "upper_bound": [bound]}
                       for bound, count in ((0.1, 2), (1, 4), (10, 5), (math.inf, 6))]})
        histogram, = post["histogram"]
        self.take_moment(histogram, "start")
        self.assertEqual(histogram["count"], [0])
        self.assertEqual([bucket["cumulative_count"] for bucket in histogram["bucket"]], 4 * [[0]])

    def test_both_forms_in_one_message(self):
        metric, = self.family("judged_both_seconds", "HISTOGRAM", "Classic and native buckets.",
                              "seconds")
        histogram, = metric["histogram"]
        self.assertEqual([bucket["cumulative_count"][0] for bucket in histogram["bucket"]],
                         [10, 101, 101, 101])
        self.assertEqual(self.take_exemplar(histogram["bucket"][1]), ({"trace_id": "of both"}, 0.5))
        self.assertNotIn("exemplar", histogram)
        self.assertEqual(histogram["schema"], [3])
        self.assertEqual(histogram["zero_threshold"], [2.0**-128])
        self.assertEqual(histogram["zero_count"], [0])
        expected = {}
        for value in [i * 0.01 for i in range(1, 101)] + [0.5]:
            index = math.ceil(math.log2(value) * 8)
            expected[index] = expected.get(index, 0) + 1
        seen = native_buckets(histogram["positive_span"], histogram["positive_delta"])
        self.assertEqual({index: count for index, count in seen.items() if count}, expected)

    def test_native_buckets_alone(self):
        metric, = self.family("judged_native_seconds", "HISTOGRAM", "Native buckets alone.",
                              "seconds")
        histogram, = metric["histogram"]
        self.assertNotIn("bucket", histogram)
        self.assertEqual(histogram["count"], [1001])
        self.assertAlmostEqual(histogram["sum"][0], 500.75)
        self.assertEqual(self.take_exemplar(histogram), ({"trace_id": "of a native"}, 0.25))

    def test_native_buckets_on_both_sides_of_0(self):
        metric, = self.family("judged_signed_celsius", "HISTOGRAM",
                              "Native buckets on both sides of 0.", "celsius")
        histogram, = metric["histogram"]
        schema = histogram["schema"][0]
        negative = native_buckets(histogram["negative_span"], histogram["negative_delta"])
        self.assertEqual({i: count for i, count in negative.items() if count},
                         {0: 1, 2**schema: 1})
        self.assertEqual(histogram["zero_count"], [2])
        self.assertEqual(histogram["count"], [10])

    def test_native_buckets_without_a_value(self):
        metric, = self.family("judged_unused_seconds", "HISTOGRAM",
                              "Native buckets without a value.", "seconds")
        histogram, = metric["histogram"]
        self.assertEqual(histogram["positive_span"], [{"offset": [0], "length": [0]}])
        self.assertEqual(histogram["count"], [0])

    def test_a_summary(self):
        metric, = self.family("judged_pause_seconds", "SUMMARY", "Quantiles.", "seconds")
        self.assertEqual(labels_of(metric), {"cause": "gc"})
        summary, = metric["summary"]
        self.take_moment(summary, "start")
        self.assertEqual((summary["count"], summary["sum"]), ([100], [5050]))
        for seen, quantile in zip(summary["quantile"], (0.5, 0.9, 0.99), strict=True):
            self.assertEqual(seen["quantile"], [quantile])
            self.assertAlmostEqual(seen["value"][0], 100 * quantile, delta=1)

    def test_info_and_stateset(self):
        metric, = self.family("judged_build_info", "GAUGE", "What runs.")
        self.assertEqual(labels_of(metric), {"version": "1.2.3"})
        self.assertEqual(metric["gauge"], [{"value": [1]}])
        states = self.family("judged_state", "GAUGE", "One of three.")
        self.assertEqual([(labels_of(state)["judged_state"], state["gauge"][0]["value"][0])
                          for state in states], [("off", 0), ("on", 1), ('a"b', 0)])

    def test_a_constant_label_stands_first(self):
        for family in decode_body(dump("protobuf", 0, 'zone=a "b"')).values():
            for metric in family["metric"]:
                self.assertEqual(metric["label"][0], {"name": ["zone"], "value": ['a "b"']})


@unittest.skipIf(LACKS, f"not installed: {LACKS}")
class RandomValues(unittest.TestCase):
    SEEDS = range(1, 41)

    def test_are_those_of_the_text_format(self):
        compared = 0
        for seed in self.SEEDS:
            with self.subTest(seed=seed):
                families = decode_body(dump("protobuf", seed))
                text = text_samples(dump("text", seed).decode())
                seen = samples_of(families)
                self.assertEqual(seen.keys(), text.keys())
                for key, value in text.items():
                    self.assertTrue(equal(seen[key], value), f"{key}: {seen[key]}, text {value}")
                compared += len(seen)
                for family in families.values():
                    for metric in family["metric"]:
                        if "histogram" in metric:
                            self.check_native(metric["histogram"][0])
        self.assertGreater(compared, 3000)

    def check_native(self, histogram):
        if "schema" not in histogram:
            return
        self.assertIn(histogram["schema"][0], range(-4, 9))
        total = histogram["zero_count"][0]
        for sign in ("positive", "negative"):
            spans = histogram.get(sign + "_span", [])
            for span in spans[1:]:
                self.assertGreaterEqual(span["offset"][0], 0)
            counts = native_buckets(spans, histogram.get(sign + "_delta", []))
            self.assertTrue(all(count >= 0 for count in counts.values()))
            total += sum(counts.values())
        if not math.isnan(histogram["sum"][0]):
            self.assertEqual(total, histogram["count"][0])


if __name__ == "__main__":
    unittest.main()
