"""Proves the instruments of scripts/bench latency."""
import dataclasses
import http.client
import os
import sys
import time
import unittest

import latency
import report
from drain import Sink
from latency import FLOOR, Result, Spent

SINK = sys.argv.pop()
ON_TIME = {"late_p50_us": 10, "late_p99_us": 100, "late_max_us": 90_000}
STATS = {"unique": 4, "repeated": 0, "unknown": 0}
USED = (Spent(10.0, 1.0, 100), Spent(12.0, 1.5, 300))


def result(client=20, latencies=(9_000_000, 1000, 2000, 3000), **other):
    """Of four records, the first of which warms up."""
    made = latency.result_of(client, 4, 1, STATS, list(latencies), USED, ON_TIME, 0)
    return dataclasses.replace(made, **other)


def post(port, body):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("POST", "/events/deposit", body)
    connection.getresponse().read()
    connection.close()


class Stamps(unittest.TestCase):
    def setUp(self):
        self.sink = Sink(SINK, 4)
        self.addCleanup(self.sink.close)

    def test_the_sink_tells_what_each_stamped_record_took(self):
        now = time.time_ns() // 1000
        post(self.sink.port, f'[{{"event_id":"evt_000000002","at":{now - 5_000_000},"x":1}},'
                             f'{{"event_id":"evt_000000000","at":{now + 60_000_000},"x":1}},'
                             f'{{"event_id":"evt_000000001","x":1}}]')
        after = time.time_ns() // 1000
        took = self.sink.latencies()
        self.assertTrue(5_000_000 <= took[2] <= 5_000_000 + after - now, took)
        self.assertLess(took[0], 0)  # of the future
        self.assertEqual(took[1::2], [None, None])  # without a stamp, and never seen

    def test_what_comes_again_changes_nothing(self):
        now = time.time_ns() // 1000
        for at in (now, now - 60_000_000):
            post(self.sink.port, f'[{{"event_id":"evt_000000000","at":{at},"x":1}}]')
        self.assertLess(self.sink.latencies()[0], 30_000_000)

    def test_more_than_a_socket_buffer_of_them_arrives(self):
        with Sink(SINK, 1_000_000) as sink:
            self.assertEqual(len(sink.latencies()), 1_000_000)


class Figures(unittest.TestCase):
    def test_a_share_is_of_the_records_that_took_no_longer(self):
        self.assertEqual(latency.percentiles(range(1000, 0, -1)),
                         {"p50": 0.5, "p90": 0.9, "p99": 0.99, "p99.9": 0.999, "max": 1.0})

    def test_what_warms_up_does_not_count(self):
        made = result()
        self.assertEqual((made.took_ms["p50"], made.took_ms["max"]), (2.0, 3.0))
        self.assertEqual((made.cpu_of_a_core, made.requests_per_second), (0.25, 100))
        self.assertEqual(made.flaws(), [])

    def test_every_flaw_is_named(self):
        self.assertEqual(len(result(missing=1, repeated=2, unknown=3, unmeasured=4, exit_code=1,
                                    feed={**ON_TIME, "late_p99_us": 5001}).flaws()), 6)
        self.assertEqual(result(latencies=(None, None, -1, 5)).unmeasured, 2)

    def test_the_processor_time_is_that_of_the_process(self):
        before = latency.cpu_seconds(os.getpid())
        began = time.process_time()
        while time.process_time() < began + 0.02:
            pass
        self.assertGreaterEqual(latency.cpu_seconds(os.getpid()) - before, 0.02)


class Table(unittest.TestCase):
    def test_a_goal_is_met_or_missed(self):
        self.assertEqual(latency.goal_of(result()), "p50 below 23 ms, p99 below 30 ms: met")
        self.assertIn("missed", latency.goal_of(result(latencies=(0, 1000, 2000, 30_000))))
        self.assertEqual(latency.goal_of(result(FLOOR)), "")
        self.assertEqual(latency.goal_of(result(100)), "")

    def test_it_goes_between_the_marks(self):
        table = latency.markdown([result(FLOOR), result()], "facts")
        page = report.replace_between_markers(latency.PAGE.read_text(), table, latency.BEGIN,
                                              latency.END)
        self.assertIn("| floor | 2.0 | 3.0 | 3.0 | 3.0 | 3.0 | 100 | 25.0% |  |\n", page)
        self.assertIn("| Sluice, `batch.linger: 20ms` | 2.0 |", page)
        self.assertIn("less than 0.1 ms after they were due", page)


if __name__ == "__main__":
    unittest.main()
