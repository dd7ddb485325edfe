#!/usr/bin/python3
"""What the push client sends is taken by Debian's Pushgateway, and read back from its /metrics."""

import unittest
import urllib.request

from push_case import EXAMPLE, Pushgateway, PushCase, wait_until

IDENTITY = (("user_id", "u1"), ("workspace_id", "w1"))


class Gateway(PushCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.gateway = Pushgateway(cls.folder)
        cls.addClassCleanup(cls.gateway.stop)

    def value(self, job, name, *labels):
        return self.gateway.samples(job).get((name, tuple(sorted(labels))))

    def test_takes_text(self):
        status, said = self.once(f"url={self.gateway.url}", "job=text", "label.user_id=u1",
                                 "label.workspace_id=w1")
        self.assertEqual((status, said), (0, "took 200 "))
        samples = self.gateway.samples("text")
        self.assertEqual(samples["agent_sessions", IDENTITY], 1)
        self.assertEqual(samples["agent_commands_total", (("kind", "shell"), *IDENTITY)], 2)
        self.assertEqual(samples["agent_command_seconds_bucket", (("le", "1"), *IDENTITY)], 1)
        self.assertEqual(samples["agent_command_seconds_sum", IDENTITY], 0.5)
        self.assertGreater(samples["process_open_fds", IDENTITY], 2)
        self.assertEqual(samples["push_failure_time_seconds", IDENTITY], 0)

    def test_takes_protobuf(self):
        status, said = self.once(f"url={self.gateway.url}", "job=protobuf", "body=protobuf")
        self.assertEqual((status, said), (0, "took 200 "))
        self.assertEqual(self.value("protobuf", "agent_sessions"), 1)
        self.assertEqual(self.value("protobuf", "agent_command_seconds_bucket", ("le", "1")), 1)

    def test_reads_label_values_of_all_kinds(self):
        values = {"slash": "a/b//c", "empty_dot": ".", "dots": "..", "blank": "a b", "sign": "?#%&+",
                  "letter": "é€"}
        status, said = self.once(f"url={self.gateway.url}", "job=a/job", "label.none=",
                                 *(f"label.{name}={value}" for name, value in values.items()))
        self.assertEqual((status, said), (0, "took 200 "))
        (labels,) = [labels for name, labels in self.gateway.samples("a/job")
                     if name == "agent_sessions"]
        self.assertEqual({name: value for name, value in labels if value}, values)

    def test_replaces_the_group_with_put_and_families_with_post(self):
        at = (f"url={self.gateway.url}", "job=method")
        other = urllib.request.Request(f"{self.gateway.url}/metrics/job/method", b"other 5\n",
                                       method="PUT")
        urllib.request.urlopen(other, timeout=10).close()
        self.assertEqual(self.once(*at, "method=POST")[0], 0)
        self.assertEqual(self.value("method", "agent_sessions"), 1)
        self.assertEqual(self.value("method", "other"), 5)
        self.assertEqual(self.once(*at)[0], 0)
        self.assertEqual(self.value("method", "agent_sessions"), 1)
        self.assertIsNone(self.value("method", "other"))

    def test_follows_the_values_and_goes_with_its_process(self):
        agent = self.drive(f"url={self.gateway.url}", "job=life", "interval=50",
                           "remove_at_end=yes")
        for value in (3, 4):
            agent.ask(f"set {value}")
            wait_until(f"the value {value}", lambda: self.value("life", "agent_sessions") == value)
        self.assertEqual(agent.end(), 0)
        self.assertEqual(self.gateway.samples("life"), {})
        self.assertEqual(agent.log, [])

    def test_leaves_the_last_values(self):
        agent = self.drive(f"url={self.gateway.url}", "job=last", "interval=3600000")
        agent.ask("set 9")
        self.assertEqual(agent.end(), 0)
        self.assertEqual(self.value("last", "agent_sessions"), 9)

    def test_takes_the_example_for_an_agent(self):
        agent = self.run_program(EXAMPLE, self.gateway.url, "u1", "w1")
        agent.tell("ls")
        self.assertEqual(agent.ask("push"), "pushed ")
        shell = ("agent_commands_total", (("kind", "shell"), *IDENTITY))
        self.assertEqual(self.gateway.samples("agent")[shell], 1)
        agent.tell("ls")
        self.assertEqual(agent.end(), 0)  # pushes a last time
        self.assertEqual(self.gateway.samples("agent")[shell], 2)
        self.assertEqual(agent.log, [])


class Restart(PushCase):
    def test_comes_back_to_a_gateway_that_was_away(self):
        gateway = Pushgateway(self.folder)
        agent = self.drive(f"url={gateway.url}", "job=away", "interval=300")
        wait_until("a push", lambda: gateway.samples("away"))
        gateway.process.kill()
        gateway.stop()
        wait_until("a failure", lambda: agent.said("see whether it runs"))
        again = Pushgateway(self.folder, gateway.port)
        self.addCleanup(again.stop)
        wait_until("a push after it", lambda: again.samples("away"))
        self.assertEqual(agent.end(), 0)


if __name__ == "__main__":
    unittest.main()
