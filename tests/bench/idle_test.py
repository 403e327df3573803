"""Proves the instruments of scripts/bench idle."""
import dataclasses
import os
import pathlib
import time
import unittest

import idle
import report
from idle import Result

IDLE = Result(pipelines=10, rss_mb=39.96, anonymous_mb=12.0, threads=100, cpu_of_a_core=0.00499,
              wake_ups_per_second=120.4, requests=0, exit_code=0)


def status():
    return pathlib.Path("/proc/self/status").read_text()


class Figures(unittest.TestCase):
    def test_memory_and_threads_are_read(self):
        text = "VmRSS:\t   20000 kB\nRssAnon:\t    5000 kB\nThreads:\t46\n"
        self.assertEqual(idle.status_of(text), (20.48, 5.12, 46))
        self.assertGreater(idle.status_of(status())[0], 1)

    def test_going_to_sleep_is_counted(self):
        before = idle.wake_ups(os.getpid())
        for _ in range(3):
            time.sleep(0.001)
        self.assertGreaterEqual(idle.wake_ups(os.getpid()) - before, 3)

    def test_every_flaw_is_named(self):
        self.assertEqual(IDLE.flaws(), [])
        self.assertEqual(len(dataclasses.replace(IDLE, requests=1, exit_code=1).flaws()), 2)

    def test_each_pipeline_has_its_own_group_and_topics(self):
        text = idle.configuration("b", 1, 2, 10)
        for number in range(10):
            self.assertIn(f'topics: ["idle.{number}"]', text)
            self.assertIn(f'group: "idle.10.{number}"', text)
            self.assertIn(f'dead_letter: {{topic: "idle.{number}.dlq"}}', text)


class Table(unittest.TestCase):
    def test_goals_grow_with_the_pipelines_and_are_met_or_missed(self):
        self.assertEqual(IDLE.goals(), "below 40 MB: met, below 0.5%: met")
        self.assertEqual(dataclasses.replace(IDLE, pipelines=1, cpu_of_a_core=0.005).goals(),
                         "below 22 MB: missed, below 0.5%: missed")

    def test_it_goes_between_the_marks(self):
        page = report.replace_between_markers(idle.PAGE.read_text(), idle.markdown([IDLE], "facts"),
                                              idle.BEGIN, idle.END)
        self.assertIn("| 10 | 40.0 | 12.0 | 100 | 0.50% | 120 | below 40 MB: met", page)


if __name__ == "__main__":
    unittest.main()
