"""compose.yaml at work: what `docker compose --profile load up` starts, but Grafana (stack.py)."""
import json
import re
import unittest
import urllib.parse
import urllib.request

from project import ROOT
from stack import Stack, wait_until

PIPELINES = ("account", "deposit", "withdraw")


def get(url):
    with urllib.request.urlopen(url, timeout=5) as answer:
        return json.load(answer)


def taken(pipeline):
    """Records that the simulator took at the pipeline's endpoint."""
    return get("http://127.0.0.1:8080/simulator")["endpoints"][pipeline]["accepted_records"]


def prometheus(path, **query):
    return get(f"http://127.0.0.1:9090/api/v1/{path}?{urllib.parse.urlencode(query)}")["data"]


class Together(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.stack = Stack(without=["grafana"], RATE="300", BAD_EVERY="50")

    def ends(self, group):
        """What is committed, and what there is, summed over the partitions of the group's topic."""
        done = self.stack["kafka"].exec("/opt/kafka/bin/kafka-consumer-groups.sh", "--bootstrap-server",
                                        "kafka:9092", "--describe", "--group", group)
        rows = [line.split() for line in done.stdout.splitlines() if line.startswith(group)]
        self.assertEqual(len(rows), 4, done.stdout + done.stderr)
        return sum(int(row[3].replace("-", "0")) for row in rows), sum(int(row[4]) for row in rows)

    def dead_letters(self, pipeline):
        found = prometheus("query", query=f'sum(sluice_dead_letters_total{{pipeline="{pipeline}"}})')["result"]
        return int(found[0]["value"][1]) if found else 0

    def test_1_records_reach_the_api_and_bad_ones_the_dead_letter_topic(self):
        for pipeline in PIPELINES:
            wait_until(f"records of {pipeline}", 60, lambda: taken(pipeline) >= 300)
            wait_until(f"a dead letter of {pipeline}", 60, lambda: self.dead_letters(pipeline) > 0)

    def test_2_prometheus_has_the_rules_and_scrapes(self):
        names = re.findall(r"(?m)^ +- alert: (\S+)", (ROOT / "grafana/alerts/sluice.rules.yaml").read_text())
        rules = [rule for group in prometheus("rules")["groups"] for rule in group["rules"]]
        self.assertEqual({rule["name"] for rule in rules if rule["type"] == "alerting"}, set(names))
        self.assertEqual({target["health"] for target in prometheus("targets")["activeTargets"]}, {"up"})

    def test_3_actions_are_taken_from_within_the_container(self):
        for action in "pause", "resume":
            done = self.stack["sluice"].exec("sluice", "act", action, "deposit")
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_4_a_stop_leaves_nothing_undone(self):
        self.stack["load"].stop()
        wait_until("all is delivered", 60, lambda: all(
            committed == end for committed, end in (self.ends(f"sluice-{name}") for name in PIPELINES)))
        wait_until("the last scrape", 20, lambda: all(
            taken(name) + self.dead_letters(name) == self.ends(f"sluice-{name}")[1] for name in PIPELINES))
        self.assertEqual(self.stack["sluice"].stop(), 0)
        self.assertEqual(self.stack["simulator"].stop(), 0)
        self.assertEqual(self.stack["prometheus"].stop(), 0)


if __name__ == "__main__":
    unittest.main()
