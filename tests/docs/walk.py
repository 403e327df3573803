"""A page whose blocks are run in their order, as they stand but for ports and the binary's place."""
import os
import pathlib
import re
import socket
import tempfile
import time
import unittest

import expected
from command_lines import SLUICE
from pages import ROOT, blocks
from terminal import Terminal

PATIENCE = 60  # seconds, for what comes "after a moment"
KAFKA_TOOLS = ("topics", "acls", "consumer-groups")


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


class Walk(unittest.TestCase):
    """A folder that looks like a clone that was built, and a terminal in it."""

    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)
        for name in ("scripts", "config"):
            (self.folder / name).symlink_to(ROOT / name)
        (self.folder / "build" / "release").mkdir(parents=True)
        (self.folder / "build" / "release" / "sluice").symlink_to(SLUICE)
        kafka, api, admin = free_ports(3)
        # All that is not run as it stands.
        self.instead = {"localhost:9092": f"127.0.0.1:{kafka}", "127.0.0.1:8080": f"127.0.0.1:{api}",
                        "127.0.0.1:9464": f"127.0.0.1:{admin}", "scripts/build ": "test -x build/release/sluice "}
        cache = os.environ.get("SLUICE_CACHE", str(ROOT / ".cache"))
        self.terminal = Terminal(self.folder, {"SLUICE_CACHE": cache})
        self.addCleanup(self.terminal.close)

    def adapted(self, text):
        for ours, theirs in self.instead.items():
            text = text.replace(ours, theirs)
        return text

    def has_kafkas_tools(self):
        """bin/kafka-TOOL.sh, which scripts/kafka is here."""
        tools = self.folder / "bin"
        tools.mkdir()
        for name in KAFKA_TOOLS:
            tool = tools / f"kafka-{name}.sh"
            tool.write_text(f'#!/bin/sh\nexec "{ROOT}/scripts/kafka" {name} "$@"\n')
            tool.chmod(0o755)
        self.prepare(f'export PATH="{tools}:$PWD/build/release:$PATH"\n')

    def prepare(self, text):
        """What the page takes for granted."""
        printed, failed = self.terminal.run(self.adapted(text))
        self.assertEqual(failed, [], printed)

    def run_block(self, block, shown):
        """Fails unless the block does what the page says of it."""
        status = re.search(r"exits with (\d+)", block.note)
        deadline = time.monotonic() + (PATIENCE if "until it says so" in block.note else 0)
        while True:
            printed, failed = self.terminal.run(self.adapted(block.text))
            as_shown = shown is None or expected.matches(self.adapted(shown), printed)
            as_ended = [line.split(":")[0] for line in failed] == ([status[1]] if status else [])
            if (as_shown and as_ended) or time.monotonic() > deadline:
                break
            time.sleep(0.5)
        self.assertTrue(as_shown, f"{block.place}\n{block.text}should print\n{shown}but printed\n{printed}")
        self.assertTrue(as_ended, f"{block.place}\n{block.text}failed: {failed}\n{printed}")

    def walk(self, page, wanted=lambda block: True):
        """How many blocks were run."""
        found = blocks(ROOT / "docs" / page)
        count = 0
        try:
            for block, following in zip(found, [*found[1:], None]):
                if block.language == "sh" and wanted(block):
                    self.run_block(block, following.text if following and not following.language else None)
                    count += 1
        except (AssertionError, RuntimeError):
            for log in sorted(self.folder.glob("**/*.log")):
                print(f"--- {log.name}\n{log.read_text()[-3000:]}")
            raise
        return count
