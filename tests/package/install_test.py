"""`cmake --install`, and the unit that comes with it."""
import gzip
import os
import pathlib
import re
import subprocess
import tempfile
import unittest

from bare_debian import debian_version
from unit_file import allowed_calls, calls_made, exposure, verified

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = os.environ["SLUICE_BUILD"]
VERSION = debian_version().split("-")[0]


class Install(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.prefix = pathlib.Path(folder.name)
        subprocess.run(["cmake", "--install", BUILD, "--prefix", cls.prefix], check=True, capture_output=True)
        # It names the place that the build was configured for.
        text = (cls.prefix / "lib/systemd/system/sluice.service").read_text()
        cls.unit = cls.prefix / "sluice.service"
        cls.unit.write_text(re.sub(r"^(Exec\w+)=\S*/sluice ", rf"\1={cls.prefix}/bin/sluice ", text, flags=re.M))

    def run_sluice(self, *words, **options):
        return subprocess.run([self.prefix / "bin/sluice", *words], capture_output=True, text=True, **options)

    def test_the_binary_says_its_version(self):
        self.assertEqual(self.run_sluice("--version").stdout, f"{VERSION}\n")

    def test_each_configuration_is_there_with_what_it_names(self):
        env = os.environ | {"API_TOKEN": "a-token-for-this-test", "DATA_PIPELINE_TOKEN": "another-token-for-it"}
        found = sorted((self.prefix / "share/sluice/config").glob("*.yaml"))
        self.assertEqual([path.name for path in found],
                         sorted(path.name for path in (ROOT / "config").glob("*.yaml")))
        for path in found:
            done = self.run_sluice("check", "--offline", str(path), env=env)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_dashboards_alerts_and_pages_are_there_and_nothing_else(self):
        files = {str(path.relative_to(self.prefix)) for path in self.prefix.rglob("*") if path.is_file()}
        for wanted in ("share/sluice/grafana/alerts/sluice.rules.yaml",
                       "share/sluice/grafana/dashboards/sluice-overview.json",
                       "share/sluice/config/schemas/deposit.json", "share/doc/sluice/README.md",
                       "share/doc/sluice/docs/operations.md",
                       "share/doc/sluice/copyright", "lib/systemd/system/sluice.service",
                       "share/bash-completion/completions/sluice", "share/zsh/vendor-completions/_sluice",
                       "share/fish/vendor_completions.d/sluice.fish"):
            self.assertIn(wanted, files)
        places = {path.split("/")[0] for path in files} | {path.split("/")[1] for path in files if "/" in path}
        self.assertEqual(places, {"bin", "lib", "share", "sluice", "systemd", "doc", "sluice.service",
                                  "bash-completion", "zsh", "fish"})

    def test_the_copyright_file_names_what_is_compiled_in(self):
        text = (self.prefix / "share/doc/sluice/copyright").read_text()
        stanzas = [dict(re.findall(r"(?m)^([\w-]+): *(.*)$", stanza)) for stanza in text.split("\n\n")]
        self.assertEqual(stanzas[0]["Format"], "https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/")
        files = {stanza["Files"]: stanza["License"] for stanza in stanzas if "Files" in stanza}
        texts = {stanza["License"] for stanza in stanzas[1:] if "Files" not in stanza}
        self.assertEqual(set(files.values()), texts)
        # Headers of which no library is linked.
        rules = (ROOT / "tests/house/dependencies.txt").read_text()
        used = set(re.findall(r"(?:^|\s)((?:rapidjson|valijson|CLI|tl)/)", rules))
        self.assertEqual(len(used), 4)
        self.assertEqual({name.removeprefix("include/").split("/")[0] + "/" for name in files if name != "*"}, used)

    def test_the_changelog_is_one_to_debian(self):
        packed = self.prefix / "share/doc/sluice/changelog.Debian.gz"
        plain = self.prefix / "changelog"
        plain.write_bytes(gzip.decompress(packed.read_bytes()))
        self.addCleanup(plain.unlink)
        said = subprocess.run(["dpkg-parsechangelog", "-l", plain], check=True, capture_output=True, text=True)
        self.assertEqual(said.stderr, "")
        self.assertIn(f"\nVersion: {debian_version()}\n", said.stdout)

    def test_systemd_takes_the_unit(self):
        self.assertEqual(verified(self.unit), "")

    def test_the_unit_runs_nothing_that_a_bare_debian_has_not(self):
        run = set(re.findall(r"(?m)^Exec\w+=(\S+)", self.unit.read_text()))
        self.assertEqual(run, {str(self.prefix / "bin/sluice"), "/bin/sh"})

    def test_the_unit_gives_away_little(self):
        self.assertLess(exposure(self.unit), 2.0)

    def test_the_unit_allows_all_that_sluice_does(self):
        # All of it in one process: consumers, producers, requests, the admin port.
        code, calls = calls_made([self.prefix / "bin/sluice", "demo", "--duration", "3s", "--rate", "100"])
        self.assertEqual(code, 0)
        self.assertGreater(len(calls), 30)
        self.assertEqual(calls - allowed_calls(self.unit.read_text()), set())

    def test_a_stop_has_more_time_than_sluice_takes(self):
        keys = (ROOT / "docs/configuration.md").read_text()
        shutdown = int(re.search(r"`shutdown_timeout` \| `(\d+)s`", keys)[1])
        given = int(re.search(r"^TimeoutStopSec=(\d+)s", self.unit.read_text(), re.M)[1])
        self.assertGreaterEqual(given, shutdown + 10)


if __name__ == "__main__":
    unittest.main()
