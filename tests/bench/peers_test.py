"""Proves the instruments of scripts/bench peers."""
import argparse
import contextlib
import io
import os
import pathlib
import sys
import tempfile
import unittest
import xml.etree.ElementTree
from unittest import mock

import bench
import draw_peers
import peer_kill
import peer_programs
import peers
import report
from drain import Run
from peer_kill import KillRun, KillSetting
from peer_programs import Peer, Unavailable
from peers_report import BEGIN, END, Table

SINK = sys.argv.pop()


def run(client, round_number, **figures):
    values = dict(records_per_second=100_000.0, cpu_seconds_per_million=2.0, peak_rss_mib=100.0, seconds=10.0,
                  seconds_to_first_request=0.1, requests=2000, missing=0, repeated=0, unknown=0, exit_code=0)
    return Run(client=client, round=round_number, **{**values, **figures})


def table(runs, kills=(), left_out=None):
    titles = {"sluice": "Sluice", "go": "Go: x 1"}
    return Table({name: title for name, title in titles.items() if any(run.client == name for run in runs)},
                 list(runs), list(kills), left_out or {})


FACTS = {"date": "2026-01-01", "machine": "m", "versions": "v", "records": 1_000_000, "kill_records": 200_000,
         "kill_per_second": 5000}


class Page(unittest.TestCase):
    def test_has_the_worst_of_the_kills_and_the_median_of_the_drains(self):
        runs = [run("go", 1, records_per_second=1000.0), run("go", 2, records_per_second=3000.0, missing=7),
                run("go", 3, records_per_second=2000.0)]
        kills = [KillRun("go", 1, 0, 40, 44.0), KillRun("go", 2, 5, 10, 45.06)]
        self.assertIn("| Go: x 1 | 2,000 (1,000–3,000) | 2.00 (2.00–2.00) | 100 (100–100) | 7 | 0 | 5 | 40 | 45.1 s |",
                      table(runs, kills).markdown(FACTS))

    def test_who_never_flows_again_once_never_does(self):
        kills = [KillRun("go", 1, 0, 40, 44.0), KillRun("go", 2, 9, 0, None)]
        self.assertIn("| 9 | 40 | never |", table([run("go", 1)], kills).markdown(FACTS))

    def test_names_what_was_left_out_and_not_where_the_log_is(self):
        text = table([run("go", 1)], left_out={"node": "`npm ci` failed; see /home/me/build.log"}).markdown(FACTS)
        self.assertIn("Left out: node (`npm ci` failed).", text)
        self.assertNotIn("/home", text)

    def test_goes_between_the_marks_of_the_page(self):
        page = report.replace_between_markers(bench.PAGE.read_text(), table([run("go", 1)]).markdown(FACTS),
                                              BEGIN, END)
        self.assertIn("| Go: x 1 | 100,000 (100,000–100,000) |", page)

    def test_only_our_own_flaws_make_it_worthless(self):
        runs = [run("go", 1, missing=3), run("sluice", 1)]
        self.assertEqual(table(runs, [KillRun("go", 1, 9, 0, None), KillRun("sluice", 1, 0, 9, 3.0)]).flaws(), [])
        self.assertEqual(len(table(runs, [KillRun("sluice", 1, 1, 0, 3.0)]).flaws()), 1)
        self.assertEqual(len(table([run("sluice", 1, repeated=1)]).flaws()), 1)


class Chart(unittest.TestCase):
    def test_bars_are_as_long_as_their_share_of_the_longest(self):
        svg = draw_peers.chart([("Sluice", 200_000, 3.0), ("A & B", 50_000, 12.0)])
        root = xml.etree.ElementTree.fromstring(svg)
        bars = [(float(bar.get("width")), bar.get("fill")) for bar in root if bar.get("x") is not None
                and bar.tag.endswith("rect")]
        full = draw_peers.BAR_WIDTH
        self.assertEqual(bars, [(full, draw_peers.OURS), (full / 4, draw_peers.OTHERS),
                                (full / 4, draw_peers.OURS), (full, draw_peers.OTHERS)])
        self.assertIn("A & B", [each.text for each in root])
        self.assertIn("50,000", [each.text for each in root])


