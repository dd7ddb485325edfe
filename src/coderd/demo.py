#!/usr/bin/python3
"""The demo: coderd does real work, a real Prometheus scrapes it, and its answers are shown.

Without --check it stays up until Ctrl-C. With --check it compares every answer with what was sent,
and every exposed name, type and help text with the table, and ends with status 0 or 1. Whatever
happens, it ends the two programs that it started and removes its files. Loopback only.
"""

import argparse
import contextlib
import json
import pathlib
import shutil
import signal
import socket
import sys
import tempfile
import threading
import time
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
sys.dont_write_bytecode = True

import client  # noqa: E402  (the line above finds it)
from client import Api, Coderd, Failed, Process, wait_until  # noqa: E402

SCRAPE_CONFIG = """\
global: {{scrape_interval: 1s, scrape_timeout: 1s}}
scrape_configs:
  - job_name: coderd
    static_configs: [{{targets: ["{target}"]}}]
"""


class Interrupted(BaseException):
    """A signal asked for the end."""


class Signals:
    """Turns SIGINT, SIGTERM, SIGHUP and SIGQUIT into Interrupted, except while they are held back."""

    def __init__(self):
        self._held, self._pending, self._raised = 0, False, False
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
            signal.signal(number, self._on_signal)

    def _on_signal(self, _number, _frame):
        if self._held:
            self._pending = True
        else:
            self._raise()

    def _raise(self):
        if not self._raised:  # a second Ctrl-C must not disturb the end that the first began
            self._raised = True
            raise Interrupted

    @contextlib.contextmanager
    def held(self):
        """While a child starts or the end is under way, nothing may be left half done."""
        self._held += 1
        try:
            yield
        finally:
            self._held -= 1
        if self._pending and not self._held:
            self._raise()


class Prometheus(Process):
    """Debian's Prometheus on a free port, which scrapes one target once a second."""

    def __init__(self, folder, metrics_url):
        program = shutil.which("prometheus", path="/usr/bin:/usr/local/bin")
        if program is None:
            raise Failed("expected /usr/bin/prometheus; ./dev setup installs it")
        config = pathlib.Path(folder) / "prometheus.yml"
        config.write_text(SCRAPE_CONFIG.format(target=urllib.parse.urlsplit(metrics_url).netloc))
        with socket.create_server(("127.0.0.1", 0)) as free:
            address = f"127.0.0.1:{free.getsockname()[1]}"
        self.url = f"http://{address}"
        super().__init__(
            [program, f"--config.file={config}", f"--storage.tsdb.path={folder}/data",
             f"--web.listen-address={address}", "--log.level=warn"], folder, "prometheus")

    def get(self, path, **parameters):
        """The data of an answer of its HTTP API."""
        status, _, text = client.fetch(
            f"{self.url}/api/v1/{path}?{urllib.parse.urlencode(parameters)}")
        if status != 200:
            raise Failed(f"Prometheus: {path} {parameters}: expected 200, saw {status}: {text}")
        return json.loads(text)["data"]

    def wait_until_ready(self):
        def ready():
            self.require_alive()
            with contextlib.suppress(OSError):
                return client.fetch(f"{self.url}/-/ready")[0] == 200
        wait_until("Prometheus to be ready", ready)

    def wait_for_scrape(self, target):
        """Returns once a whole scrape of the target has begun and ended after the call."""
        asked = time.time()

        def scraped():
            self.require_alive()
            target.require_alive()
            targets = self.get("targets")["activeTargets"]
            # A scrape's samples appear together, with the time at which it began. Prometheus moves
            # that by up to 2 ms, to make it regular.
            return targets and targets[0]["health"] == "up" and (
                self.value('timestamp(up{job="coderd"})') > asked + 0.01)
        wait_until("a scrape of coderd with health 'up'", scraped, pause=0.2)

    def query(self, promql):
        """{labels as sorted pairs: value}"""
        result = self.get("query", query=promql)["result"]
        return {tuple(sorted(one["metric"].items())): float(one["value"][1]) for one in result}

    def value(self, promql):
        """The one value of an answer; NaN where it is empty, which compares false to all."""
        return next(iter(self.query(promql).values()), float("nan"))


