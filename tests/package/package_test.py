"""The Debian package in a bare Debian. scripts/test-package makes it and runs this."""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

from bare_debian import BareDebian, debian_version

ROOT = pathlib.Path(__file__).resolve().parents[2]
PACKAGE = pathlib.Path(os.environ["SLUICE_PACKAGE"])
VERSION = debian_version().split("-")[0]
MOST_MEGABYTES = 12  # of the binary


def field(name):
    return subprocess.run(["dpkg-deb", "--field", PACKAGE, name], check=True, capture_output=True,
                          text=True).stdout.strip()


class Fields(unittest.TestCase):
    def test_its_name_and_version_are_in_one_place(self):
        architecture = subprocess.run(["dpkg", "--print-architecture"], capture_output=True, text=True).stdout.strip()
        self.assertEqual(PACKAGE.name, f"sluice_{debian_version()}_{architecture}.deb")
        self.assertEqual((field("Package"), field("Version")), ("sluice", debian_version()))
        self.assertTrue(field("Maintainer"))

    def test_it_depends_on_what_the_binary_is_linked_to(self):
        depends = field("Depends")
        for library in ("librdkafka1", "libcurl4", "libssl3", "libc6", "ca-certificates"):
            self.assertRegex(depends, rf"\b{library}")


class InABareDebian(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        cls.addClassCleanup(folder.cleanup)
        cls.debian = BareDebian(folder.name)
        cls.addClassCleanup(cls.debian.close)
        cls.debian.run("apt-get", "update", "-q")
        cls.before = cls.debian.files()
        shutil.copy(PACKAGE, cls.debian.root / "tmp")
        cls.installed = cls.debian.run("apt-get", "install", "-y", "-q", "--no-install-recommends",
                                       f"/tmp/{PACKAGE.name}")

    def setUp(self):
        self.assertEqual(self.installed.returncode, 0, self.installed.stdout + self.installed.stderr)

    def test_1_what_it_brings(self):
        listed = self.debian.run("dpkg", "--listfiles", "sluice").stdout.splitlines()
        self.assertIn("/usr/bin/sluice", listed)
        self.assertIn("/usr/lib/systemd/system/sluice.service", listed)
        unit = (self.debian.root / "usr/lib/systemd/system/sluice.service").read_text()
        self.assertIn("ExecStart=/usr/bin/sluice run /etc/sluice/sluice.yaml\n", unit)
        self.assertTrue((self.debian.root / "etc/sluice").is_dir())
        size = (self.debian.root / "usr/bin/sluice").stat().st_size / 1e6
        print(f"the binary: {size:.1f} MB", file=sys.stderr)
        self.assertLess(size, MOST_MEGABYTES)
        strange = [path for path in listed if not path.startswith(("/usr", "/."))]
        self.assertEqual(strange, [])

    def test_2_it_works(self):
        done = self.debian.run("sluice", "--version")
        self.assertEqual((done.returncode, done.stdout), (0, f"{VERSION}\n"), done.stderr)
        for name in sorted(path.name for path in (ROOT / "config").glob("*.yaml")):
            done = self.debian.run("sluice", "check", "--offline", f"/usr/share/sluice/config/{name}")
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        done = self.debian.run("sluice", "demo", "--duration", "3s", "--rate", "200")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("0 lost  0 repeated", done.stdout)

    def test_3_the_same_again_is_an_upgrade(self):
        done = self.debian.run("dpkg", "--install", f"/tmp/{PACKAGE.name}")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_3_one_that_refuses_the_configuration_is_an_upgrade_too(self):
        # Of systemd only what the package asks it. The configuration is not there, which is a refusal.
        stand_ins = [self.debian.root / "usr/bin" / name for name in ("systemctl", "systemd-run")]
        for path, text in zip(stand_ins, ('echo "$@" >>/tmp/asked; [ "$1" != show ] || echo 1',
                                          "sluice check --offline /etc/sluice/sluice.yaml")):
            path.write_text(f"#!/bin/sh\n{text}\n")
            path.chmod(0o755)
        running = self.debian.root / "run/systemd/system"
        running.mkdir(parents=True)
        try:
            done = self.debian.run("dpkg", "--install", f"/tmp/{PACKAGE.name}")
        finally:
            shutil.rmtree(running.parent)
            for path in stand_ins:
                path.unlink()
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("the configuration file does not exist", done.stderr)
        self.assertIn("the old one goes on running", done.stderr)
        self.assertNotIn("restart", (self.debian.root / "tmp/asked").read_text())

    def test_4_a_purge_leaves_the_configuration_and_nothing_else(self):
        config = self.debian.root / "etc/sluice/sluice.yaml"
        config.write_text("# somebody's\n")
        (self.debian.root / "etc/sluice/sluice.env").write_text("API_TOKEN=a-token-for-this-test\n")
        # apt recommends ca-certificates.
        done = self.debian.run("apt-get", "purge", "-y", "-q", "--auto-remove", "sluice",
                               "-o", "APT::AutoRemove::RecommendsImportant=false",
                               "-o", "APT::AutoRemove::SuggestsImportant=false")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertEqual(config.read_text(), "# somebody's\n")
        left = self.debian.files() - self.before
        of_others = {path for path in left if path.startswith(("/etc/ssl", "/etc/ca-certificates", "/tmp/"))}
        self.assertEqual(left - of_others, {"/etc/sluice", "/etc/sluice/sluice.yaml"})


if __name__ == "__main__":
    program = unittest.main(exit=False)
    failed = len(program.result.failures) + len(program.result.errors)
    print(f"{program.result.testsRun - failed} passed, {failed} failed")
    sys.exit(failed > 0)
