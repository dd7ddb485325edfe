#!/usr/bin/python3
"""What is read of a pushed body is what Python's parsers read of it: its text parser, which is lax,
and its strict one of OpenMetrics. Bodies are generated, from seeds, by Python's client and by hand."""

import math
import os
import pathlib
import random
import re
import subprocess
import tempfile
import unittest

from prometheus_client import CollectorRegistry, Counter, Enum, Gauge, Histogram, Info, Summary
from prometheus_client import exposition as text_writer
from prometheus_client import parser as text_parser
from prometheus_client.openmetrics import exposition as openmetrics_writer
from prometheus_client.openmetrics import parser as openmetrics_parser

READ_BUNDLE = os.environ["STELE_READ_BUNDLE"]
ROOT = pathlib.Path(os.environ["STELE_SOURCE_ROOT"])
SUFFIXES = {
    "counter": ["_total", "_created"],
    "histogram": ["_bucket", "_sum", "_count", "_created"],
    "summary": ["_sum", "_count", "_created", ""],
    "info": ["_info"],
}


# ---- What we read --------------------------------------------------------------------------------


def read_bundles(form, bodies):
    """The output for each body, as lines."""
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for i, body in enumerate(bodies):
            paths.append(pathlib.Path(folder) / str(i))
            paths[-1].write_bytes(body if isinstance(body, bytes) else body.encode())
        run = subprocess.run([READ_BUNDLE, form, *paths], capture_output=True, timeout=60, check=True)
    outputs = run.stdout.decode().split("---\n")
    assert len(outputs) == len(bodies) + 1
    return [output.splitlines() for output in outputs[:-1]]


def labels_of(rendered):
    pairs = re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', rendered)
    plain = {"\\\\": "\\", '\\"': '"', "\\n": "\n"}
    return tuple((name, re.sub(r"\\.", lambda found: plain[found[0]], value)) for name, value in pairs)


def number(text):
    return "NaN" if text == "NaN" else float(text)


def ours(lines):
    """{family name: (type, {labels: {part: number}})}; refused families are not in it."""
    families = {}
    for line in lines:
        if line.startswith(("refused ", "  help ", "  unit ")):
            continue
        if not line.startswith(" "):
            kind, name = line.split(" ")
            series = {}
            families[name] = (kind, series)
            continue
        labels, numbers = re.match(r'  \{((?:[^"}]|"(?:[^"\\]|\\.)*")*)\} (.*)$', line).groups()
        series[labels_of(labels)] = parts_of(kind, numbers.split(" "))
    return families


def parts_of(kind, words):
    parts, total = {}, 0
    words = iter(words)
    for word in words:
        if word in ("sum", "count", "created"):
            parts[word] = number(next(words))
        elif ":" in word:
            of, value = word.split(":")
            total += number(value) if kind == "histogram" else 0
            parts[number(of)] = total if kind == "histogram" else number(value)
        else:
            parts["value"] = number(word)
    return parts


# ---- What Python reads ---------------------------------------------------------------------------


def exact(value):
    return "NaN" if math.isnan(value) else value


def milliseconds(seconds):
    """Half a millisecond is rounded up; Python's round() goes to the even one."""
    return math.floor(seconds * 1000 + 0.5)


def theirs(metrics, form):
    """The same of Python's metrics, by the rules of docs: names of text 0.0.4; start times with
    what started; a histogram's sum NaN where there is none."""
    families = {}
    for metric in metrics:
        for sample in metric.samples:
            add_sample(families, metric, sample, form)
    adopt_start_times(families)
    for kind, series in families.values():
        for parts in series.values():
            if kind == "histogram":
                parts.setdefault("sum", "NaN")
                parts.pop("count", None)
    return families


def add_sample(families, metric, sample, form):
    kind = {"stateset": "gauge", "untyped": "unknown"}.get(metric.type, metric.type)
    name = metric.name + {"counter": "_total", "info": "_info"}.get(kind, "")
    labels = {key: value for key, value in sample.labels.items() if value != ""}
    suffix = sample.name[len(metric.name):]
    part = suffix[1:] if suffix in ("_sum", "_count", "_created") and kind != "gauge" else "value"
    if kind == "histogram" and suffix == "_bucket":
        part = number(labels.pop("le"))
    if kind == "summary" and suffix == "":
        part = number(labels.pop("quantile"))
    if form == "text" and kind == "counter":
        name = sample.name
    series = families.setdefault(name, (kind, {}))[1]
    value = exact(sample.value)
    if part == "created":
        value = milliseconds(value)
    series.setdefault(tuple(sorted(labels.items())), {})[part] = value


def adopt_start_times(families):
    for name in [name for name in families if name.endswith("_created")]:
        base = name[: -len("_created")]
        for of in (base, base + "_total"):
            if of not in families or families[of][0] not in ("counter", "histogram", "summary"):
                continue
            for labels, parts in families.pop(name)[1].items():
                families[of][1][labels]["created"] = milliseconds(parts["value"])
            break


def in_common(families):
    """Python gives every counter a `_total`; we leave names as they are."""
    return {
        name.removesuffix("_total") if kind == "counter" else name: (kind, series)
        for name, (kind, series) in families.items()
    }


# ---- Bodies --------------------------------------------------------------------------------------

VALUES = [0, 1, 2.5, -3, 1e-9, 1e21, 123456789012, 0.1, math.inf, 7.25e-300, 5e-324, 1 / 3]
TEXTS = ["", "a", "b c", 'quo"te', "back\\slash", "new\nline", "\\n", "é€😀", "{a=\"b\"}", ",", "#", "=", "}"]


