#!/usr/bin/python3
"""Runs the benches of one question, prints their figures, and writes them to a file.

    run.py agents|hotpath|scrape --build DIR [--json FILE] [--repetitions N]

`./dev bench` builds what is run here. The file is {"figures": {name: number}}: a figure that was
not measured is not in it.
"""

import argparse
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import agents as agents_bench
import figures
import scrape_memory

CALLS = 1000
ROUNDS_MAX = 5  # of seconds each, with servers


def say(text):
    print(f"bench: {text}", file=sys.stderr, flush=True)


def benchmark(program, *arguments):
    """The repetitions that a Google Benchmark program reports."""
    say(f"running {program.name}")
    with tempfile.NamedTemporaryFile(suffix=".json") as report:
        subprocess.run([program, f"--benchmark_out={report.name}", "--benchmark_out_format=json",
                        *arguments], check=True, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)
        return figures.repetitions(report.name)


def interleaved(arguments, min_time=0.05):
    """Repetitions of all benches in random order: what drifts, drifts for all of them."""
    return ["--benchmark_enable_random_interleaving=true",
            f"--benchmark_repetitions={arguments.repetitions}",
            f"--benchmark_min_time={min_time}"]


def instructions(program):
    """Instructions of one update, `ret` included, counted by callgrind."""
    valgrind = shutil.which("valgrind")
    if not valgrind:
        say("no instruction counts: expected valgrind, saw none; ./dev setup installs it")
        return {}
    say("counting instructions")
    counts = {}
    names = subprocess.run([program, "--list"], check=True, capture_output=True, text=True)
    for name in names.stdout.split():
        done = subprocess.run([valgrind, "--tool=callgrind", f"--toggle-collect=one_{name}",
                               "--callgrind-out-file=/dev/null", program, name, str(CALLS)],
                              capture_output=True, text=True)
        collected = re.search(r"Collected : (\d+)", done.stderr)
        if done.returncode == 0 and collected:
            counts[f"{name}_instructions"] = int(collected[1]) / CALLS
        else:
            say(f"no instruction count of {name}: callgrind said: {done.stderr[-500:]}")
    return counts


def print_table(rows, headings):
    widths = [max(len(row[i]) for row in [headings, *rows]) for i in range(len(headings))]
    for row in [headings, *rows]:
        cells = [row[0].ljust(widths[0])] + [c.rjust(w) for c, w in zip(row[1:], widths[1:])]
        print("  ".join(cells).rstrip())
    print()


def print_figures(found):
    print_table([(name, f"{value:,}" if isinstance(value, int) else f"{value:.4g}",
                  *figures.verdict(name, value))
                 for name, value in found.items()], ("figure", "value", "bound", ""))


def print_missing(question, found):
    missing = [name for name in figures.BOUNDS[question] if name not in found]
    if missing:
        say(f"not measured: {', '.join(missing)}")


def print_medians(medians, unit="ns", ns=1):
    rows = []
    for name in dict.fromkeys(key.rsplit(" ", 1)[0] for key in medians):
        rows.append((name, *(f"{medians[f'{name} {n}t'] / ns:.3f}"
                             if f"{name} {n}t" in medians else "" for n in (1, 2))))
    print_table(rows, (f"median {unit} an operation", "1 thread", "2 threads"))


def print_load():
    """What makes figures worth less: a machine that others use."""
    print(f"load average {os.getloadavg()[0]:.1f} over the last minute, "
          f"{os.cpu_count()} processors")


def print_machine(runs):
    print_load()
    both = runs.get("counter_inc_stele 2t", [])
    if both:
        used = sorted(run["cpu_time"] / run["real_time"] for run in both)[len(both) // 2]
        print(f"two threads had {used:.2f} processors" +
              ("" if used > 1.9 else ": the figures of two threads are NOT those of this machine, "
               "somebody else was using it"))


def hotpath(arguments):
    programs = arguments.build / "bench"
    runs = benchmark(programs / "hotpath_bench", *interleaved(arguments))
    medians = figures.medians_ns(runs)
    found = figures.hotpath(medians)
    found |= figures.writers(benchmark(programs / "writers_bench"))
    found |= instructions(programs / "instructions")
    print_figures(found)
    print_missing("hotpath", found)
    print_medians(medians)
    print_machine(runs)
    return found | {name.replace(" ", "_") + "_ns": ns for name, ns in medians.items()}


def scrape(arguments):
    programs = arguments.build / "bench"
    scrapes = figures.medians_ns(
        benchmark(programs / "expose_bench", *interleaved(arguments, 0.2)) |
        benchmark(programs / "scrape_http_bench", *interleaved(arguments)))
    updates = figures.medians_ns(
        benchmark(programs / "inc_beside_scrapes_bench", *interleaved(arguments, 0.2)))
    say("running scrape_memory")
    found = figures.scrape(scrapes | updates)
    found |= scrape_memory.measure(programs / "scrape_memory", say)
    print_figures(found)
    print_missing("scrape", found)
    print_medians(scrapes, "ms", 1e6)
    print_medians(updates)
    print_load()
    return found | {name.removesuffix(" 1t") + "_ns": ns
                    for name, ns in (scrapes | updates).items()}


def agents(arguments):
    rounds = min(arguments.repetitions, ROUNDS_MAX)
    medians = agents_bench.measure(arguments.build / "bench", rounds, say)
    found = figures.agents(medians)
    print_figures(found)
    print_missing("agents", found)
    others = medians.pop(agents_bench.OTHERS, None)
    print_table([(name, f"{value:,.4g}" if value < 1000 else f"{value:,.0f}")
                 for name, value in medians.items()], ("median", "value"))
    print_load()
    if others is not None:
        print(f"others used {others:.2f} processors while the bench waited" +
              ("" if others < 0.1 else ": these figures are NOT those of this machine"))
    return found | medians


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0], allow_abbrev=False)
    parser.add_argument("question", choices=["agents", "hotpath", "scrape"])
    parser.add_argument("--build", type=pathlib.Path, required=True, metavar="DIR")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE")
    parser.add_argument("--repetitions", type=int, default=15, metavar="N")
    arguments = parser.parse_args()
    questions = {"agents": agents, "hotpath": hotpath, "scrape": scrape}
    found = questions[arguments.question](arguments)
    if arguments.json:
        arguments.json.write_text(json.dumps({"figures": found}, indent=2) + "\n",
                                  encoding="utf-8")


if __name__ == "__main__":
    main()
