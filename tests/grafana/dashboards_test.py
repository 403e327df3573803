"""Dashboards, alerts and runbooks name what there is, and each panel says what it is about."""

import json
import re
import sys
import time
import unittest

import yaml

import metric_names
from exporter import Exporter
from prometheus_run import Prometheus, scaled
from promtool import ROOT, RULES, check_rules

sys.path.insert(0, str(ROOT / "grafana"))
import dashboards  # noqa: E402

# Panels of which no value is bad by itself: what is normal depends on the traffic.
WITHOUT_THRESHOLDS = {
    "Age at delivery",  # the heatmap; the graph beside it has them
    "Age of the credentials",
    "Batches that no commit covers",
    "Bytes",
    "Bytes of a batch",
    "Bytes that workers hold",
    "CPU",
    "Commits",
    "Credentials taken into use",
    "Lag",
    "Lag by partition",
    "Lag that more replicas would work off",
    "Log lines by level",
    "Partitions of each replica",
    "Read and delivered",
    "Records delivered",
    "Records in a batch",
    "Reloads",
    "Request latency",
    "Requests by status",
    "Requests by verdict",
    "Requests under way",
    "Resident memory",
    "Threads",
    "Why batches close",
}
# Of these, the kinds of panel that have thresholds all the same.
KINDS = {"timeseries", "stat", "table", "state-timeline", "heatmap"}
# There where it is due only.
EMPTY_AT_REST = {"Alerts that fire"}
VARIABLES = {
    "$job": "sluice",
    "$namespace": ".*",
    "$target": ".*",
    "$pipeline": ".*",
    "$__rate_interval": "8s",
}


def panels_of(text):
    return [panel for panel in json.loads(text)["panels"] if panel["type"] != "row"]


def all_panels():
    for name, text in dashboards.files().items():
        for panel in panels_of(text):
            yield name, panel


