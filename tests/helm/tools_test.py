"""What the chart makes, judged by those that will read it: Sluice, Prometheus."""
import json
import os
import pathlib
import re
import subprocess
import tempfile
import unittest

import yaml

from chart import EXAMPLES, MINIMAL, ROOT, SLUICE, blocks, documents, helm_binary, of_kind, render

EXAMPLE = {path.stem: path for path in EXAMPLES}
TOKEN = "a-token-of-more-than-16-bytes"


def write_pod(docs, folder):
    """What the pod that streams sees of files, below `folder`; the environment it gets."""
    maps = {document["metadata"]["name"]: document["data"] for document in of_kind(docs, "ConfigMap")}
    workload = (of_kind(docs, "Deployment") + of_kind(docs, "StatefulSet"))[0]
    pod = workload["spec"]["template"]["spec"]
    for source in pod["volumes"][0]["projected"]["sources"]:
        data = maps[source["configMap"]["name"]]
        items = source["configMap"].get("items") or [{"key": key, "path": key} for key in data]
        for item in items:
            path = folder / item["path"]
            path.parent.mkdir(exist_ok=True)
            # A secret of the pod lies elsewhere here.
            path.write_text(data[item["key"]].replace("/secrets/", f"{folder}/secrets/"))
    write_secrets(folder)
    return {entry["name"]: TOKEN for entry in pod["containers"][0]["env"] if "secretKeyRef" in str(entry)}


def write_secrets(folder):
    text = "".join(path.read_text() for path in folder.glob("*.yaml"))
    for name in set(re.findall(re.escape(f"{folder}/secrets/") + r"[^}\s\"']+", text)):
        path = pathlib.Path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(TOKEN)
    for folder_of_key in {path.parent for path in folder.glob("secrets/*/*.crt")}:
        names = {path.suffix: path for path in folder_of_key.iterdir()}
        key, certificate = names.get(".key", folder_of_key / "unused.key"), names[".crt"]
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                        "-nodes", "-days", "30", "-subj", "/CN=sluice", "-keyout", key, "-out", certificate],
                       check=True, capture_output=True)


class Configuration(unittest.TestCase):
    def check(self, *values, sets=()):
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            environment = write_pod(documents(render(*values, sets=sets)), folder)
            for file in sorted(folder.glob("*.yaml")):
                done = subprocess.run([SLUICE, "check", "--offline", file], capture_output=True, text=True,
                                      env={**os.environ, **environment})
                if done.returncode:
                    return done.returncode, done.stdout + done.stderr
            self.assertTrue(list(folder.glob("*.yaml")))
        return 0, ""

    def test_each_rendered_configuration_passes_sluice_check(self):
        for example in EXAMPLES:
            with self.subTest(example.stem):
                self.assertEqual(self.check(example), (0, ""))

    def test_what_the_schema_lets_through_sluice_refuses(self):
        code, words = self.check(MINIMAL, sets=["config.pipelines.deposits.target=apj"])
        self.assertEqual(code, 2)
        self.assertIn("there is no target", words)

    def test_the_commands_before_an_upgrade_do_what_the_documentation_says(self):
        page = ROOT / "docs" / "helm.md"
        command, = [block for block in blocks(page, "sh") if "sluice check" in block and "|" in block]
        values = blocks(page, "yaml")[0]
        for text, code in {values: 0, values.replace("target: api", "target: apj"): 2}.items():
            with tempfile.TemporaryDirectory() as folder:
                folder = pathlib.Path(folder)
                (folder / "values.yaml").write_text(text)
                (folder / "helm").symlink_to(ROOT / "helm")
                (folder / "bin").mkdir()
                (folder / "bin" / "helm").symlink_to(helm_binary())
                (folder / "bin" / "sluice").symlink_to(SLUICE)
                done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, cwd=folder,
                                      env={**os.environ, "PATH": f"{folder}/bin:{os.environ['PATH']}",
                                           "API_TOKEN": TOKEN})
            self.assertEqual(done.returncode, code, done.stdout + done.stderr)


