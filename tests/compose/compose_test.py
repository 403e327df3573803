"""What compose/ says is right, and says the same everywhere."""
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

import yaml

from project import FILE, ROOT, SLUICE, VERSION, binds, health_command, on_this_machine, resolve

HARDENED = ("simulator", "sluice")
ONE_SHOT = "topics"
WITHOUT_PORT = (ONE_SHOT, "load")


def seconds(duration):
    amount, unit = re.fullmatch(r"(\d+)(s|m)", duration).groups()
    return int(amount) * {"s": 1, "m": 60}[unit]


class Project(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.services = resolve()["services"]

    def test_all_parts_are_there_and_load_only_if_asked_for(self):
        self.assertEqual(set(self.services),
                         {"kafka", "topics", "simulator", "sluice", "prometheus", "grafana", "load"})
        self.assertEqual([name for name, service in self.services.items() if service.get("profiles")], ["load"])

    def test_what_compose_refuses_is_found(self):
        with tempfile.TemporaryDirectory() as folder:
            wrong = pathlib.Path(folder, "compose.yaml")
            for text, words in (("  sluice:\n", "  sluice:\n    restrt: always\n"),
                                ("kafka: {condition: service_healthy}", "kafak: {condition: service_healthy}")):
                self.assertIn(text, FILE.read_text())
                wrong.write_text(FILE.read_text().replace(text, words, 1))
                self.assertRaises(RuntimeError, resolve, wrong)

    def test_every_mounted_file_is_there_and_read_only(self):
        for name, service in self.services.items():
            for source, target in binds(service):
                with self.subTest(service=name, target=target):
                    self.assertTrue(source.exists(), source)
            for volume in service.get("volumes", []):
                self.assertTrue(volume["type"] == "volume" or volume["read_only"], volume)

    def test_ports_are_open_to_this_machine_only_and_the_same_inside(self):
        for name, service in self.services.items():
            ports = service.get("ports", [])
            self.assertEqual(len(ports), 0 if name in WITHOUT_PORT else 1, name)
            for port in ports:
                self.assertEqual((port["host_ip"], port["published"]), ("127.0.0.1", str(port["target"])), name)

    def test_what_is_long_lived_has_a_health_check_and_what_waits_waits_for_one(self):
        for name, service in self.services.items():
            self.assertEqual("healthcheck" in service, name not in WITHOUT_PORT, name)
            self.assertEqual(service["restart"], "no" if name == ONE_SHOT else "unless-stopped")
            for other, how in service.get("depends_on", {}).items():
                wanted = "service_completed_successfully" if other == ONE_SHOT else "service_healthy"
                self.assertEqual(how["condition"], wanted, (name, other))

    def test_images_are_pinned_and_those_that_the_rest_of_the_repository_names(self):
        for name, service in self.services.items():
            self.assertRegex(service["image"], r"^[a-z/]+:v?\d+\.\d+\.\d+$", name)
        self.assertEqual({self.services[name]["image"] for name in HARDENED}, {f"sluice:{VERSION}"})
        kafka = re.search(r"version=\$\{1:-(.*)\}", (ROOT / "scripts" / "kafka-dist").read_text())[1]
        for name in "kafka", "topics", "load":
            self.assertEqual(self.services[name]["image"], f"apache/kafka:{kafka}")
        self.assertIn(self.services["grafana"]["image"], (ROOT / "docs" / "observability.md").read_text())
        # The dashboards are written in queries that the Prometheus of Debian 12 takes.
        self.assertRegex(self.services["prometheus"]["image"], r":v2\.")

    def test_the_image_has_the_version_of_the_program(self):
        dockerfile = (ROOT / "Dockerfile").read_text()
        self.assertEqual(re.findall(r"^ARG VERSION=(.*)$", dockerfile, re.M), [VERSION])
        self.assertEqual(set(re.findall(r"\bsluice:([\d.]+)", dockerfile)), {VERSION})
        page = (ROOT / "docs" / "deploy-containers.md").read_text()
        self.assertEqual(set(re.findall(r"\bsluice:([\d.]+\d)", page)), {VERSION})
        for name in HARDENED:
            context = pathlib.Path(self.services[name]["build"]["context"])
            self.assertEqual(context, ROOT)

    def test_sluice_has_no_more_rights_than_it_needs(self):
        for name in HARDENED:
            service = self.services[name]
            self.assertTrue(service["read_only"])
            self.assertEqual(service["cap_drop"], ["ALL"])
            self.assertEqual(service["security_opt"], ["no-new-privileges:true"])
            self.assertNotIn("privileged", service)
            self.assertNotIn("user", service)  # the image's

    def test_a_stop_leaves_sluice_the_time_that_its_shutdown_takes(self):
        page = (ROOT / "docs" / "configuration.md").read_text()
        default = re.search(r"`shutdown_timeout` \| `(\w+)`", page)[1]
        config = yaml.safe_load((ROOT / "compose" / "sluice.yaml").read_text())
        self.assertGreater(seconds(self.services["sluice"]["stop_grace_period"]),
                           seconds(config.get("shutdown_timeout", default)))


class Agreement(unittest.TestCase):
    """What one part is told of another is what the other is."""

    @classmethod
    def setUpClass(cls):
        cls.services = resolve()["services"]
        cls.config = yaml.safe_load((ROOT / "compose" / "sluice.yaml").read_text())

    def address(self, name):
        port, = self.services[name]["ports"]
        return f"{name}:{port['target']}"

    def test_sluice_reads_what_topics_creates_and_load_fills(self):
        script = (ROOT / "compose" / "topics.sh").read_text()
        created = re.search(r"for topic in events\.\{(.*)\}; do", script)[1].split(",")
        pipelines = self.config["pipelines"]
        self.assertEqual({topic for one in pipelines.values() for topic in one["topics"]},
                         {f"events.{name}" for name in created})
        self.assertEqual({one["dead_letter"]["topic"] for one in pipelines.values()},
                         {f"events.{name}.dlq" for name in created})
        filled = re.findall(r"--topic (\S+) &", (ROOT / "compose" / "load.sh").read_text())
        self.assertEqual(set(filled), {f"events.{name}" for name in created})

    def test_addresses_are_those_that_the_services_have(self):
        kafka = self.services["kafka"]["environment"]
        advertised = dict(entry.split("://") for entry in kafka["KAFKA_ADVERTISED_LISTENERS"].split(","))
        self.assertEqual(self.config["kafka"]["brokers"], [advertised["PLAINTEXT"]])
        port, = self.services["kafka"]["ports"]
        self.assertEqual(advertised["HOST"], f"localhost:{port['published']}")
        for script in "topics.sh", "load.sh":
            self.assertIn(f"--bootstrap-server {advertised['PLAINTEXT']} ",
                          (ROOT / "compose" / script).read_text().replace("\n", " "))
        target, = self.config["targets"].values()
        self.assertEqual(target["base_url"], f"http://{self.address('simulator')}/apigw/ingest")
        scraped = yaml.safe_load((ROOT / "compose" / "prometheus.yaml").read_text())["scrape_configs"]
        self.assertEqual(scraped[0]["static_configs"], [{"targets": [self.address("sluice")]}])
        self.assertEqual(self.services["grafana"]["environment"]["PROMETHEUS_URL"],
                         f"http://{self.address('prometheus')}")

    def test_credentials_are_those_that_the_simulator_takes(self):
        help_text = subprocess.run([SLUICE, "simulate", "--help"], capture_output=True, text=True).stdout
        auth = next(iter(self.config["targets"].values()))["auth"]
        for value in (auth["account_id"], auth["workspace_id"],
                      self.services["sluice"]["environment"]["DATA_PIPELINE_TOKEN"]):
            self.assertIn(value, help_text)

    def test_health_checks_ask_the_port_of_their_own_service(self):
        for name in "kafka", "simulator", "prometheus", "grafana":
            port, = self.services[name]["ports"]
            wanted = "kafka:9092" if name == "kafka" else str(port["target"])
            self.assertIn(wanted, " ".join(health_command(self.services[name])))

    def test_grafana_finds_dashboards_and_data_source(self):
        grafana = self.services["grafana"]
        folder = on_this_machine(grafana, "/etc/grafana/provisioning")
        provider, = yaml.safe_load((folder / "dashboards" / "sluice.yaml").read_text())["providers"]
        dashboards = on_this_machine(grafana, provider["options"]["path"])
        self.assertTrue(list(dashboards.glob("*.json")))
        home = on_this_machine(grafana, grafana["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"])
        self.assertTrue(home.is_file(), home)
        source, = yaml.safe_load((folder / "datasources" / "prometheus.yaml").read_text())["datasources"]
        self.assertEqual(re.findall(r"\$\{(\w+)\}", source["url"]), ["PROMETHEUS_URL"])


class Tools(unittest.TestCase):
    """Those that will read the files take them."""

    @classmethod
    def setUpClass(cls):
        cls.services = resolve()["services"]

    def test_sluice_takes_its_configuration_beside_the_schemas_of_the_image(self):
        sluice = self.services["sluice"]
        file = on_this_machine(sluice, sluice["command"][-1])
        with tempfile.TemporaryDirectory() as folder:
            shutil.copytree(ROOT / "config", folder, dirs_exist_ok=True)
            done = subprocess.run([SLUICE, "check", "--offline", shutil.copy(file, folder)], capture_output=True,
                                  text=True, env={**os.environ, **sluice["environment"]})
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)

    def test_prometheus_takes_its_configuration_and_the_rules(self):
        with tempfile.TemporaryDirectory() as folder:
            for source, target in binds(self.services["prometheus"]):
                copy = shutil.copytree if source.is_dir() else shutil.copy
                copy(source, pathlib.Path(folder, target.name))
            done = subprocess.run(["promtool", "check", "config", pathlib.Path(folder, "prometheus.yaml")],
                                  capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertRegex(done.stdout, r"SUCCESS: [1-9]\d* rules found")


if __name__ == "__main__":
    unittest.main()
