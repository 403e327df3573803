"""Scenarios for `promtool test rules`, written short.

Time goes in steps of half a minute. Values are promtool's: "0x10 5x20" is 11 times 0, then 21
times 5; "0+5x10" rises by 5.
"""

import json
import pathlib
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
RULES = ROOT / "grafana/alerts/sluice.rules.yaml"
OF_ALL = {"namespace": "prod", "job": "sluice", "instance": "a:9464"}
OF_PIPELINE = OF_ALL | {"pipeline": "deposits", "target": "api"}
# Labels of the alerts that a scenario says nothing of.
USUAL = {"namespace": "prod", "job": "sluice"}


def named(name, labels):
    listed = ",".join(f'{key}="{value}"' for key, value in sorted(labels.items()) if value != "")
    return f"{name}{{{listed}}}"


class Scenario:
    """What a Prometheus sees, and what has to fire when."""

    def __init__(self):
        self.series = []
        self.samples = []
        self.alerts = []

    def see(self, metric, values, base=None, **labels):
        labels = (OF_PIPELINE if base is None else base) | labels
        self.series.append({"series": named(metric, labels), "values": values})
        return self

    def fires(self, minutes, *alerts):
        """Exactly these fire then: their labels, each with `alertname`."""
        labels = "alertname, severity, kind, namespace, job, pipeline, target, tenant, reason"
        self.samples.append(
            {
                "expr": f'group by ({labels}) (ALERTS{{alertstate="firing"}})',
                "eval_time": f"{minutes * 60:.0f}s",
                "exp_samples": [
                    {"labels": named("", USUAL | alert), "value": 1} for alert in alerts
                ],
            }
        )
        return self

    def says(self, minutes, alert, **annotations):
        """Its one instance that fires then, with all that it says."""
        labels = {key: value for key, value in (USUAL | alert).items() if key != "alertname"}
        self.alerts.append(
            {
                "eval_time": f"{minutes * 60:.0f}s",
                "alertname": alert["alertname"],
                "exp_alerts": [{"exp_labels": labels, "exp_annotations": annotations}],
            }
        )
        return self

    def run(self):
        """What promtool has to say against it; empty: nothing."""
        test = {
            "rule_files": [str(RULES)],
            "evaluation_interval": "1m",
            "tests": [
                {
                    "interval": "30s",
                    "input_series": self.series,
                    "promql_expr_test": self.samples,
                    "alert_rule_test": self.alerts,
                }
            ],
        }
        with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
            json.dump(test, file)  # which is YAML, too
            file.flush()
            done = subprocess.run(
                ["promtool", "test", "rules", file.name], capture_output=True, text=True
            )
        return "" if done.returncode == 0 else done.stdout + done.stderr


def check_rules(text):
    """What `promtool check rules` has to say against a rules file; empty: nothing."""
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
        file.write(text)
        file.flush()
        done = subprocess.run(
            ["promtool", "check", "rules", file.name], capture_output=True, text=True
        )
    return "" if done.returncode == 0 else done.stdout + done.stderr
