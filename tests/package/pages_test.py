"""What the pages say of the unit: systemd takes it, and it does what they say."""
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time
import unittest

from unit_file import overview, verified

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ["SLUICE_BUILD"])
sys.path.insert(0, str(ROOT / "tests" / "docs"))
import pages  # noqa: E402
import shell  # noqa: E402

PORT = 1023
CONFIG = f"""\
kafka: {{brokers: ["127.0.0.1:9"]}}
admin: {{listen: "127.0.0.1:{PORT}"}}
targets: {{api: {{base_url: "http://127.0.0.1:9"}}}}
pipelines: {{p: {{topics: [t], group: g, target: api, path: /, dead_letter: none}}}}
"""
NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--no-new-privs"]


def block_with(page, words):
    return next(block.text for block in pages.blocks(ROOT / "docs" / page) if words in block.text)


class Pages(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.folder.chmod(0o755)

    def unit(self, name, text):
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(re.sub(r"(?m)^(Exec\w+)=\S*sluice ", rf"\1={BUILD}/sluice ", text))
        return path

    def start(self, *command):
        child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        self.addCleanup(child.stderr.close)
        self.addCleanup(child.wait)
        self.addCleanup(child.kill)
        return child

    def test_a_command_runs_as_the_service_does(self):
        words = next(shell.commands(block_with("deploy-debian.md", "systemd-run")))
        given = [words[place + 1] for place, word in enumerate(words) if word == "-p"]
        unit = (BUILD / "sluice.service").read_text()
        # systemd names the user after the unit.
        self.assertEqual([line for line in given if line not in unit.splitlines()], ["User=sluice"])
        self.assertEqual([line for line in unit.splitlines()
                          if re.match("(EnvironmentFile|DynamicUser|StateDirectory)=", line) and line not in given], [])
        command = " ".join(words[words.index("sluice"):])
        text = "\n".join(["[Service]", "Type=oneshot", *given, f"ExecStart={command}\n"])
        self.assertEqual(verified(self.unit("check.service", text)), "")

    def test_the_drop_in_for_a_low_port_gives_that_right_alone(self):
        unit = self.unit("sluice.service", (BUILD / "sluice.service").read_text())
        before = overview(unit)
        ((place, text),) = shell.heredocs(block_with("deploy-debian.md", "AmbientCapabilities"))[0]
        self.unit(str(pathlib.Path(place).relative_to("/etc/systemd/system")), text)
        self.assertEqual(verified(unit), "")
        after = overview(unit)
        self.assertEqual({name for name in after if after[name] != before[name]},
                         {"AmbientCapabilities=", "PrivateUsers=", "Overall",
                          "CapabilityBoundingSet=~CAP_NET_(BIND_SERVICE|BROADCAST|RAW)"})

    @unittest.skipIf(os.getuid() != 0, "only root gives rights")
    def test_a_low_port_takes_that_right_and_an_error_says_so(self):
        config = self.folder / "sluice.yaml"
        config.write_text(CONFIG)
        run = [BUILD / "sluice", "run", config]
        refused = subprocess.run([*NOBODY, "--bounding-set=-all", *run], capture_output=True, text=True, timeout=30)
        self.assertEqual(refused.returncode, 1)
        self.assertIn(f"cannot listen on 127.0.0.1:{PORT}: no permission for this port", refused.stderr)
        self.assertIn("CAP_NET_BIND_SERVICE", refused.stderr)

        child = self.start(*NOBODY, "--bounding-set=-all,+net_bind_service", "--inh-caps=+net_bind_service",
                           "--ambient-caps=+net_bind_service", *run)
        lines = []
        for line in child.stderr:
            lines.append(line)
            if "admin_listening" in line:
                break
        child.send_signal(signal.SIGTERM)
        self.assertIn("admin_listening", "".join(lines)[-1000:])

    def test_a_core_dump_is_to_be_had_by_what_the_page_says(self):
        # The unit's hard limit is 0, too; to raise that is a right which root has not everywhere.
        child = self.start("prlimit", "--core=0:", BUILD / "sluice", "simulate", "--listen", "127.0.0.1:0")
        proc = pathlib.Path("/proc", str(child.pid))
        deadline = time.monotonic() + 20
        while int((proc / "coredump_filter").read_text(), 16) != 0:
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.02)  # nothing tells
        block = block_with("operations.md", "coredump_filter").replace("$(pidof sluice)", str(child.pid))
        subprocess.run(["sh", "-e", "-c", block], check=True)
        self.assertEqual(int((proc / "coredump_filter").read_text(), 16), 0x3F)
        self.assertRegex((proc / "limits").read_text(), r"Max core file size +unlimited +unlimited")


if __name__ == "__main__":
    unittest.main()
