"""Proves the instruments of the fault figures: the API, and how its accounts become figures."""
import datetime
import http.client
import json
import socket
import time
import unittest

import fault_report
import faults
from fault_api import NO_ANSWER, RESET, FaultApi, Status
from fault_trial import Figures, caught_up, lateness, next_probe, percentile


def body(*ids):
    return "[" + ",".join(f'{{"event_id":"evt_{number:09}"}}' for number in ids) + "]"


class Api(unittest.TestCase):
    def setUp(self):
        self.api = FaultApi(1000, poison=[13])
        self.addCleanup(self.api.close)

    def connect(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.api.port, timeout=10)
        self.addCleanup(connection.close)
        return connection

    def post(self, *ids):
        connection = self.connect()
        connection.request("POST", "/", body(*ids))
        return connection.getresponse()

    def await_requests(self, count):
        deadline = time.monotonic() + 10
        while self.api.counts()["requests"] < count:
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.001)

    def test_takes_records_and_knows_when(self):
        before = time.monotonic_ns()
        answer = self.post(0, 1, 2)
        self.assertEqual((answer.status, answer.read()), (200, b'{"message":"ok","count":3}'))
        self.assertEqual(self.api.taken(), 3)
        first = self.api.first_ns()
        self.assertTrue(all(before < at < time.monotonic_ns() for at in first[:3]))
        self.assertFalse(any(first[3:]))

    def test_tells_repeats_and_unknown_records_from_new_ones(self):
        for ids in ((1, 2), (2, 1), (3, 1000)):
            self.post(*ids)
        counts = self.api.counts()
        self.assertEqual((counts["repeated"], counts["requests_with_repeats"]), (2, 1))
        self.assertEqual((counts["unknown"], self.api.taken()), (1, 3))

    def test_refuses_a_whole_request_for_one_poison_record(self):
        self.assertEqual(self.post(12, 13, 14).status, 400)
        self.assertEqual((self.api.taken(), self.api.counts()["refused"]), (0, 1))

    def test_a_status_lasts_until_it_is_healed(self):
        self.api.fail(Status(429, "Retry-After: 5\r\n"))
        answer = self.post(1)
        self.assertEqual((answer.status, answer.getheader("Retry-After")), (429, "5"))
        self.api.heal()
        self.assertEqual(self.post(1).status, 200)
        counts = self.api.counts()
        self.assertEqual((counts["requests"], counts["into_fault"]), (2, 1))
        self.assertEqual((self.api.taken(), counts["repeated"]), (1, 0))

    def test_a_reset_takes_nothing_and_counts_the_request(self):
        self.api.fail(RESET)
        with self.assertRaises(ConnectionError):
            self.post(1)
        self.assertEqual((self.api.taken(), self.api.counts()["into_fault"]), (0, 1))

    def test_without_an_answer_the_request_waits_until_the_api_is_healed(self):
        self.api.fail(NO_ANSWER)
        connection = self.connect()
        connection.request("POST", "/", body(1))
        self.await_requests(1)
        connection.sock.settimeout(0.05)
        with self.assertRaises(socket.timeout):
            connection.sock.recv(1)
        self.api.heal()
        connection.sock.settimeout(10)
        self.assertEqual(connection.sock.recv(1), b"")
        self.assertEqual((self.api.taken(), self.api.counts()["into_fault"]), (0, 1))


SECOND = 1_000_000_000


class Accounts(unittest.TestCase):
    def test_a_record_is_late_by_when_it_was_due(self):
        late = lateness([5 * SECOND, 0, 8 * SECOND], 4 * SECOND, SECOND)
        self.assertEqual(late, {0: 1.0, 2: 2.0})  # the second was never taken

    def test_caught_up_when_the_last_record_that_waited_is_taken(self):
        first = [5 * SECOND, 19 * SECOND, 20 * SECOND, 25 * SECOND]
        late = {0: 0.1, 1: 9.0, 2: 3.0, 3: 0.5}
        self.assertEqual(caught_up(first, late, 18.0), 2.0)
        self.assertEqual(caught_up(first, late, 21.0), 0.0)
        self.assertEqual(caught_up(first, {3: 0.5}, 0.0), 0.0)

    def test_percentiles_are_values_that_occurred(self):
        late = dict(enumerate(range(1, 101)))
        self.assertEqual((percentile(late, 0.5), percentile(late, 0.99)), (50, 99))
        self.assertEqual(percentile({0: 7}, 0.99), 7)

    def test_the_next_probe_is_the_last_that_the_breaker_spoke_of(self):
        def line(second, event, **fields):
            return json.dumps({"time": f"2026-01-01T00:00:{second:02}.000Z", "event": event,
                               **fields})
        start = datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc).timestamp()
        log = [line(1, "service_started"), line(2, "breaker_opened", next_probe_ms=5000),
               line(8, "breaker_opened", next_probe_ms=10500)]
        self.assertEqual(next_probe(log), start + 18.5)
        self.assertEqual(next_probe(log + [line(19, "breaker_closed")]), 0)
        self.assertEqual(next_probe(log[:1]), 0)


def figures(**values):
    good = dict(fault="503", fault_seconds=15.0, lost=0, dead_letters=0, unknown=0, repeated=0,
                repeated_requests=0, requests_into_fault=9, caught_up_seconds=3.25,
                wait_seconds=2.5, p50_ms=61.0, p99_ms=12_345.0, peak_rss_mib=25.0,
                committed=True, exit_codes=(0,))
    return Figures(**{**good, **values})


class Promises(unittest.TestCase):
    def test_every_miss_is_named(self):
        scenario = faults.SCENARIOS["503"]
        self.assertEqual(faults.misses(scenario, figures()), [])
        for worse in ({"lost": 1}, {"unknown": 1}, {"dead_letters": 1}, {"committed": False},
                      {"exit_codes": (0, 1)}, {"requests_into_fault": 21},
                      {"repeated_requests": 1}, {"caught_up_seconds": 4.6}):
            with self.subTest(worse):
                self.assertEqual(len(faults.misses(scenario, figures(**worse))), 1)

    def test_poison_must_be_dead_lettered(self):
        scenario = faults.SCENARIOS["poison"]
        self.assertEqual(faults.misses(scenario, figures(dead_letters=12)), [])
        self.assertEqual(faults.misses(scenario, figures()), ["0 dead letters"])

    def test_poison_is_on_every_partition_and_each_once(self):
        ids = faults.poison_ids(12, 60_000)
        self.assertEqual(len(set(ids)), 12)
        self.assertEqual({number % faults.PARTITIONS for number in ids}, {0, 1, 2, 3})
        self.assertLess(max(ids), 60_000)

    def test_the_table_says_how_long_the_breaker_had_to_wait(self):
        table = fault_report.markdown(
            [(faults.SCENARIOS["503"], figures(), []),
             (faults.SCENARIOS["members"], figures(requests_into_fault=0, wait_seconds=0.0), [])],
            {"date": "2026-01-01", "machine": "m", "versions": "v", "load": 0.5})
        self.assertIn("| 503 | 15.0 | 0 | 0 | 9 | 3.2 (breaker open for 2.5 of them) "
                      "| 61 / 12,345 | 25 |", table)
        self.assertIn("twice | 15.0 | 0 | 0 | – | 3.2 | 61 / 12,345 | 25 |", table)


if __name__ == "__main__":
    unittest.main()
