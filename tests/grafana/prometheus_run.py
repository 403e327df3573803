"""A real Prometheus for a test: with Prometheus(["127.0.0.1:9464"], rules=text) as prometheus: ...

It listens on a free port of loopback, scrapes the addresses each second, and has ended, with its
data, when the block is left.
"""

import json
import pathlib
import re
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def scaled(rules, divisor, shortest=5):
    """A rules file with all of its durations so many times shorter: with 60, `for: 5m` is 5 s.

    Those in brackets are at least `shortest` seconds, since a window has to hold some samples. They
    are the only two places where our rules have durations.
    """

    def shorter(match):
        seconds = int(match[2]) * UNITS[match[3]] / divisor
        if match[1] == "[":
            return f"[{max(round(seconds), shortest)}s]"
        return f"{match[1]}{round(seconds)}s"

    return re.sub(r"(\[|\bfor: )(\d+)([smhd])(?:\]|\b)", shorter, rules)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Prometheus:
    """Raises RuntimeError where it does not start or refuses a query."""

    def __init__(self, addresses, rules="groups: []", job="sluice"):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="prometheus-"))
        config = {
            "global": {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"},
            "rule_files": ["rules.yaml"],
            "scrape_configs": [{"job_name": job, "static_configs": [{"targets": list(addresses)}]}],
        }
        (self.folder / "prometheus.yaml").write_text(json.dumps(config))
        (self.folder / "rules.yaml").write_text(rules)
        self.address = f"http://127.0.0.1:{free_port()}"
        self.log = self.folder / "log"
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [
                    "prometheus",
                    f"--config.file={self.folder / 'prometheus.yaml'}",
                    f"--storage.tsdb.path={self.folder / 'data'}",
                    f"--web.listen-address={self.address.removeprefix('http://')}",
                    "--log.level=warn",
                ],
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        try:
            self.wait_until(self.is_ready, 30, "Prometheus does not start")
        except BaseException:
            self.end()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()

    def end(self):
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def ask(self, path, **form):
        data = urllib.parse.urlencode(form).encode() if form else None
        try:
            with urllib.request.urlopen(self.address + path, data, timeout=10) as answer:
                return answer.read()
        except urllib.error.HTTPError as error:
            raise RuntimeError(f"{form or path}: {error.read().decode()}") from None

    def is_ready(self):
        if self.process.poll() is not None:
            raise RuntimeError(f"Prometheus has ended: {self.log.read_text()}")
        try:
            return bool(self.ask("/-/ready"))
        except (OSError, RuntimeError):
            return False

    def query(self, expr):
        """The samples of now: [(labels, value)]."""
        data = json.loads(self.ask("/api/v1/query", query=expr))["data"]
        if data["resultType"] == "scalar":
            return [({}, float(data["result"][1]))]
        return [(sample["metric"], float(sample["value"][1])) for sample in data["result"]]

    def alerts(self, state="firing"):
        """The labels of the alerts that fire (or are "pending")."""
        listed = json.loads(self.ask("/api/v1/alerts"))["data"]["alerts"]
        return [alert["labels"] for alert in listed if alert["state"] == state]

    def firing(self):
        """Their names."""
        return {labels["alertname"] for labels in self.alerts()}

    @staticmethod
    def wait_until(holds, seconds, what):
        deadline = time.monotonic() + seconds
        while not (found := holds()):
            if time.monotonic() > deadline:
                raise RuntimeError(f"{what} within {seconds} s")
            time.sleep(0.2)
        return found
