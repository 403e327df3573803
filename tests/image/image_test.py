"""What the image promises. scripts/test-image builds it and runs this."""
import datetime
import json
import os
import pathlib
import re
import sys
import tempfile
import time
import unittest
import urllib.request

import yaml

from bill import problems_of
from broker import Broker, free_ports
from container import BASE, IMAGE, Container, inspect, run, shell

ROOT = pathlib.Path(__file__).resolve().parents[2]
VERSION = re.search(r"project\(sluice VERSION (\S+)", (ROOT / "CMakeLists.txt").read_text())[1]
MOST_MEGABYTES = 120
BILL = "/usr/share/doc/sluice/sbom.spdx.json"
RECORDS = 2000
TOKENS = [option for name in ("API_TOKEN", "DATA_PIPELINE_TOKEN")
          for option in ("--env", f"{name}=simulator-token")]


class Image(unittest.TestCase):
    def test_it_adds_less_than_120_megabytes_to_its_base(self):
        added = (int(inspect(IMAGE, "{{.Size}}")) - int(inspect(BASE, "{{.Size}}"))) / 1e6
        print(f"size over the base: {added:.1f} MB", file=sys.stderr)
        self.assertLess(added, MOST_MEGABYTES)

    def test_its_labels_say_what_it_is(self):
        labels = json.loads(inspect(IMAGE, "{{json .Labels}}"))
        self.assertEqual(labels["org.opencontainers.image.title"], "Sluice")
        self.assertEqual(labels["org.opencontainers.image.version"], VERSION)
        self.assertEqual(labels["org.opencontainers.image.revision"], os.environ["SLUICE_REVISION"])
        self.assertTrue(labels["org.opencontainers.image.description"])

    def test_the_chart_finds_what_it_expects(self):
        config = json.loads(inspect(IMAGE, "{{json .Config}}"))
        self.assertEqual(config["Entrypoint"], ["/usr/bin/sluice"])
        self.assertEqual(config["StopSignal"], "SIGTERM")
        self.assertEqual(list(config["ExposedPorts"]), ["9464/tcp"])
        values = yaml.safe_load((ROOT / "helm" / "sluice" / "values.yaml").read_text())["podSecurityContext"]
        self.assertEqual(config["User"], f"{values['runAsUser']}:{values['runAsGroup']}")

    def test_nobody_runs_it_and_nothing_can_be_written(self):
        done = shell("id -u; id -g; grep -h -E '^(CapEff|CapBnd|NoNewPrivs)' /proc/self/status; "
                     "for place in / /tmp /etc/sluice /usr/bin; do touch $place/x && echo written; done")
        self.assertEqual(done.stdout.split(), ["10001", "10001", "CapEff:", "0" * 16, "CapBnd:", "0" * 16,
                                               "NoNewPrivs:", "1"])

    def test_nothing_of_the_build_is_left(self):
        done = shell("find /sluice /build /var/lib/apt/lists /var/cache/apt/archives -type f -size +0 2>/dev/null; "
                     "command -v g++ cmake; find / -xdev -name '*.h' | head -1")
        self.assertEqual(done.stdout, "")

    def test_the_licences_of_what_is_compiled_in_are_there(self):
        self.assertEqual(shell("cat /usr/share/doc/sluice/copyright").stdout,
                         (ROOT / "scripts" / "debian" / "copyright").read_text())

    def test_it_says_its_version_to_any_user(self):
        for user in "10001:10001", "12345:0":
            done = run("--version", options=("--user", user))
            self.assertEqual((done.returncode, done.stdout), (0, f"{VERSION}\n"), done.stderr)

    def test_each_configuration_that_it_brings_passes(self):
        names = sorted(path.name for path in (ROOT / "config").glob("*.yaml"))
        self.assertTrue(names)
        for name in names:
            done = run("check", "--offline", f"/etc/sluice/{name}", options=TOKENS)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_the_demonstration_loses_nothing(self):
        done = run("demo", "--duration", "5s", "--rate", "500")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertRegex(done.stdout, r"produced [1-9]\d*  delivered [1-9]\d* .* 0 lost  0 repeated")


