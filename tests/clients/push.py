"""An agent in Python: `push.py [add|delete]` pushes what its registry has, as prometheus_client's
documentation shows it."""

import os
import sys

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client import delete_from_gateway, push_to_gateway, pushadd_to_gateway
from prometheus_client.exposition import basic_auth_handler

url = os.environ["PUSH_URL"]
key = {"user_id": os.environ["PUSH_USER"], "workspace_id": os.environ["PUSH_WORKSPACE"]}


def handler(**arguments):
    return basic_auth_handler(**arguments, username="agent", password=os.environ["PUSH_TOKEN"])


registry = CollectorRegistry()
what = sys.argv[1] if len(sys.argv) > 1 else "push"
if what == "push":
    cores = Gauge("cpu_usage_cores", "CPU in use.", ["cpu"], registry=registry)
    cores.labels("0").set(0.25)
    cores.labels("1").set(1.5)
    Counter("jobs", "Jobs done.", registry=registry).inc(3)
    wait = Histogram("wait_seconds", "Time in the queue.", buckets=[0.5, 2], registry=registry)
    for seconds in (0.25, 1, 10):
        wait.observe(seconds)
    push_to_gateway(url, job="agent", registry=registry, grouping_key=key, handler=handler)
elif what == "add":
    Gauge("added", "Added later.", registry=registry).set(1)
    pushadd_to_gateway(url, job="agent", registry=registry, grouping_key=key, handler=handler)
else:
    delete_from_gateway(url, job="agent", grouping_key=key, handler=handler)
