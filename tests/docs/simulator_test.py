"""The requests of docs/simulator.md, sent to the real simulator."""
import re
import subprocess
import tempfile
import unittest

from command_lines import SLUICE
from pages import ROOT, blocks
from terminal import Terminal


class Simulator(unittest.TestCase):
    def setUp(self):
        self.simulator = subprocess.Popen([SLUICE, "simulate", "--listen", "127.0.0.1:0"], stdout=subprocess.PIPE, text=True)
        self.addCleanup(self.simulator.stdout.close)
        self.addCleanup(self.simulator.wait)
        self.addCleanup(self.simulator.terminate)
        first = self.simulator.stdout.readline()
        self.address = re.search(r"127\.0\.0\.1:\d+", first)[0]
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.terminal = Terminal(folder.name, {})
        self.addCleanup(self.terminal.close)

    def printed(self, text):
        output, failed = self.terminal.run(text.replace("127.0.0.1:8080", self.address))
        self.assertEqual(failed, [], output)
        return output

    def test_its_faults_and_its_signed_request_are_taken(self):
        sent = [block for block in blocks(ROOT / "docs" / "simulator.md") if "curl" in block.text]
        self.assertEqual(len(sent), 2)
        faults, signed = sent
        self.assertIn('"fault":"none"', self.printed(faults.text).splitlines()[-1])
        self.assertRegex(self.printed(signed.text), r'(?s)HTTP/1.1 200 .*"count":1')


if __name__ == "__main__":
    unittest.main()
