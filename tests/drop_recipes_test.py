#!/usr/bin/python3
"""What docs/examples has for dropping the workspaces' series does that, and no more; and what the
page of Coder has drops everything. A real Prometheus scrapes a real coderd, to which an agent
pushes."""

import json
import unittest
import urllib.parse

import yaml

from coderd_case import SOURCE_ROOT, CoderdCase  # makes the next ones found
from agents_case import Agents
from client import wait_until
from judge_case import missing
from judge_servers import Prometheus

LACKS = missing("prometheus")
EXAMPLES = SOURCE_ROOT / "docs/examples"

# The page's two recipes, as its readers write them into their configuration.
PAGES_METRIC_RELABELLING = [{"source_labels": ["workspace_id"], "action": "drop"}]
PAGES_POD_MONITOR_RELABELLING = [{"action": "drop", "source_labels": ["workspace_id"]}]

# Of the CRD's field names to those of Prometheus's configuration: the Operator writes one for the
# other (its API reference, RelabelConfig).
OPERATOR_FIELDS = {"sourceLabels": "source_labels", "targetLabel": "target_label"}
OPERATOR_LISTS = {"relabelings": "relabel_configs", "metricRelabelings": "metric_relabel_configs"}


def load(name):
    return yaml.safe_load((EXAMPLES / name).read_text(encoding="utf-8"))


def as_prometheus(pod_endpoint):
    """The relabelling of a PodMonitor's endpoint, as the Operator hands it to Prometheus."""
    return {OPERATOR_LISTS[key]: [{OPERATOR_FIELDS.get(name, name): value
                                   for name, value in rule.items()} for rule in rules]
            for key, rules in pod_endpoint.items() if key in OPERATOR_LISTS}


@unittest.skipIf(LACKS, f"not installed: {LACKS}")
class DropRecipes(CoderdCase):
    def setUp(self):
        super().setUp()
        agents = Agents(self.folder, workspaces=2)
        self.service = self.start(*agents.arguments)
        for number in range(2):
            agents.push(self.service.agents, number, "cpu_usage_cores 0.5\n"
                                                     "# TYPE restarts counter\nrestarts_total 3\n")

        (example,) = load("prometheus-without-workspaces.yml")["scrape_configs"]
        plain, without = (load(name)["spec"]["podMetricsEndpoints"][0] for name in
                          ("podmonitor.yaml", "podmonitor-without-workspaces.yaml"))
        self.jobs = {
            "plain": as_prometheus(plain),
            "example": {key: value for key, value in example.items() if "relabel" in key},
            "pod_monitor": as_prometheus(without),
            "page": {"metric_relabel_configs": PAGES_METRIC_RELABELLING},
            "page_pod_monitor": {"relabel_configs": PAGES_POD_MONITOR_RELABELLING},
        }
        target = urllib.parse.urlsplit(self.service.metrics)
        config = {
            "global": {"scrape_interval": "1s", "scrape_timeout": "1s"},
            "scrape_configs": [
                {"job_name": job, "metrics_path": target.path,
                 "static_configs": [{"targets": [target.netloc]}], **relabelling}
                for job, relabelling in self.jobs.items()],
        }
        self.prometheus = Prometheus(self.folder, config=yaml.safe_dump(config))
        self.addCleanup(self.prometheus.stop)
        wait_until("two scrapes of each job that has a target", lambda: all(
            self.samples(job, f"sum_over_time(up{{job='{job}'}}[1m])") >= 2
            for job in self.jobs if job != "page_pod_monitor"), pause=0.2)

    def samples(self, job, promql):
        answer = self.prometheus.get("query", query=promql)["result"]
        return float(answer[0]["value"][1]) if answer else 0

    def series(self, job):
        """The series of a job but what Prometheus itself adds: (name, labels as JSON)."""
        found = set()
        for labels in self.prometheus.get("series", **{"match[]": f"{{job='{job}'}}"}):
            name = labels.pop("__name__")
            if name == "up" or name.startswith("scrape_"):
                continue
            del labels["job"]
            found.add((name, json.dumps(labels, sort_keys=True)))
        return found

    def test_our_recipes_drop_the_workspaces_and_nothing_else(self):
        plain = self.series("plain")
        workspaces = {each for each in plain if "workspace_id" in json.loads(each[1])}
        self.assertEqual({name for name, _ in workspaces}, {
            "coderd_workspace_cpu_usage_cores", "coderd_workspace_restarts_total"})
        self.assertEqual(len(workspaces), 4)
        self.assertGreater(len(plain - workspaces), 50)
        for job in ("example", "pod_monitor"):
            with self.subTest(job):
                self.assertEqual(self.series(job), plain - workspaces)

    def test_the_pages_recipe_drops_every_series(self):
        self.assertEqual(self.series("page"), set())
        # The target is scraped all the same, and nothing is kept of it.
        self.assertGreater(self.samples("page", "scrape_samples_scraped{job='page'}"), 50)
        self.assertEqual(
            self.samples("page", "scrape_samples_post_metric_relabeling{job='page'}"), 0)

    def test_the_pages_pod_monitor_drops_the_target(self):
        self.assertEqual(self.series("page_pod_monitor"), set())
        self.assertEqual(self.prometheus.get("query", query="up{job='page_pod_monitor'}")["result"],
                         [])


if __name__ == "__main__":
    unittest.main()