class Scaling(unittest.TestCase):
    def queries(self):
        scaled, = of_kind(documents(render(EXAMPLE["keda"])), "ScaledObject")
        return {trigger["name"]: trigger["metadata"]["query"] for trigger in scaled["spec"]["triggers"]}

    def test_it_asks_for_metrics_that_there_are(self):
        golden = set(re.findall(r"# TYPE (\S+)", (ROOT / "tests" / "golden" / "metrics.txt").read_text()))
        text = render(EXAMPLE["keda"]) + render(EXAMPLE["hpa"])
        named = set(re.findall(r"\bsluice_[a-z_]+", text))
        self.assertIn("sluice_scalable_lag_records", named)
        self.assertLessEqual(named, golden)

    def test_replicas_follow_the_lag_that_they_would_work_off(self):
        query = self.queries()["deposits"]
        lag = 'sluice_lag_records{{namespace="streams",pipeline="deposits",pod="{}",topic="t",partition="{}"}}'
        scalable = 'sluice_scalable_lag_records{{namespace="{}",pipeline="{}",pod="{}"}}'

        def series(of_a, of_b, partitions=6, lag_each=9000):
            yield scalable.format("streams", "deposits", "a"), of_a
            yield scalable.format("streams", "deposits", "b"), of_b
            yield scalable.format("streams", "withdrawals", "a"), 70000
            yield scalable.format("elsewhere", "deposits", "a"), 70000
            for i in range(partitions):
                yield lag.format("ab"[i % 2], i), lag_each

        twice = [*series(4e6, 0), (lag.format("b", 0), 9000)]
        for what, given, value in (
                ("the sum over the group", series(30000, 12000), 42000),
                ("no more than a replica for each partition", series(4e6, 1e6), 6 * 20000),
                ("a partition that two tell of is one", twice, 6 * 20000),
                ("an outage: all of it waits, and nothing would be worked off", series(0, 0, lag_each=1e9), 0),
                ("no partition yet", series(0, 0, partitions=0), 0)):
            with self.subTest(what):
                given = list(given)
                self.assertEqual(evaluate(query, given, value), "")
                self.assertIn("exp:", evaluate(query, given, value + 1))

    def test_a_replica_with_two_workers_needs_two_partitions(self):
        of = '{namespace="streams",pipeline="withdrawals"'
        given = [(f"sluice_scalable_lag_records{of}}}", 1e9)]
        given += [(f'sluice_lag_records{of},topic="t",partition="{i}"}}', 1) for i in range(23)]
        self.assertEqual(evaluate(self.queries()["withdrawals"], given, 12 * 20000), "")

    def test_the_rules_are_such_as_prometheus_takes(self):
        rule, = of_kind(documents(render(EXAMPLE["everything"])), "PrometheusRule")
        with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
            yaml.safe_dump(rule["spec"], file)
            file.flush()
            done = subprocess.run(["promtool", "check", "rules", file.name], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        alerts = {entry["alert"]: entry["annotations"] for group in rule["spec"]["groups"]
                  for entry in group["rules"] if "alert" in entry}
        self.assertIn("{{ $labels.target }}", alerts["SluiceBreakerOpen"]["summary"])
        for annotations in alerts.values():
            self.assertRegex(annotations["runbook_url"], r"^https://git\.example\.com/runbooks/[a-z-]+\.md$")

    def test_each_dashboard_is_one_that_grafana_reads(self):
        maps = [document for document in of_kind(documents(render(EXAMPLE["everything"])), "ConfigMap")
                if "grafana_dashboard" in document["metadata"]["labels"]]
        self.assertTrue(maps)
        for document in maps:
            (name, text), = document["data"].items()
            source = ROOT / "helm" / "sluice" / "files" / "dashboards" / name
            self.assertEqual(json.loads(text), json.loads(source.read_text()))


def evaluate(query, series, value):
    """What a real Prometheus engine has against the query being this value; empty: nothing."""
    test = {"evaluation_interval": "1m", "tests": [{
        "interval": "1m",
        "input_series": [{"series": name, "values": f"{number:.0f}x5"} for name, number in series],
        "promql_expr_test": [{"expr": query, "eval_time": "5m",
                              "exp_samples": [{"labels": "{}", "value": value}]}]}]}
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
        yaml.safe_dump(test, file)
        file.flush()
        done = subprocess.run(["promtool", "test", "rules", file.name], capture_output=True, text=True)
    return done.stdout + done.stderr if done.returncode else ""


if __name__ == "__main__":
    unittest.main()
