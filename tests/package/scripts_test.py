"""What the package does when it is installed, upgraded and purged."""
import os
import pathlib
import subprocess
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
SCRIPTS = HERE.parents[1] / "scripts" / "debian"
BUILD = pathlib.Path(os.environ["SLUICE_BUILD"])
GOOD = """\
kafka: {brokers: ["127.0.0.1:9092"]}
targets: {api: {base_url: "http://127.0.0.1:8080", auth: {type: bearer, token: "${env:API_TOKEN}"}}}
pipelines: {p: {topics: [t], group: g, target: api, path: /, dead_letter: none}}
"""
ASKED_FIRST = ["daemon-reload", "is-active sluice.service"]
SECRET = "a-token-for-this-test"


class Scripts(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name, "root")
        self.place = pathlib.Path(folder.name, "systemd")
        self.place.mkdir()
        for name in ("systemctl", "systemd-run"):
            (self.place / name).symlink_to(HERE / "stand_in.py")
        (self.place / "sluice").symlink_to(BUILD / "sluice")
        self.unit = self.place / "sluice.service"
        self.unit.write_text((BUILD / "sluice.service").read_text())
        (self.root / "run/systemd/system").mkdir(parents=True)
        self.etc = self.root / "etc/sluice"

    def run_script(self, name, *words):
        """What was asked of systemd, and what the script printed."""
        (self.place / "asked").write_text("")
        done = subprocess.run([SCRIPTS / name, *words], capture_output=True, text=True, timeout=60,
                              env=os.environ | {"DPKG_ROOT": str(self.root), "STAND_IN": str(self.place),
                                                "PATH": f"{self.place}:{os.environ['PATH']}"})
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertNotIn(SECRET, done.stdout + done.stderr)
        return (self.place / "asked").read_text().splitlines(), done.stderr

    def upgrade(self, config=GOOD, env=f"API_TOKEN={SECRET}\n", active=True):
        self.run_script("postinst", "configure", "")
        (self.etc / "sluice.yaml").write_text(config)
        (self.etc / "sluice.env").write_text(env)
        if active:
            (self.place / "active").write_text(f"{os.getpid()}\n")
        return self.run_script("postinst", "configure", "0.0.1")

    def test_nothing_is_started_by_the_first_one(self):
        self.assertEqual(self.run_script("postinst", "configure", ""), (["daemon-reload"], ""))
        self.assertEqual((self.etc / "secrets").stat().st_mode & 0o777, 0o700)

    def test_what_runs_is_restarted_by_an_upgrade_that_takes_the_configuration(self):
        self.assertEqual(self.upgrade(), (ASKED_FIRST + ["try-restart sluice.service"], ""))

    def test_what_runs_goes_on_where_the_new_version_refuses_the_configuration(self):
        asked, said = self.upgrade(GOOD.replace("group: g", "grup: g"))
        self.assertEqual(asked, ASKED_FIRST)
        self.assertIn("pipelines.p.grup", said)
        self.assertIn("the old one goes on running", said)
        self.assertIn("systemctl restart sluice", said)

    def test_the_configuration_is_looked_at_with_the_environment_of_the_service(self):
        asked, said = self.upgrade(env="")
        self.assertEqual(asked, ASKED_FIRST)
        self.assertIn("API_TOKEN", said)
        with self.unit.open("a") as unit:  # as a drop-in would
            unit.write(f"Environment=API_TOKEN={SECRET}\n")
        self.assertEqual(self.upgrade(env="")[1], "")

    def test_what_does_not_run_is_not_asked(self):
        asked, said = self.upgrade(config="{", active=False)
        self.assertEqual(asked, ASKED_FIRST + ["try-restart sluice.service"])
        self.assertEqual(said, "")

    def with_all_that_the_pages_make(self):
        self.upgrade()
        (self.etc / "secrets/token").write_text(SECRET)
        state = self.root / "var/lib/private/sluice"
        state.mkdir(parents=True)
        (state / "refresh-token").write_text(SECRET)
        (self.root / "var/lib/sluice").symlink_to("private/sluice")

    def left(self):
        return sorted(str(path.relative_to(self.root)) for path in self.root.rglob("*sluice*/**/*"))

    def test_a_removal_keeps_everything(self):
        self.with_all_that_the_pages_make()
        before = self.left()
        self.run_script("prerm", "remove")
        self.run_script("postrm", "remove")
        self.assertEqual(self.left(), before)

    def test_a_purge_leaves_the_configuration_and_no_secret(self):
        self.with_all_that_the_pages_make()
        self.run_script("postrm", "purge")
        self.assertEqual(self.left(), ["etc/sluice/sluice.yaml"])
        self.assertFalse((self.root / "var/lib/sluice").is_symlink())
        (self.etc / "sluice.yaml").unlink()
        self.run_script("postrm", "purge")
        self.assertFalse(self.etc.exists())


if __name__ == "__main__":
    unittest.main()
