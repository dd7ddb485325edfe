"""The slow scraper of bench/scrape_memory.cpp: what a scrape takes while it is streamed.

    for encoding, bytes in peaks(program).items(): …

A program each, so that nothing is kept from the other encoding's scrape.
"""

import http.client
import socket
import subprocess
import time
import zlib

SERIES = 1_000_000
SAMPLE = b"coderd_workspace_cpu_usage_cores{"

# At most so many bytes a millisecond: some seconds for all of it, in which the endpoint waits for
# the reader nearly always.
PACE = {"identity": 64 * 1024, "gzip": 8 * 1024}
SECONDS_MAX = 60


class Failed(Exception):
    """The scrape was not the one that is to be measured."""


def scrape(port, encoding):
    """Reads slowly, and counts the samples of the exposition."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=SECONDS_MAX)
    try:
        connection.connect()
        connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 * 1024)
        connection.request("GET", "/metrics", headers={"Accept-Encoding": encoding})
        response = connection.getresponse()
        if response.getheader("Content-Encoding", "identity") != encoding:
            raise Failed(f"expected a body in {encoding}, saw another one")
        inflate = zlib.decompressobj(31) if encoding == "gzip" else None
        samples, last = 0, b""
        end = time.monotonic() + SECONDS_MAX
        while part := response.read1(PACE[encoding]):
            lines = last + (inflate.decompress(part) if inflate else part)
            samples += lines.count(SAMPLE)
            last = lines[-(len(SAMPLE) - 1):]  # a name may be cut in two
            if time.monotonic() > end:
                raise Failed(f"expected the end of a scrape within {SECONDS_MAX} s")
            time.sleep(0.001)
        if response.status != 200 or samples != SERIES:
            raise Failed(f"expected status 200 and {SERIES} samples, "
                         f"saw {response.status} and {samples}")
    finally:
        connection.close()


def peak(program, encoding):
    """How far the heap was above its level before the scrape, at most; and the snapshot's size."""
    with subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          text=True, bufsize=1) as server:
        def ask():
            server.stdin.write("\n")
            return [int(word) for word in server.stdout.readline().split()]
        try:
            port = int(server.stdout.readline())
            ask()
            before, _, _ = ask()
            scrape(port, encoding)
            _, most, snapshots = ask()
            return most - before, snapshots
        finally:
            server.stdin.close()


def measure(program, say):
    """The figures; none of an encoding that the endpoint does not have."""
    found, peaks = {}, {}
    for encoding in PACE:
        try:
            peaks[encoding], found["snapshot_1m_bytes"] = peak(program, encoding)
            found[f"peak_render_bytes_{encoding}"] = peaks[encoding]
        except Failed as why:
            say(f"no memory of a scrape in {encoding}: {why}")
    if len(peaks) == len(PACE):
        found["peak_render_bytes"] = max(peaks.values())
    return found
