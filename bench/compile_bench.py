#!/usr/bin/python3
"""What Stele costs the compiler: to include a service's header, and to instrument one place more.

Every figure is CPU time of the compiler at -O2, linker left out. The units are compiled in turn,
round after round, so that a machine that slows down slows all of them; a ratio is the median of the
rounds' ratios, a time the median of the rounds' times. The rival is prometheus-cpp (Debian's
prometheus-cpp-dev): the headers that a program with its four instruments includes.

  include_cost_vs_prometheus_cpp   the rival's headers over generated/coderd.hpp, empty units
  per_use_compile_ms               one more unlabelled counter, another row each time, in a unit
                                   that counts already; of a table of 200 counters, made here
"""

import argparse
import json
import os
import pathlib
import resource
import statistics
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
RIVAL = ("counter.h", "gauge.h", "histogram.h", "summary.h", "registry.h")
COUNTERS = 200


def fail(message):
    sys.exit(f"compile_bench: error: {message}")


def table_page():
    """A page whose rows look like a service's."""
    rows = "".join(
        f"| `bench_things_{i:03}_total` | counter | Things of kind {i} that were done. |\n"
        for i in range(COUNTERS))
    return "# A table to measure\n\n| Metric | Type | Description |\n|---|---|---|\n" + rows


def uses(count, *, distinct):
    """A unit with `count` functions that increment a counter each."""
    lines = ["#include <bench.hpp>"]
    for i in range(count):
        row = f"bench_things_{i if distinct else 0:03}_total"
        lines.append(f'void use_{i}() {{ bench::metric<"{row}">.inc(); }}')
    return "\n".join(lines) + "\n"


def including(*headers):
    return "".join(f"#include <{header}>\n" for header in headers)


def units():
    return {
        "empty": "",
        "standard": including("array", "atomic", "span", "string_view"),
        "coderd": including("coderd.hpp"),
        "prometheus_cpp": including(*(f"prometheus/{header}" for header in RIVAL)),
        "uses_0": uses(0, distinct=True),
        "uses_1": uses(1, distinct=True),
        "uses_all": uses(COUNTERS, distinct=True),
        "uses_same": uses(COUNTERS, distinct=False),
    }


def cpu_ms(command):
    """The CPU time of a command and its children, which must succeed."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, capture_output=True, text=True, timeout=300,
                          env={**os.environ, "CCACHE_DISABLE": "1"})
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode != 0:
        fail(f"expected to compile: {' '.join(map(str, command))}\n{done.stderr}")
    return 1000 * (after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime)


def measure(compiler, includes, folder, rounds):
    """The times of each unit, a round each."""
    times = {}
    for name, text in units().items():
        (folder / f"{name}.cpp").write_text(text, encoding="utf-8")
        times[name] = []
    flags = ["-std=c++20", "-O2", *(f"-I{path}" for path in includes)]
    for _ in range(rounds + 1):
        for name, of_unit in times.items():
            unit = folder / f"{name}.cpp"
            of_unit.append(cpu_ms([compiler, *flags, "-c", unit, "-o", folder / "unit.o"]))
    return {name: of_unit[1:] for name, of_unit in times.items()}  # one round warms caches


def median_of(times, formula):
    """The median over the rounds of what the formula makes of a round's times."""
    rounds = [dict(zip(times, values)) for values in zip(*times.values())]
    return statistics.median(formula(each) for each in rounds)


def figures_of(times):
    return {
        "include_cost_vs_prometheus_cpp":
            median_of(times, lambda ms: ms["prometheus_cpp"] / ms["coderd"]),
        "include_ms": median_of(times, lambda ms: ms["coderd"]),
        "include_prometheus_cpp_ms": median_of(times, lambda ms: ms["prometheus_cpp"]),
        "include_standard_headers_ms": median_of(times, lambda ms: ms["standard"]),
        "include_empty_unit_ms": median_of(times, lambda ms: ms["empty"]),
        "first_use_compile_ms": median_of(times, lambda ms: ms["uses_1"] - ms["uses_0"]),
        "per_use_compile_ms":
            median_of(times, lambda ms: (ms["uses_all"] - ms["uses_1"]) / (COUNTERS - 1)),
        "per_use_same_row_compile_ms":
            median_of(times, lambda ms: (ms["uses_same"] - ms["uses_1"]) / (COUNTERS - 1)),
    }


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build",
                        help="a configured build folder, with src/table/stele built (build/)")
    parser.add_argument("--compiler", default="g++", help="g++, or clang++-19")
    parser.add_argument("--rounds", type=int, default=9, help="rounds that count (9)")
    parser.add_argument("--json", type=pathlib.Path, help='writes {"figures": {name: number}}')
    return parser.parse_args()


def main():
    arguments = parse_arguments()
    tool = arguments.build / "src/table/stele"
    if not tool.exists():
        fail(f"expected the table compiler at {tool}, saw nothing; build it: "
             f"ninja -C {arguments.build} src/table/stele")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        (folder / "bench.md").write_text(table_page(), encoding="utf-8")
        subprocess.run([tool, "compile", folder / "bench.md", "-o", folder / "bench.hpp"],
                       check=True, capture_output=True)
        includes = [ROOT / "include", arguments.build / "include", ROOT / "generated", folder]
        times = measure(arguments.compiler, includes, folder, arguments.rounds)
    figures = figures_of(times)
    for key, value in figures.items():
        print(f"{key:34} {value:9.2f}")
    if arguments.json:
        text = json.dumps({"figures": figures}, indent=2) + "\n"
        arguments.json.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