class BillOfMaterials(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.text = shell(f"cat {BILL}").stdout
        cls.bill = json.loads(cls.text)
        cls.packages = {package["name"]: package for package in cls.bill["packages"]}

    def related(self, how):
        return {(entry["spdxElementId"], entry["relatedSpdxElement"]) for entry in self.bill["relationships"]
                if entry["relationshipType"] == how}

    def test_it_is_valid_spdx(self):
        self.assertEqual(problems_of(self.text), [])
        self.assertNotEqual(problems_of(self.text.replace("SPDXRef-deb-libc6\"", "libc6\"")), [])

    def test_it_is_of_the_date_that_the_build_was_given(self):
        created = datetime.datetime.strptime(self.bill["creationInfo"]["created"], "%Y-%m-%dT%H:%M:%S%z")
        self.assertEqual(created.timestamp(), int(os.environ["SOURCE_DATE_EPOCH"]))

    def test_it_lists_every_package_of_the_image_with_its_version(self):
        installed = dict(line.split() for line in
                         shell("dpkg-query -W -f='${Package} ${Version}\\n'").stdout.splitlines())
        for name in "librdkafka1", "libcurl4t64", "libssl3t64", "ca-certificates":
            self.assertIn(name, installed)
        contained = {target for source, target in self.related("CONTAINS") if source == "SPDXRef-image"}
        listed = {package["name"]: package["versionInfo"] for package in self.bill["packages"]
                  if package["SPDXID"] in contained}
        self.assertEqual(listed, {**installed, "sluice": VERSION})

    def test_it_lists_what_is_compiled_in(self):
        compiled_in = {source for source, target in self.related("BUILD_DEPENDENCY_OF") if target == "SPDXRef-sluice"}
        for name in "rapidjson-dev", "libvalijson-dev", "libcli11-dev":
            self.assertIn(self.packages[name]["SPDXID"], compiled_in)


class Delivery(unittest.TestCase):
    """Kafka, the API and Sluice, the latter two from the image."""

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)
        cls.folder.chmod(0o755)
        cls.broker = Broker(os.environ["SLUICE_KAFKA_LIB"], cls.folder)
        cls.addClassCleanup(cls.broker.stop)
        cls.api_port, cls.admin_port = free_ports(2)
        cls.config = cls.folder / "sluice.yaml"
        cls.config.write_text(json.dumps({
            "kafka": {"brokers": [cls.broker.address]},
            "admin": {"listen": f"127.0.0.1:{cls.admin_port}"},
            "targets": {"api": {
                "base_url": f"http://127.0.0.1:{cls.api_port}/apigw/ingest",
                "auth": {"type": "hkdf_hmac", "token": "${env:DATA_PIPELINE_TOKEN}", "account_id": "demo-account",
                         "workspace_id": "demo-workspace"},
                "health": {"path": "/datapipeline/health"}}},
            "pipelines": {"deposits": {
                "topics": ["deposits"], "group": "deposits", "target": "api", "path": "/events/deposit",
                "schema": "schemas/deposit.json", "success": [200], "expect": "/count",
                "dead_letter": {"topic": "deposits.dlq"}}}}))

    def sluice_options(self):
        return [*TOKENS, "--volume", f"{self.config}:/etc/sluice/sluice.yaml:ro"]

    def taken(self):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.api_port}/simulator", timeout=5) as answer:
                return json.load(answer)["counts"]["accepted_records"]
        except OSError:
            return 0

    def records(self):
        for i in range(RECORDS):
            yield json.dumps({"account_id": "demo-account", "workspace_id": "demo-workspace", "user_id": f"u{i}",
                              "event_category": "Deposit", "event_name": "Paid in", "event_id": f"e{i}",
                              "event_time": "2026-01-15T14:45:00Z", "amount": 1 + i})

    def test_every_record_is_delivered_once_and_committed_before_it_ends(self):
        api = Container(self, "simulate", "--listen", f"127.0.0.1:{self.api_port}")
        missing = run("check", "/etc/sluice/sluice.yaml", options=self.sluice_options())
        self.assertEqual(missing.returncode, 1, missing.stdout + missing.stderr)
        for topic, partitions in ("deposits", 3), ("deposits.dlq", 1):
            self.broker.create_topic(topic, partitions)
        check = run("check", "/etc/sluice/sluice.yaml", options=self.sluice_options())
        self.assertEqual(check.returncode, 0, check.stdout + check.stderr)
        self.broker.write("deposits", self.records())

        sluice = Container(self, "run", "/etc/sluice/sluice.yaml", options=self.sluice_options())
        deadline = time.monotonic() + 60
        while self.taken() < RECORDS:
            self.assertLess(time.monotonic(), deadline, sluice.log())
            time.sleep(0.1)  # nothing tells
        self.assertEqual(sluice.stop(), 0, sluice.log())
        self.assertIn("service_stopped", sluice.log())
        self.assertTrue(self.broker.committed_to_the_end("deposits", "deposits", 3),
                        self.broker.offsets("deposits") + sluice.log())
        self.assertEqual(self.taken(), RECORDS)
        self.assertEqual(api.stop(), 0, api.log())


if __name__ == "__main__":
    result = unittest.main(exit=False, verbosity=2).result
    failed = len(result.failures) + len(result.errors)
    print(f"{max(result.testsRun - failed, 0)} passed, {failed} failed")
    sys.exit(failed > 0)
