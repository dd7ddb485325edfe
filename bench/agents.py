"""Workspace agents: what their pushes, the scrapes of what they pushed, and its memory cost, beside
the rivals. docs/performance.md says how and why.

    for name, value in measure(programs, rounds, say).items(): …     # medians of the rounds

Servers and files are in temporary folders, ports are free ones on loopback; all that is started is
ended.
"""

import contextlib
import os
import pathlib
import shutil
import statistics
import subprocess
import tempfile
import time

import agents_work
from agents_servers import Failed, Pushgateway, Stele, VictoriaMetrics, wait_until

WORKSPACES, MANY_WORKSPACES = 1_000, 10_000
# Each has other numbers in each; then they begin anew.
DIFFERENT_BUNDLES = 3
PUSH_SECONDS = 5
IDLE_SECONDS = 60
# A million series that are pushed every 15 seconds.
PUSHES_PER_SECOND = 667
LATENCY_SECONDS = 5
CLIENT_SECONDS_MAX = 120
SCRAPES = 3  # of each server in a round
OTHERS = "others_processors"  # how many processors others used


class Bench:
    def __init__(self, programs, folder, rounds, say):
        self.client = programs / "agents_client"
        self.server = programs / "agents_server"
        self.script = pathlib.Path(__file__).resolve().parent / "agents.lua"
        self.folder, self.rounds, self.say = folder, rounds, say
        self.many = agents_work.workspaces(MANY_WORKSPACES)
        self.some = self.many[:WORKSPACES]
        self.servers = 0

    def has(self, program):
        """Whether a rival can be in the run."""
        found = shutil.which(program) is not None
        if not found:
            self.say(f"not in the run: {program}; ./dev setup installs it")
        return found

    def start(self, kind, *arguments):
        """A server with a folder of its own, which ends with the context."""
        self.servers += 1
        folder = self.folder / f"server{self.servers}"
        folder.mkdir()
        return ended(kind(*arguments[:1], folder, *arguments[1:]))

    def start_stele(self, some):
        tokens = agents_work.write_tokens(self.folder / f"tokens{len(some)}", some)
        return self.start(Stele, self.server, tokens)

    def requests(self, server, some, labels, rounds=1):
        """The path of a file that is made once."""
        path = self.folder / f"{server.name}-{len(some)}-{len(labels[0])}-{rounds}"
        return path if path.exists() else agents_work.write_requests(
            path, server.to, some, labels, rounds)

    def run(self, *arguments):
        """What a client says."""
        try:
            done = subprocess.run([str(argument) for argument in arguments], capture_output=True,
                                  text=True, timeout=CLIENT_SECONDS_MAX, check=False)
        except (OSError, subprocess.TimeoutExpired) as why:
            raise Failed(f"expected figures of a client: {why}") from None
        if done.returncode != 0 or not done.stdout:
            raise Failed(f"{pathlib.Path(arguments[0]).name}: expected figures, saw status "
                         f"{done.returncode}: {done.stderr or done.stdout}")
        return done.stdout

    def push_once(self, server, requests):
        self.run(self.client, "push", server.push_port, requests, 0, 0)

    def wrk(self, server, requests, seconds=PUSH_SECONDS):
        """Bundles a second."""
        said = self.run("wrk", "--threads", 1, "--connections", 8, "--duration", f"{seconds}s",
                        "--timeout", "30s", "--script", self.script,
                        f"http://127.0.0.1:{server.push_port}", "--", requests)
        word, count, microseconds, failed = said.splitlines()[-1].split(" ")
        if word != "pushes" or int(failed) != 0:
            raise Failed(f"{server.name}: expected pushes without fault, saw: {said}")
        return int(count) * 1e6 / int(microseconds)

    def scrapes_ms(self, server, count):
        said = self.run(self.client, "scrape", server.scrape_port, count)
        return [int(line.split(" ")[0]) / 1e6 for line in said.splitlines()]

    def latencies_us(self, server, requests):
        """p50 and p99 of pushes at the rate."""
        word, count, _, p50, _, p99, _, real_time = self.run(
            self.client, "push", server.push_port, requests, PUSHES_PER_SECOND,
            LATENCY_SECONDS).split()
        if word != "pushes" or int(count) < PUSHES_PER_SECOND * LATENCY_SECONDS - 1:
            raise Failed(f"expected {PUSHES_PER_SECOND} pushes a second, saw {count} pushes")
        if real_time != "1":
            self.say("the pushing client has no real-time priority: latencies have its own waits")
        return int(p50) / 1e3, int(p99) / 1e3


@contextlib.contextmanager
def ended(server):
    try:
        yield server
    finally:
        server.stop()


def processor_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / 100


def settle(*servers):
    """Waits until what they do behind an answer is done, so that it is not in another's time."""
    def still():
        before = [processor_seconds(server.pid) for server in servers]
        time.sleep(0.5)
        return all(processor_seconds(server.pid) - seconds <= 0.02
                   for server, seconds in zip(servers, before))
    with contextlib.suppress(Failed):
        wait_until("servers without work", still, wait_max=10, pause=0)


def memory_folder():
    """Where no disk is waited for: VictoriaMetrics writes what is pushed."""
    shared = pathlib.Path("/dev/shm")
    return shared if os.access(shared, os.W_OK) else None


