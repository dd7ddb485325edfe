"""Debian's Prometheus and VictoriaMetrics, each on a free loopback port with a storage of its own,
scraping one target every two seconds."""

import contextlib
import json
import pathlib
import socket
import urllib.parse

from client import Failed, Process, fetch, wait_until  # judge_case.py knows where it is

SCRAPE_CONFIG = """\
global: {{scrape_interval: 2s, scrape_timeout: 2s}}
scrape_configs:
  - job_name: judged
    static_configs: [{{targets: ["{target}"]}}]
"""


class Server(Process):
    """A server that scrapes and has the HTTP API of Prometheus."""

    def __init__(self, name, folder, config_text, arguments, ready):
        """`arguments` may name {config}, {folder} and {address}; `ready` is a path of its own."""
        folder = pathlib.Path(folder)
        config = folder / f"{name}.yml"
        config.write_text(config_text, encoding="utf-8")
        with socket.create_server(("127.0.0.1", 0)) as free:
            address = f"127.0.0.1:{free.getsockname()[1]}"
        self.url = f"http://{address}"
        super().__init__([name] + [argument.format(config=config, folder=folder, address=address)
                                   for argument in arguments], folder, name)

        def is_ready():
            self.require_alive()
            with contextlib.suppress(OSError):
                return fetch(self.url + ready)[0] == 200
        try:
            wait_until(f"{name} to be ready", is_ready)
        except BaseException:
            self.stop()
            raise

    def get(self, path, **parameters):
        """The data of an answer."""
        status, _, text = fetch(f"{self.url}/api/v1/{path}?{urllib.parse.urlencode(parameters)}")
        if status != 200:
            raise Failed(f"{path} {parameters}: expected 200, saw {status}: {text}")
        return json.loads(text)["data"]

    def query(self, promql):
        """{labels as sorted pairs, without the target's: value}"""
        return {
            tuple(sorted((name, value) for name, value in one["metric"].items()
                         if name not in ("job", "instance"))): float(one["value"][1])
            for one in self.get("query", query=promql)["result"]
        }

    def value(self, promql):
        """The one value of an answer."""
        answer = self.query(promql)
        if len(answer) != 1:
            raise AssertionError(f"{promql}: expected one value, saw {answer}")
        return next(iter(answer.values()))

    def wait_for_scrapes(self, number=2):
        """Returns once so many scrapes were understood, the last one among them."""
        def scraped():
            self.require_alive()
            return (self.query("sum_over_time(up[1m])").get((), 0) >= number
                    and self.query("up") == {(("__name__", "up"),): 1})
        try:
            wait_until(f"{number} scrapes that are understood", scraped, pause=0.2)
        except Failed as failure:
            raise Failed(f"{failure}; {self.name} says:\n{self.get('targets')}\n"
                         f"{self.errors()}") from None


class Prometheus(Server):
    """It scrapes one target, unless its configuration says something else."""

    def __init__(self, folder, target=None, features="", config=None):
        super().__init__("prometheus", folder, config or SCRAPE_CONFIG.format(target=target),
                         ["--config.file={config}", "--storage.tsdb.path={folder}/prometheus",
                          "--web.listen-address={address}", "--log.level=warn",
                          f"--enable-feature={features}"], "/-/ready")


class VictoriaMetrics(Server):
    def __init__(self, folder, target):
        super().__init__("victoria-metrics", folder, SCRAPE_CONFIG.format(target=target),
                         ["-promscrape.config={config}", "-storageDataPath={folder}/victoria",
                          "-httpListenAddr={address}", "-loggerLevel=WARN",
                          "-search.latencyOffset=0s", "-search.disableCache",
                          "-memory.allowedBytes=64MB"], "/health")