def send_traffic(api):
    """Users, workspaces and builds, good and bad; returns the builds by (transition, status)."""
    builds = {}

    def build(workspace, transition, expected):
        ended = api.build(workspace, transition)
        if ended["status"] != expected:
            raise Failed(f"{transition}: expected {expected}, saw {ended}")
        status = "success" if expected == "succeeded" else "failed"
        builds[transition, status] = builds.get((transition, status), 0) + 1

    users = [api.create_user(name) for name in ("ada", "grace", "edsger", "barbara")]
    api.call(409, "POST", Api.USERS, body={"username": "ada"})
    api.call(400, "POST", Api.USERS, body={"username": "Not A Name"})
    api.call(200, "PUT", Api.SUSPEND, users[3]["id"])

    workspaces = [api.create_workspace(users[i % 3], f"dev-{i}", size_kib=256 << i)
                  for i in range(5)]
    for workspace in workspaces:
        build(workspace, "start", "succeeded")
    for workspace in workspaces[:3]:
        build(workspace, "stop", "succeeded")
    build(workspaces[0], "start", "succeeded")
    build(workspaces[1], "delete", "succeeded")

    # Three builds that cannot succeed: no such template, a variable left out, nothing to stop.
    build(api.create_workspace(users[0], "odd", "no-such-template"), "start", "failed")
    bare = api.create_workspace(users[1], "bare", "kubernetes")
    build(bare, "start", "failed")
    build(bare, "stop", "failed")

    for number in range(3):
        api.call(404, "GET", Api.UNMATCHED, path=f"/no/such/page/{number}")
    api.call(404, "GET", Api.WORKSPACE, workspaces[1]["id"])
    api.call(405, "BREW", Api.USERS)
    send_in_parallel(api, users)
    return builds


def send_in_parallel(api, users, clients=4, requests=50):
    failures = []

    def read():
        try:
            for number in range(requests):
                api.call(200, "GET", Api.USER, users[number % len(users)]["id"])
                api.call(200, "GET", Api.WORKSPACES)
        except (Failed, OSError) as failure:
            failures.append(failure)
    threads = [threading.Thread(target=read) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]


def summed(counter, *places):
    """The counter's sums over all but the key's given places."""
    sums = {}
    for key, count in counter.items():
        group = tuple(key[place] for place in places)
        sums[group] = sums.get(group, 0) + count
    return sums


def labelled(names, counts):
    """{values: count} in the form of a query's answer."""
    return {tuple(sorted(zip(names, values))): count for values, count in counts.items()}


def questions(api, builds):
    """(what, PromQL, what the answer must be): a dict of series, a number, or a range."""
    requests = {key: count for key, count in api.sent.items() if key[0] != "101"}
    jobs = sum(builds.values())
    latency = "coderd_api_request_latencies_ms"
    duration = "coderd_background_workspace_build_duration_s"
    many = float("inf")
    return [
        ("the target's health", 'up{job="coderd"}', 1),
        ("requests by code", "sum by (code) (coderd_api_requests_processed_total)",
         labelled(["code"], summed(api.sent, 0))),
        ("requests by code, method and path",
         "sum by (code, method, path) (coderd_api_requests_processed_total)",
         labelled(["code", "method", "path"], api.sent)),
        ("requests timed", f"sum({latency}_count)", sum(requests.values())),
        ("90th percentile of latency, ms",
         f"histogram_quantile(0.9, sum by (le) ({latency}_bucket))", (0, 30000)),
        ("requests in flight", "coderd_api_concurrent_requests", 0),
        ("websockets open", "coderd_api_concurrent_websockets", 1),
        ("websockets closed", "sum(coderd_api_websocket_durations_ms_count)", 1),
        ("builds by transition and status",
         f"sum by (workspace_transition, status) ({duration}_count) > 0",
         labelled(["workspace_transition", "status"], builds)),
        ("mean build time, s", f"sum({duration}_sum) / sum({duration}_count)", (0, 60)),
        ("jobs enqueued", "coderd_backgroundjob_enqueued_total", jobs),
        ("jobs started", "coderd_backgroundjob_started_total", jobs),
        ("jobs completed", "coderd_backgroundjob_completed_total", jobs),
        ("jobs that wait", "coderd_backgroundjob_current_enqueued_jobs", 0),
        ("mean wait for a worker, s",
         "sum(coderd_backgroundjob_enqueue_time_seconds_sum) / "
         "sum(coderd_backgroundjob_enqueue_time_seconds_count)", (0, 60)),
        ("active users", "coderd_license_user_count", 3),
        ("users allowed", "coderd_license_user_limit", (3, many)),
        ("days to the licence's end", "coderd_license_time_until_expires_days", (29, 30)),
        ("resident memory, MiB", "process_resident_memory_bytes / 1024 / 1024", (1, 1024)),
        ("CPU used, s", "process_cpu_seconds_total", (0, 3600)),
        ("open files", "process_open_fds", (5, 1000)),
        ("scrapes answered", 'promhttp_metric_handler_requests_total{code="200"}', (1, many)),
    ]