def rules():
    groups = yaml.safe_load(RULES.read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


def recorded():
    """The recording rules and the labels that their series have."""
    found = {}
    for rule in rules():
        if "record" not in rule:
            continue
        labels = {"namespace", "job", "target"}
        for extra in ("pipeline", "reason"):
            inner = re.search(r"sluice:[\w:]+", rule["expr"])
            if extra in rule["expr"] or (inner and extra in found.get(inner[0], ())):
                labels.add(extra)
        found[rule["record"]] = labels
    return found


def queries():
    """(where, expression) of all panels, annotations and rules."""
    for name, panel in all_panels():
        for target in panel["targets"]:
            yield f"{name}: {panel['title']}", target["expr"]
    for name, text in dashboards.files().items():
        for each in json.loads(text)["annotations"]["list"]:
            yield f"{name}: annotation {each['name']}", each["expr"]
    for rule in rules():
        yield f"rule {rule.get('alert', rule.get('record'))}", rule["expr"]


def filled(expr):
    for variable, value in VARIABLES.items():
        expr = expr.replace(variable, value)
    return expr


class Dashboards(unittest.TestCase):
    def test_the_files_are_what_the_generator_writes(self):
        folder = ROOT / "grafana/dashboards"
        written = {path.name: path.read_text() for path in folder.glob("*.json")}
        self.assertEqual(written.keys(), dashboards.files().keys())
        for name, text in dashboards.files().items():
            self.assertTrue(
                written[name] == text, f"{name} is old; run: python3 grafana/dashboards.py"
            )

    def test_each_panel_says_its_unit_what_is_good_and_what_is_bad(self):
        for name, panel in all_panels():
            with self.subTest(f"{name}: {panel['title']}"):
                defaults = panel["fieldConfig"]["defaults"]
                self.assertIn(panel["type"], KINDS)
                self.assertTrue(defaults["unit"])
                self.assertGreater(len(panel["description"]), 3)
                self.assertTrue(panel["targets"])
                of_columns = [
                    each
                    for override in panel["fieldConfig"]["overrides"]
                    for each in override["properties"]
                    if each["id"] == "thresholds"
                ]
                bad = len(defaults["thresholds"]["steps"]) > 1 or of_columns
                if not bad and panel["title"] != "Versions":
                    self.assertIn(panel["title"], WITHOUT_THRESHOLDS)

    def test_no_panel_stands_upon_another(self):
        for name, text in dashboards.files().items():
            taken = set()
            for panel in json.loads(text)["panels"]:
                place = panel["gridPos"]
                self.assertLessEqual(place["x"] + place["w"], 24)
                for x in range(place["x"], place["x"] + place["w"]):
                    for y in range(place["y"], place["y"] + place["h"]):
                        self.assertNotIn((x, y), taken, f"{name}: {panel['title']}")
                        taken.add((x, y))

    def test_legends_name_labels_that_the_query_leaves(self):
        for name, panel in all_panels():
            for target in panel["targets"]:
                groups = " ".join(re.findall(r"\bby \(([^)]*)\)", target["expr"]))
                for label in re.findall(r"\{\{(\w+)\}\}", target["legendFormat"]):
                    with self.subTest(f"{name}: {panel['title']}"):
                        one_each = label == "instance" and not groups
                        self.assertTrue(label in groups or one_each, label)

    def test_dashboards_lead_to_each_other(self):
        uids = {json.loads(text)["uid"] for text in dashboards.files().values()}
        for text in dashboards.files().values():
            for uid in re.findall(r'/d/([\w-]+)', text):
                self.assertIn(uid, uids)
            own = json.loads(text)
            self.assertEqual(len(own["links"]), len(uids) - 1)
            for link in own["links"]:
                self.assertTrue(link["includeVars"] and link["keepTime"])

    def test_where_they_are_provisioned_is_well_formed(self):
        for path in (ROOT / "grafana/provisioning").glob("*/*.yaml"):
            self.assertEqual(yaml.safe_load(path.read_text())["apiVersion"], 1)


class Names(unittest.TestCase):
    def test_each_metric_label_and_value_exists(self):
        metrics = metric_names.known()
        for where, expr in queries():
            with self.subTest(where):
                found = list(metric_names.problems(expr, metrics, recorded()))
                self.assertEqual(found, [])

    def test_what_is_no_metric_label_or_value_is_found(self):
        metrics = metric_names.known()
        for expr in (
            "rate(sluice_recrods_consumed_total[5m])",
            "sum by (pipline) (sluice_lag_records)",
            'sluice_requests_total{code="429"}',
            'sluice_requests_total{status="500"}',
            'sluice:stalled:avg5m{raeson="paused"}',
            'sluice:stalled:avg5m{reason=~"throttled|brokers_unreachable"}',
            "sluice:stalled:avg7m",
        ):
            with self.subTest(expr):
                self.assertEqual(len(list(metric_names.problems(expr, metrics, recorded()))), 1)

    def test_each_query_can_be_read(self):
        rules = [{"record": "of:panel", "labels": {"number": str(number)}, "expr": filled(expr)}
                 for number, (_, expr) in enumerate(queries())]
        said = check_rules(json.dumps({"groups": [{"name": "panels", "rules": rules}]}))
        self.assertEqual(said, "", said)
        self.assertNotEqual(check_rules('{"groups": [{"name": "x", "rules": '
                                        '[{"record": "a", "expr": "sum by ("}]}]}'), "")


class Runbooks(unittest.TestCase):
    FOLDER = ROOT / "docs/runbooks"

    @staticmethod
    def page_of(alert):
        return re.sub(r"(?<!^)([A-Z])", r"-\1", alert.removeprefix("Sluice")).lower() + ".md"

    def test_each_alert_has_one_and_each_is_of_an_alert(self):
        alerts = {rule["alert"] for rule in rules() if "alert" in rule}
        self.assertEqual(
            {path.name for path in self.FOLDER.glob("*.md")}, {self.page_of(a) for a in alerts}
        )
        self.assertEqual(len(alerts), 10)

    def test_each_alert_says_what_it_has_to(self):
        for rule in rules():
            if "alert" not in rule:
                continue
            with self.subTest(rule["alert"]):
                self.assertIn(rule["labels"]["severity"], ("critical", "warning"))
                said = rule["annotations"]
                self.assertEqual(set(said), {"summary", "description", "runbook_url"})
                self.assertEqual(said["runbook_url"], "docs/runbooks/" + self.page_of(rule["alert"]))

    def test_each_says_what_it_means_where_to_look_and_when_it_is_over(self):
        for path in self.FOLDER.glob("*.md"):
            text = path.read_text()
            with self.subTest(path.name):
                parts = re.findall(r"^## (.*)$", text, re.MULTILINE)
                self.assertEqual(
                    parts,
                    ["Meaning", "Whose fault it may be", "Look", "What to do", "When it is over"],
                )
                look = text.split("## Look")[1].split("## What to do")[0]
                self.assertIn("sluice status", look)
                self.assertRegex(look, r"\b(curl|kubectl)\b")
                self.assertIn("```promql", look)

    def test_their_queries_name_what_there_is_and_can_be_read(self):
        metrics = metric_names.known()
        made = []
        for path in self.FOLDER.glob("*.md"):
            for block in re.findall(r"```promql\n(.*?)```", path.read_text(), re.DOTALL):
                with self.subTest(path.name):
                    self.assertEqual(list(metric_names.problems(block, metrics, recorded())), [])
                made.append({"record": "of:page", "labels": {"n": str(len(made))}, "expr": block})
        said = check_rules(json.dumps({"groups": [{"name": "pages", "rules": made}]}))
        self.assertEqual(said, "", said)


class RealPrometheus(unittest.TestCase):
    """Scrapes something that has every metric, and is asked what the panels ask."""

    @staticmethod
    def metrics(started):
        def text():
            rising = int((time.monotonic() - started) * 10) + 1
            lines = []
            for series, kind in metric_names.golden_lines():
                value = 1 if kind == "gauge" else rising
                if "_timestamp_seconds" in series:
                    value = int(time.time()) + 40 * 86400
                lines.append(f"{series} {value}\n")
            return "".join(lines)

        return text

    def test_has_data_for_every_panel_and_fires_what_its_rules_say(self):
        fast = scaled(RULES.read_text(), 60)
        with Exporter(self.metrics(time.monotonic())) as exporter, Prometheus(
            [exporter.address], fast
        ) as prometheus:
            # Everything stands still in it, by each reason.
            prometheus.wait_until(
                lambda: {"SluiceBreakerOpen", "SluicePipelineParked", "SluiceUnauthorized"}
                <= prometheus.firing(),
                60,
                "the alerts do not fire",
            )
            for name, panel in all_panels():
                for target in panel["targets"]:
                    with self.subTest(f"{name}: {panel['title']}"):
                        self.assertTrue(prometheus.query(filled(target["expr"])), target["expr"])
            self.assertNotIn("SluiceAbsent", prometheus.firing())
            with self.assertRaises(RuntimeError):
                prometheus.query("sum by (")

    def test_rules_are_scaled_with_all_of_their_durations(self):
        text = "expr: rate(x[1h]) > 300 and y:avg5m[10s]\nfor: 5m\n# within [1d]: 14d\nfor: 1h"
        self.assertEqual(
            scaled(text, 60),
            "expr: rate(x[60s]) > 300 and y:avg5m[5s]\nfor: 5s\n# within [1440s]: 14d\nfor: 60s",
        )
        # Whatever else looks like a duration is part of a name, or is prose.
        groups = yaml.safe_load(scaled(RULES.read_text(), 60))["groups"]
        exprs = [rule["expr"] for group in groups for rule in group["rules"]]
        left = [each for expr in exprs for each in re.findall(r"(?<![\w:])\d+[mhd]\b", expr)]
        self.assertEqual(left, [])


if __name__ == "__main__":
    unittest.main()
