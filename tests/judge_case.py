"""What the judges' tests share: the program that has a row for each thing that a format has
(tests/served.cpp), its bodies, and a decoder of protobuf, which is protoc's."""

import math
import os
import pathlib
import re
import shutil
import subprocess
import sys

SOURCE_ROOT = pathlib.Path(os.environ.get("STELE_SOURCE_ROOT",
                                          pathlib.Path(__file__).resolve().parent.parent))
SERVED = os.environ.get("STELE_SERVED", str(SOURCE_ROOT / "build/tests/served"))

sys.path.insert(0, str(SOURCE_ROOT / "src/coderd"))
sys.dont_write_bytecode = True

from client import Failed, Process  # noqa: E402  (found through the path above)

# The label values of judged_paths_total{kind="a"}, in the order of their values, from 1 on.
PATHS = ["/", "", 'a"b', "a\\b", "a\nb", "a\\nb", "\\", '"', ',x="y"', "ä€😀", "{}#= "]


def dump(form, seed=0, *constant_label):
    """The body in a format; with a seed one of random values, the same for the same seed."""
    return subprocess.run([SERVED, "dump", form, str(seed), *constant_label], capture_output=True,
                          check=True, timeout=60).stdout


class Served(Process):
    """The program as a service; `target` is its address."""

    def __init__(self, folder):
        super().__init__([SERVED, "serve"], folder, "served")
        line = self.read_line().split(" ")
        if line[0] != "port":
            self.stop()
            raise Failed(f"served: expected its port, saw {line}: {self.errors()}")
        self.target = f"127.0.0.1:{line[1]}"


def missing(*programs):
    """Which of the programs that a test needs is not installed; empty where all are."""
    return ", ".join(name for name in programs if shutil.which(name) is None)


# ---- Protobuf -----------------------------------------------------------------------------------

def split_body(body):
    """The messages of a delimited body."""
    messages, at = [], 0
    while at < len(body):
        size, begin = varint(body, at)
        if begin + size > len(body):
            raise AssertionError(f"a message of {size} bytes begins {len(body) - begin} bytes "
                                 "before the body's end")
        messages.append(body[begin:begin + size])
        at = begin + size
    return messages


def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return value, at


def to_varint(value):
    encoded = bytearray()
    while value >= 0x80:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)


def protoc(message, data):
    """What protoc reads, as nested {field: [values]}. A field without a name is not expected."""
    result = subprocess.run(
        ["protoc", f"--decode=judged.{message}", "-I", str(SOURCE_ROOT / "tests/data"),
         "exposition.proto"], input=data, capture_output=True, timeout=60)
    if result.returncode != 0:
        raise AssertionError(f"protoc: {result.stderr.decode()}")
    return read_text_format(result.stdout.decode())


def decode_body(body):
    """{name: family} of a delimited body, in one call of protoc."""
    whole = b"".join(b"\x0a" + to_varint(len(message)) + message for message in split_body(body))
    families = {}
    for family in protoc("Body", whole).get("family", []):
        name = family["name"][0]
        if name in families:
            raise AssertionError(f"family {name} stands twice")
        families[name] = family
    return families


ESCAPES = {"n": 10, "t": 9, "r": 13, '"': 34, "'": 39, "\\": 92}


def unescape(text):
    """A string of protobuf's text format: UTF-8 bytes as octal numbers."""
    found = bytearray()
    for octal, escape, plain in re.findall(r"\\([0-7]{3})|\\(.)|([^\\])", text):
        if octal:
            found.append(int(octal, 8))
        else:
            found += bytes([ESCAPES[escape]]) if escape else plain.encode()
    return found.decode()


def read_text_format(text):
    stack = [{}]
    for line in text.splitlines():
        line = line.strip()
        if line == "}":
            stack.pop()
            continue
        match = re.fullmatch(r"([A-Za-z_]+)(?: \{|: (.*))", line)
        if match is None:
            raise AssertionError(f"a field that is not in the schema: {line}")
        name, value = match.groups()
        if value is None:
            message = {}
            stack[-1].setdefault(name, []).append(message)
            stack.append(message)
        elif value.startswith('"'):
            stack[-1].setdefault(name, []).append(unescape(value[1:-1]))
        elif re.fullmatch(r"[A-Z]+", value):
            stack[-1].setdefault(name, []).append(value)
        elif re.fullmatch(r"-?\d+", value):
            stack[-1].setdefault(name, []).append(int(value))
        else:
            stack[-1].setdefault(name, []).append(float(value))
    return stack[0]


def labels_of(message):
    return {label["name"][0]: label["value"][0] for label in message.get("label", [])}


def samples_of(families):
    """{(sample name, labels): value} of decoded families, as text 0.0.4 has them."""
    samples = {}

    def add(name, labels, value, **more):
        key = name, tuple(sorted({**labels, **more}.items()))
        if key in samples:
            raise AssertionError(f"sample {key} stands twice")
        samples[key] = float(value)

    for name, family in families.items():
        for metric in family["metric"]:
            labels = labels_of(metric)
            if "summary" in metric:
                summary = metric["summary"][0]
                for quantile in summary["quantile"]:
                    add(name, labels, quantile["value"][0], quantile=float(quantile["quantile"][0]))
                add(name + "_sum", labels, summary["sum"][0])
                add(name + "_count", labels, summary["count"][0])
            elif "histogram" in metric:
                histogram = metric["histogram"][0]
                native_only = [{"upper_bound": [math.inf],
                                "cumulative_count": histogram["count"]}]
                for bucket in histogram.get("bucket", native_only):
                    add(name + "_bucket", labels, bucket["cumulative_count"][0],
                        le=float(bucket["upper_bound"][0]))
                add(name + "_sum", labels, histogram["sum"][0])
                add(name + "_count", labels, histogram["count"][0])
            else:
                add(name, labels, metric.get("counter", metric.get("gauge"))[0]["value"][0])
    return samples


def native_buckets(spans, deltas):
    """{index: count} of a sign's native buckets."""
    counts, index, count, rest = {}, 0, 0, iter(deltas)
    for span in spans:
        index += span["offset"][0]
        for _ in range(span["length"][0]):
            count += next(rest)
            counts[index] = count
            index += 1
    if list(rest):
        raise AssertionError("more deltas than the spans have buckets")
    return counts