def fits(answer, expected):
    if isinstance(expected, dict):
        return answer == expected
    if len(answer) != 1:
        return False
    value = next(iter(answer.values()))
    return expected[0] <= value <= expected[1] if isinstance(expected, tuple) else value == expected


def shown(series):
    return ", ".join(f"{name}={value}" for name, value in series if name != "__name__"
                     and name not in ("instance", "job", "job_type"))


def print_answer(what, promql, answer):
    print(f"\n{what}\n  {promql}")
    for series, value in sorted(answer.items()):
        print(f"    {value:<12.6g} {shown(series)}".rstrip())
    if not answer:
        print("    no answer")


def ask(prometheus, asked):
    """Prints every answer; returns what is wrong with them."""
    wrong = []
    for what, promql, expected in asked:
        answer = prometheus.query(promql)
        print_answer(what, promql, answer)
        if not fits(answer, expected):
            wrong.append(f"{what}: expected {expected}, saw {answer}")
    return wrong


def compare_names(prometheus, metrics_url, table):
    """What is wrong with the exposed names, types and help texts, on the page and as scraped."""
    wrong = []
    page = client.scrape(metrics_url)
    for name, (kind, help_text) in page.families.items():
        if table.get(name) != (kind, help_text):
            wrong.append(f"page: {name}: expected {table.get(name)}, saw {(kind, help_text)}")
    for series in page.values:
        if client.family_of(series.split("{")[0], page.families) is None:
            wrong.append(f"page: {series}: expected a sample of a family above it")

    scraped = prometheus.get("metadata")
    for family, entries in scraped.items():
        name = family if family in table else family + "_total"  # OpenMetrics' counters
        seen = entries[0]["type"], entries[0]["help"]
        if len(entries) != 1 or table.get(name) != seen:
            wrong.append(f"metadata: {family}: expected {table.get(name)}, saw {entries}")
    if len(scraped) != len(page.families):
        wrong.append(f"metadata: expected {len(page.families)} families, saw {len(scraped)}")
    return wrong


def run(options, signals, cleanup):
    """The demo itself; returns the exit status. `cleanup` ends what it starts."""
    def started(make):
        with signals.held():
            child = make()
            cleanup.callback(child.stop)
        return child

    folder = cleanup.enter_context(tempfile.TemporaryDirectory(prefix="coderd-demo-"))
    # Also the folder of coderd's own files, so that they go even if it cannot remove them.
    coderd = started(lambda: Coderd(options.coderd, folder, environment={"TMPDIR": folder}))
    prometheus = started(lambda: Prometheus(folder, coderd.metrics))
    prometheus.wait_until_ready()

    api = Api(coderd.api)
    builds = send_traffic(api)
    watched = api.call(200, "GET", Api.WORKSPACES)["workspaces"][0]
    with api.watch(watched) as next_message:
        if next_message()["id"] != watched["id"]:
            raise Failed(f"expected a message about {watched['id']}")
    cleanup.enter_context(api.watch(watched))  # this one stays open
    wait_until("the first websocket to be counted as closed",
               lambda: client.scrape(coderd.metrics).value("coderd_api_concurrent_websockets") == 1)
    prometheus.wait_for_scrape(coderd)
    wrong = ask(prometheus, questions(api, builds))
    wrong += compare_names(prometheus, coderd.metrics, client.read_table(options.table))

    print(f"\nsent {api.sent.total()} requests, {sum(builds.values())} builds")
    if options.check:
        for line in wrong:
            print(f"wrong: {line}", file=sys.stderr)
        print("check: failed" if wrong else "check: every answer and every name is right")
        return 1 if wrong else 0

    print(f"\nmetrics    {coderd.metrics}\napi        {coderd.api}\n"
          f"prometheus {prometheus.url}/graph\n\nPress Ctrl-C to end.")
    while True:
        coderd.require_alive()
        prometheus.require_alive()
        time.sleep(0.5)


def main():
    sys.stdout.reconfigure(line_buffering=True)  # for whoever reads along through a pipe
    parser = argparse.ArgumentParser(prog="dev demo", description=__doc__)
    parser.add_argument("--coderd", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--table", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--check", action="store_true", help="compare, and end")
    options = parser.parse_args()
    signals = Signals()
    cleanup = contextlib.ExitStack()
    try:
        return run(options, signals, cleanup)
    except Interrupted:
        return 130 if options.check else 0
    except (Failed, OSError) as failure:
        print(f"demo: error: {failure}", file=sys.stderr)
        return 1
    finally:
        with contextlib.suppress(Interrupted), signals.held():
            cleanup.close()


if __name__ == "__main__":
    sys.exit(main())
