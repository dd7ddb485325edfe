"""What agents push when they are measured: the requests, whole, in files that every client sends as
they are, so that all servers and all clients have the same bundles.

    some = workspaces(1_000)
    write_tokens(folder / "tokens", some)
    write_requests(folder / "requests", to_stele, some, TWO_LABELS)

A file has a request behind the other, each with a line that says its bytes. All is made of the
workspace's number: the same in every run.
"""

import collections
import hashlib
import uuid

SERIES = 100  # of a bundle

# Ten families of ten series. Real clients send HELP and TYPE, so these have them.
FAMILIES = [
    ("agent_cpu_usage_cores", "gauge", "Processors in use by a process."),
    ("agent_cpu_seconds_total", "counter", "Processor time that a process used."),
    ("agent_memory_resident_bytes", "gauge", "Memory of a process."),
    ("agent_disk_read_bytes_total", "counter", "Bytes read from a volume."),
    ("agent_disk_written_bytes_total", "counter", "Bytes written to a volume."),
    ("agent_network_received_bytes_total", "counter", "Bytes received from the network."),
    ("agent_network_sent_bytes_total", "counter", "Bytes sent to the network."),
    ("agent_open_file_descriptors", "gauge", "File descriptors in use by a process."),
    ("agent_session_latency_seconds", "gauge", "How long the last key stroke took."),
    ("agent_sessions_total", "counter", "Sessions that have been opened."),
]
APPS = ["code-server", "jetbrains", "ssh", "reconnecting-pty", "vscode", "jupyter", "rstudio",
        "postgres", "docker", "agent"]
VOLUMES = ["/home/coder", "/var/lib/docker"]

# The labels of a family's n-th series.
TWO_LABELS = [f'app="{app}",volume="{VOLUMES[i % 2]}"' for i, app in enumerate(APPS)]
ONE_LABEL = [f'app="{app}"' for app in APPS]

Workspace = collections.namedtuple("Workspace", "number user_id workspace_id token")


def workspaces(count):
    """Each has a user of its own, whose id has 36 bytes as the workspace's."""
    def digest(what, number):
        return hashlib.sha256(f"{what} {number}".encode()).digest()
    return [Workspace(i, str(uuid.UUID(bytes=digest("user", i)[:16])),
                      str(uuid.UUID(bytes=digest("workspace", i)[:16])),
                      digest("token", i).hex()) for i in range(count)]


def number(i):
    """As bench/workspaces.hpp has them: a third each of integers, quarters, decimals of 15
    digits."""
    whole = i * 7_919 % 1_000
    if i % 3 == 0:
        return str(whole)
    if i % 3 == 1:
        return str(whole + 0.25 * (1 + i // 3 % 3))
    most = 900_000_000_000_000
    return repr((100_000_000_000_001 + i * 7_378_697_629_483 % most // 10 * 10) / 1e14)


def bundle(labels, first):
    """Text 0.0.4; its numbers are those from `first` on."""
    lines = []
    for name, kind, text in FAMILIES:
        lines.append(f"# HELP {name} {text}\n# TYPE {name} {kind}\n")
        for each in labels:
            lines.append(f"{name}{{{each}}} {number(first)}\n")
            first += 1
    return "".join(lines).encode()


def request(target, body, method="PUT", header=""):
    return (f"{method} {target} HTTP/1.1\r\nHost: 127.0.0.1\r\n{header}"
            f"Content-Type: text/plain; version=0.0.4\r\n"
            f"Content-Length: {len(body)}\r\n\r\n").encode() + body


def to_pushgateway(workspace, body):
    return request(f"/metrics/job/agent/user_id/{workspace.user_id}"
                   f"/workspace_id/{workspace.workspace_id}", body)


def to_stele(workspace, body):
    return request(f"/metrics/job/agent/user_id/{workspace.user_id}"
                   f"/workspace_id/{workspace.workspace_id}", body,
                   header=f"Authorization: Bearer {workspace.token}\r\n")


def to_victoria_metrics(workspace, body):
    return request(f"/api/v1/import/prometheus?extra_label=user_id={workspace.user_id}"
                   f"&extra_label=workspace_id={workspace.workspace_id}", body, "POST")


def write_requests(path, to, some, labels, rounds=1):
    """In each round every workspace pushes once, other numbers than in the round before."""
    with open(path, "wb") as file:
        for turn in range(rounds):
            for workspace in some:
                # What is added is no multiple of 3: a series' number changes its kind, too.
                first = workspace.number * SERIES + turn * 1_234_567
                whole = to(workspace, bundle(labels, first))
                file.write(f"{len(whole)}\n".encode() + whole)
    return path


def write_tokens(path, some):
    """The tokens file of ours: hashes, and whose they are."""
    path.write_text("".join(
        f"sha256:{hashlib.sha256(each.token.encode()).hexdigest()} "
        f"{each.user_id} {each.workspace_id}\n" for each in some), encoding="ascii")
    return path