def client_registry(seed):
    """A registry as an agent has it."""
    chance = random.Random(seed)
    registry = CollectorRegistry()

    def labelled(make, name, update, **options):
        names = chance.sample(["code", "path", "zone"], chance.randint(0, 2))
        metric = make(name, chance.choice(TEXTS), names, registry=registry, **options)
        for _ in range(chance.randint(1, 3)):
            labels = [chance.choice(TEXTS) for _ in names]
            update(metric.labels(*labels) if names else metric)

    positive = [value for value in VALUES if 0 <= value < 1e30]
    for i in range(chance.randint(1, 6)):
        make = chance.randint(0, 5)
        if make == 0:
            labelled(Counter, f"jobs{i}", lambda it: it.inc(chance.choice(positive)))
        elif make == 1:
            labelled(Gauge, f"heat{i}", lambda it: it.set(chance.choice(VALUES + [math.nan])))
        elif make == 2:
            labelled(Summary, f"took{i}", lambda it: it.observe(chance.choice(positive)))
        elif make == 3:
            bounds = sorted(chance.sample(VALUES[:8], chance.randint(1, 5)))
            if bounds[0] < 0:
                bounds = bounds[1:] or [1]
            labelled(Histogram, f"waited{i}", lambda it: it.observe(chance.choice(positive)), buckets=bounds)
        elif make == 4:
            labelled(Info, f"build{i}", lambda it: it.info({"version": chance.choice(TEXTS[1:])}))
        else:
            labelled(Enum, f"state{i}", lambda it: it.state("on"), states=["on", "off"])
    return registry


def odd_text(seed):
    """Text as other clients write it: metadata or none, blanks, comments, empty lines."""
    chance = random.Random(seed)

    def blank():
        return " " * chance.randint(1, 3)

    lines = []
    for i in range(chance.randint(1, 5)):
        name = chance.choice(["a", "b:c", "_d", "E9"]) + str(i)
        kind = chance.choice(["counter", "gauge", "untyped", None])
        if kind:
            lines.append(f"#{blank()}TYPE{blank()}{name}{blank()}{kind}")
        if kind and chance.random() < 0.5:
            lines.insert(-1, f"# HELP {name}{blank()}{chance.choice(['', 'Text.', 'a # b'])}")
        for j in range(chance.randint(1, 3)):
            text = chance.choice(TEXTS).replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
            labels = [f'n="{j}"', f'x="{text}"'][: chance.randint(1, 2)]
            comma = chance.choice(["", ","])
            value = chance.choice(["1", "0.5", "+Inf", "1e3", "12345678901234567890", "0.1e-3", "5."])
            lines.append(f"{name}{{{','.join(labels)}{comma}}}{blank()}{value}")
        if chance.random() < 0.3:
            lines.append(chance.choice(["", "# a comment", "#", "#comment"]))
    return "\n".join(lines) + "\n"


class Clients(unittest.TestCase):
    maxDiff = None

    def compare(self, form, bodies):
        parse = (text_parser if form == "text" else openmetrics_parser).text_string_to_metric_families
        for body, lines in zip(bodies, read_bundles(form, bodies)):
            with self.subTest(body=body):
                self.assertFalse([line for line in lines if line.startswith(("fault", "refused"))])
                self.assertEqual(in_common(ours(lines)), in_common(theirs(parse(body), form)))

    # "so that existing client libraries work unmodified"
    def test_text_of_pythons_client(self):
        self.compare("text", [text_writer.generate_latest(client_registry(seed)).decode() for seed in range(150)])

    def test_openmetrics_of_pythons_client(self):
        self.compare(
            "openmetrics", [openmetrics_writer.generate_latest(client_registry(seed)).decode() for seed in range(150)]
        )

    def test_text_of_others(self):
        self.compare("text", [odd_text(seed) for seed in range(300)])

    def test_a_real_exposition(self):
        path = ROOT / "../shared/corpus/exposition/alltypes.237mfs.prom.txt"
        if not path.exists():
            self.skipTest("../shared/corpus is not beside the repository")
        self.compare("text", [path.read_text(encoding="utf-8")])

    # What we take of OpenMetrics whole, a strict parser takes; but for what is stated here.
    def test_broken_openmetrics_is_not_taken(self):
        lenient = (
            "Buckets out of order|Invalid metric grouping|Invalid (le|quantile) label|_count must be present|"
            "_sum/_gsum must be present|Cannot have _sum with negative|Quantile values cannot be negative|"
            "Counter-like samples cannot be (NaN|negative)|"  # of sums
            "Clashing name"  # with a family without samples, which is none here
        )
        chance = random.Random(7)
        bodies = []
        for seed in range(1500):
            body = openmetrics_writer.generate_latest(client_registry(seed % 100)).decode()
            at = chance.randrange(len(body))
            change = chance.choice(["cut", "insert", "replace", "swap"])
            other = chance.choice(" \n\"\\{}=,#_:0aé")
            if change == "swap":
                lines = body.splitlines(keepends=True)
                first, second = chance.randrange(len(lines)), chance.randrange(len(lines))
                lines[first], lines[second] = lines[second], lines[first]
                body = "".join(lines)
            else:
                body = body[:at] + (other if change != "cut" else "") + body[at + (change != "insert"):]
            bodies.append(body)
        taken = 0
        for body, lines in zip(bodies, read_bundles("openmetrics", bodies)):
            if any(line.startswith(("fault", "refused")) for line in lines):
                continue
            taken += 1
            with self.subTest(body=body):
                try:
                    metrics = list(openmetrics_parser.text_string_to_metric_families(body))
                except (ValueError, KeyError) as wrong:
                    self.assertRegex(str(wrong), lenient)
                    continue
                self.assertEqual(ours(lines), theirs(metrics, "openmetrics"))
        self.assertGreater(taken, 100)
        self.assertLess(taken, len(bodies) - 100)


if __name__ == "__main__":
    unittest.main()