class Programs(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        sources = self.root / "sources"
        (sources / "some").mkdir(parents=True)
        (sources / "some" / "source").write_text("1")
        self.source = sources / "some" / "source"
        patch = mock.patch.object(peer_programs, "SOURCES", sources)
        patch.start()
        self.addCleanup(patch.stop)
        self.cache = self.root / "cache"

        quiet = contextlib.redirect_stderr(io.StringIO())
        quiet.__enter__()
        self.addCleanup(quiet.__exit__, None, None, None)

    def peer(self, *build, tools=("sh",)):
        return Peer("some", "Some", "some", tools, build, ("./peer",))

    def test_are_built_once_and_again_when_a_source_differs(self):
        count = self.peer(("sh", "-c", f"echo >>{self.root}/count; cat source >peer"))
        for expected in (1, 1):
            peer_programs.build(count, self.cache)
            self.assertEqual(len((self.root / "count").read_text()), expected)
        self.source.write_text("2")
        peer_programs.build(count, self.cache)
        self.assertEqual((self.cache / "some" / "peer").read_text(), "2")

    def test_that_cannot_be_had_are_left_out_with_the_reason(self):
        bad = self.peer(("sh", "-c", "exit 3"))
        ready, left_out = peer_programs.build_all([bad], self.cache)
        self.assertEqual(ready, [])
        self.assertIn("`sh -c exit 3` failed", left_out["some"])
        with self.assertRaisesRegex(Unavailable, "no-such-tool not found"):
            peer_programs.build(self.peer(tools=("no-such-tool",)), self.cache)

    def test_a_failed_build_is_tried_again(self):
        flaky = self.peer(("sh", "-c", f"test -e {self.root}/now"))
        self.assertRaises(Unavailable, peer_programs.build, flaky, self.cache)
        (self.root / "now").touch()
        peer_programs.build(flaky, self.cache)


class Pinned(unittest.TestCase):
    def test_every_peer_names_its_versions(self):
        for peer in peer_programs.PEERS:
            self.assertRegex(peer.title, r"\d+\.\d+\.\d+")

    def test_every_requirement_is_exact(self):
        lines = (peer_programs.SOURCES / "python/requirements.txt").read_text().splitlines()
        self.assertEqual([line for line in lines if "==" not in line], [])

    def test_no_lock_says_where_a_package_came_from(self):
        self.assertNotIn("resolved", (peer_programs.SOURCES / "node/package-lock.json").read_text())

    def test_names_that_do_not_exist_are_refused(self):
        self.assertEqual(peers.names("go,sluice"), ["go", "sluice"])
        with self.assertRaisesRegex(argparse.ArgumentTypeError, "no perl; there are floor, sluice, bento"):
            peers.names("go,perl")


# Stands for a client: posts the records it is told, and stays for so many seconds.
CLIENT = """
import http.client, sys, time
port, first, last, seconds = map(int, sys.argv[1:])
for number in range(first, last):
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request("POST", "/", '[{"event_id":"evt_%09d"}]' % number)
    connection.getresponse().read()
time.sleep(seconds)
"""


class Kill(unittest.TestCase):
    def trial(self, *parts):
        """A kill of what posts the records of the first part, then those of the second."""
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        work_dir = pathlib.Path(folder.name)
        os.symlink(os.path.abspath(SINK), work_dir / "bench_sink")
        (work_dir / "client.py").write_text(CLIENT)
        (work_dir / "bench_fill").write_text("#!/bin/sh\n")
        (work_dir / "bench_fill").chmod(0o755)
        setting = KillSetting(work_dir, work_dir, "b", "t", "d", 10, 50, 8, 1000)
        started = iter(parts)

        def command(_, group, port):
            self.assertEqual(group, "kill-some-1")
            return [sys.executable, work_dir / "client.py", str(port), *map(str, next(started))]
        with mock.patch.object(peer_kill, "SETTLE_SECONDS", 0.05):
            return peer_kill.kill_trial(setting, "some", 1, command)

    def test_counts_what_came_twice_and_when_it_flows_again(self):
        result = self.trial((0, 4, 50), (2, 10, 50))
        self.assertEqual((result.lost, result.repeated), (0, 2))
        self.assertLess(result.seconds_to_flow, 50)

    def test_tells_what_was_lost(self):
        self.assertEqual(self.trial((0, 4, 50), (5, 10, 0)).lost, 1)

    def test_who_sends_nothing_any_more_never_flows_again(self):
        result = self.trial((0, 4, 50), (0, 0, 0))
        self.assertEqual((result.lost, result.seconds_to_flow), (6, None))


if __name__ == "__main__":
    unittest.main()
