"""What the tests of workspace agents share: identities with their tokens, and pushes."""

import contextlib
import hashlib
import http.client
import threading
import urllib.parse

from client import WAIT_MAX, Failed


class Threads:
    """Runs functions at once; what one of them raises is raised by `join`, after all have ended."""

    def __init__(self, *functions):
        self._raised = []
        self._all = [threading.Thread(target=self._run, args=(function,)) for function in functions]
        for thread in self._all:
            thread.start()

    def _run(self, function):
        try:
            function()
        except BaseException as raised:  # handed on
            self._raised.append(raised)

    def are_alive(self):
        return any(thread.is_alive() for thread in self._all)

    def join(self):
        for thread in self._all:
            thread.join()
        if self._raised:
            raise self._raised[0]


class Agents:
    """Workspaces, each with an agent; `arguments` make a coderd know their tokens."""

    def __init__(self, folder, workspaces=1):
        self.identities = [(f"user-{number % 7:06}", f"workspace-{number:06}")
                           for number in range(workspaces)]
        self._tokens = folder / "agent-tokens"
        self._tokens.write_text("".join(
            f"sha256:{hashlib.sha256(self.token(number).encode()).hexdigest()} {user} {workspace}\n"
            for number, (user, workspace) in enumerate(self.identities)), encoding="utf-8")
        self.arguments = ["--agent-tokens", str(self._tokens)]

    @staticmethod
    def token(number):
        return f"the-token-of-agent-{number:06}"

    def path(self, number, job="agent"):
        user, workspace = self.identities[number]
        return f"/metrics/job/{job}/user_id/{user}/workspace_id/{workspace}"

    def send(self, url, number, body, method="PUT", job="agent", **fields):
        """(status, text) of one push on a connection of its own; `_` in a field's name is a `-`."""
        parts = urllib.parse.urlsplit(url)
        connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=WAIT_MAX)
        with contextlib.closing(connection):
            headers = {"Authorization": f"Bearer {self.token(number)}",
                       **{name.replace("_", "-"): value for name, value in fields.items()}}
            connection.request(method, self.path(number, job), body, headers)
            response = connection.getresponse()
            return response.status, response.read().decode()

    def push(self, url, number, body, **more):
        status, text = self.send(url, number, body, **more)
        if status != 200:
            raise Failed(f"push of agent {number}: expected 200, saw {status}: {text}")
