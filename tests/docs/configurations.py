"""Whether a piece of YAML on a page would be taken: by sluice check --offline, by Helm, by Prometheus."""
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import textwrap

import yaml

from command_lines import SLUICE
from pages import ROOT

sys.path.append(str(ROOT / "tests" / "helm"))
import chart  # noqa: E402

SECRET = "YS1zZWNyZXQtb2YtMjQtYnl0ZXM="  # long enough for each use, and base64
PROCESS = {"kafka": "{brokers: [localhost:9092]}"}
TARGET = {"base_url": "https://api.example.com"}
PIPELINE = {"topics": "[events.deposit]", "group": "sluice-deposits", "target": "api", "path": "/events/deposit",
            "dead_letter": "{topic: events.deposit.dlq}"}


def top_keys(text):
    return re.findall(r"(?m)^([\w.]+):", text)


def examples(text):
    """Where a key stands again a new example begins."""
    found, current, seen = [], [], set()
    for line in text.splitlines():
        keys = top_keys(line)
        if keys and keys[0] in seen:
            found.append("\n".join(current) + "\n")
            current, seen = [], set()
        seen.update(keys)
        current.append(line)
    return [*found, "\n".join(current) + "\n"]


def _lines(default, own_keys, indent):
    return "".join(f"{indent}{key}: {value}\n" for key, value in default.items() if key not in own_keys)


def frames(text):
    """The whole files that `text` may be a part of: as it stands, of a target, of a pipeline."""
    own = top_keys(text)
    target = "targets:\n  api:\n" + _lines(TARGET, [], "    ")
    pipeline = "pipelines:\n  deposits:\n" + _lines(PIPELINE, [], "    ")
    yield (text + _lines(PROCESS, own, "") + ("" if "targets" in own else target)
           + ("" if "pipelines" in own else pipeline))
    if not {"targets", "pipelines", "kafka"} & set(own):
        part = textwrap.indent(text, "    ")
        process = _lines(PROCESS, [], "")
        yield process + "targets:\n  api:\n" + _lines(TARGET, own, "    ") + part + pipeline
        yield process + target + "pipelines:\n  deposits:\n" + _lines(PIPELINE, own, "    ") + part


class Checker:
    """Files that configurations name are there, in a folder of its own."""

    def __init__(self, folder):
        self._folder = pathlib.Path(folder)
        (self._folder / "secret").write_text(SECRET)
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-days", "30", "-subj", "/CN=sluice", "-keyout", self._folder / "key.pem",
                        "-out", self._folder / "cert.pem"], check=True, capture_output=True)

    def _at_hand(self, text):
        folder = self._folder
        text = re.sub(r"\$\{file:[^}]*\.(?:pem|key)\}", f"${{file:{folder}/key.pem}}", text)
        text = re.sub(r"\$\{(?:file|dir):(?!" + re.escape(str(folder)) + r")[^}]*\}", f"${{file:{folder}/secret}}", text)
        text = re.sub(r"\$\{exec:[^}]*\}", f"${{exec:cat {folder}/secret}}", text)
        text = re.sub(r"\bkey: [\w./-]+\.(?:pem|key)\b", f"key: {folder}/key.pem", text)
        text = re.sub(r"\b(ca|cert): [\w./-]+\.(?:pem|crt)\b", rf"\1: {folder}/cert.pem", text)
        for name in re.findall(r"\bschema: ([\w./-]+)", text):
            (folder / name).parent.mkdir(exist_ok=True, parents=True)
            (folder / name).write_text("{}")
        return re.sub(r"\bstore: [\w./-]+", f"store: {folder}/store", text)

    def _check(self, text, options):
        file = self._folder / "sluice.yaml"
        file.write_text(self._at_hand(text))
        environment = {name: SECRET for name in re.findall(r"\$\{env:(\w+)\}", text)}
        done = subprocess.run([SLUICE, "check", "--offline", *options, file], capture_output=True, text=True,
                              env={**os.environ, **environment})
        return None if done.returncode == 0 else done.stdout + done.stderr

    def sluice_problem(self, text, literal_secrets=False):
        """None: it is a configuration, or one or more examples of a part of it."""
        options = ["--allow-literal-secrets"] if literal_secrets else []
        for example in examples(text):
            said = [self._check(whole, options) for whole in frames(example)]
            if None not in said:
                return min(said, key=lambda one: one.count("unknown key"))
        return None

    def helm_problem(self, text):
        values = self._folder / "values.yaml"
        values.write_text(text)
        try:
            chart.render(chart.MINIMAL, values)
        except RuntimeError as refused:
            return str(refused)
        return None

    def prometheus_problem(self, text):
        file = self._folder / "prometheus.yml"
        file.write_text(text)
        done = subprocess.run(["promtool", "check", "config", "--syntax-only", file], capture_output=True, text=True)
        return None if done.returncode == 0 else done.stdout + done.stderr


def is_helm(text):
    known = set(yaml.safe_load((chart.CHART / "values.yaml").read_text()))
    keys = set(top_keys(text))
    return bool(keys) and keys <= known


def is_prometheus(text):
    keys = set(top_keys(text))
    return bool(keys) and keys <= {"global", "rule_files", "scrape_configs", "alerting"}


def promql_problem(expressions):
    """Of all of them at once."""
    rules = [{"record": f"a:b{number}", "expr": text} for number, text in enumerate(expressions)]
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
        yaml.safe_dump({"groups": [{"name": "pages", "rules": rules}]}, file)
        file.flush()
        done = subprocess.run(["promtool", "check", "rules", file.name], capture_output=True, text=True)
    return None if done.returncode == 0 else done.stdout + done.stderr