def busy_seconds():
    """What all processors together have worked since the start, for whomever."""
    user, nice, system, _, _, irq, softirq, steal, *_ = (
        int(field) for field in
        pathlib.Path("/proc/stat").read_text(encoding="ascii").split("\n")[0].split()[1:])
    return (user + nice + system + irq + softirq + steal) / 100


def pushes(bench):
    """Bundles a second, both sides in turn. Each workspace has pushed before, so that no index is
    made meanwhile."""
    with contextlib.ExitStack() as servers:
        sides = {"stele": servers.enter_context(bench.start_stele(bench.some))}
        if bench.has("victoria-metrics"):
            sides["victoria_metrics"] = servers.enter_context(bench.start(VictoriaMetrics))
        files = {side: bench.requests(server, bench.some, agents_work.TWO_LABELS,
                                      DIFFERENT_BUNDLES) for side, server in sides.items()}
        for side, server in sides.items():
            bench.push_once(server, files[side])
            server.require_samples(WORKSPACES * agents_work.SERIES)
        found = {f"push_{side}_bundles_per_second": [] for side in sides}
        for _ in range(bench.rounds):
            for side, server in sides.items():
                settle(*sides.values())
                found[f"push_{side}_bundles_per_second"].append(bench.wrk(server, files[side]))
    return found


class Held:
    """A server and what it holds: pushed, and scraped three times."""

    def __init__(self, bench, server, some, labels, by_wrk):
        self.bench, self.server = bench, server
        self.series = len(some) * agents_work.SERIES
        self.file = bench.requests(server, some, labels, DIFFERENT_BUNDLES if by_wrk else 1)
        self.rss_before = server.rss_bytes()
        if by_wrk:
            bench.wrk(server, self.file)
        else:
            self.push_again()
        bench.scrapes_ms(server, 2)
        server.require_samples(self.series)

    def push_again(self):
        self.bench.push_once(self.server, self.file)

    def growth(self):
        return self.server.rss_bytes() - self.rss_before


def hold(bench, servers):
    """{what: Held}; the rival's first, as it takes longest and its series do not expire."""
    def stele(some):
        return servers.enter_context(bench.start_stele(some))
    held = {}
    if bench.has("prometheus-pushgateway"):
        held["100k_pushgateway"] = Held(
            bench, servers.enter_context(bench.start(Pushgateway)), bench.some,
            agents_work.TWO_LABELS, by_wrk=True)
    held["100k_stele"] = Held(bench, stele(bench.some), bench.some, agents_work.TWO_LABELS,
                              by_wrk=True)
    held["100k_one_label_stele"] = Held(bench, stele(bench.some), bench.some,
                                        agents_work.ONE_LABEL, by_wrk=False)
    held["1m_stele"] = Held(bench, stele(bench.many), bench.many, agents_work.ONE_LABEL,
                            by_wrk=False)
    return held


def memory(bench, held):
    """What the servers have grown by, after a minute without work; and who else worked in it."""
    bench.say(f"waiting: {IDLE_SECONDS} s in which nothing of the bench works")
    busy, begin = busy_seconds(), time.monotonic()
    time.sleep(IDLE_SECONDS)
    others = (busy_seconds() - busy) / (time.monotonic() - begin)
    return {f"memory_{what}_bytes": [one.growth()] for what, one in held.items()} | {
        OTHERS: [others]}


def scrapes(bench, held):
    """Whole responses, all sides in turn."""
    found = {f"scrape_{what}_ms": [] for what in held}
    for _ in range(bench.rounds):
        for what, one in held.items():
            settle(*(each.server for each in held.values()))
            found[f"scrape_{what}_ms"] += bench.scrapes_ms(one.server, SCRAPES)
    return found


def latencies(bench, one):
    """Of pushes to a server that has a million series: without scrapes, and while one follows the
    other; in turn."""
    found, scraped = {}, 0

    def add(when):
        p50, p99 = bench.latencies_us(one.server, one.file)
        found.setdefault(f"push_{when}_p50_us", []).append(p50)
        found.setdefault(f"push_{when}_p99_us", []).append(p99)
    for _ in range(bench.rounds):
        settle(one.server)
        add("idle")
        with subprocess.Popen([bench.client, "scrape", str(one.server.scrape_port), "0"],
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE) as scraper:
            try:
                add("while_scraping_1m")
            finally:
                said, _ = scraper.communicate()
        if scraper.returncode != 0:
            raise Failed("expected scrapes while pushes are measured, saw none")
        scraped += len(said.splitlines())
    one.server.require_samples(one.series)
    return found | {"scrapes_while_pushing_per_second":
                    [scraped / (bench.rounds * LATENCY_SECONDS)]}


def held_series(bench):
    with contextlib.ExitStack() as servers:
        held = hold(bench, servers)
        found = memory(bench, held)
        for one in held.values():
            one.push_again()  # before they expire
        found |= scrapes(bench, held)
        many = held["1m_stele"]
        many.push_again()
        return found | latencies(bench, many)


def measure(programs, rounds, say):
    """Medians; what fails is said, and is not among them."""
    found = {}
    with tempfile.TemporaryDirectory(dir=memory_folder()) as folder:
        bench = Bench(programs, pathlib.Path(folder), rounds, say)
        for part in (pushes, held_series):
            say(f"running agents: {part.__name__}")
            try:
                found |= part(bench)
            except Failed as why:
                say(f"no figures of {part.__name__}: {why}")
    return {name: statistics.median(values) for name, values in found.items()}
