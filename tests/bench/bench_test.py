"""Proves the instruments: a sink that miscounts would make every figure worthless."""
import http.client
import select
import socket
import sys
import unittest

import report
from drain import Run, Sink

SINK = sys.argv.pop()


def body(*ids, size=780):
    records = [f'{{"event_id":"evt_{number:09}","pad":"' for number in ids]
    return "[" + ",".join(record.ljust(size - 2, "x") + '"}' for record in records) + "]"


def post(port, *bodies):
    """Sends on one connection; the answers' counts."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    counts = []
    for each in bodies:
        connection.request("POST", "/events/deposit", each)
        counts.append(connection.getresponse().read().decode())
    connection.close()
    return counts


class SinkCounts(unittest.TestCase):
    def setUp(self):
        self.sink = Sink(SINK, 1000)
        self.addCleanup(self.sink.close)

    def complete(self, wait=0):
        return bool(select.select([self.sink.events()], [], [], wait)[0])

    def test_counts_every_record_of_every_request(self):
        answers = post(self.sink.port, body(*range(500)), body(*range(500, 999)))
        self.assertEqual(answers, ['{"message":"ok","count":500}', '{"message":"ok","count":499}'])
        stats = self.sink.stats()
        self.assertEqual((stats["requests"], stats["records"], stats["unique"]), (2, 999, 999))
        self.assertEqual((stats["repeated"], stats["unknown"]), (0, 0))
        self.assertLess(stats["first_ns"], stats["last_ns"])

    def test_tells_repeats_and_unknown_ids_from_new_ones(self):
        post(self.sink.port, body(1, 2, 2), body(2, 3, 1000), '[{"event_id":"other"}]')
        stats = self.sink.stats()
        self.assertEqual(stats["records"], 7)
        self.assertEqual((stats["unique"], stats["repeated"], stats["unknown"]), (3, 2, 2))

    def test_says_complete_only_when_every_id_was_seen(self):
        post(self.sink.port, body(*range(999)), body(0))
        self.assertFalse(self.complete())
        post(self.sink.port, body(999))
        self.assertTrue(self.complete(wait=10))

    def test_reads_requests_that_arrive_in_pieces_and_together(self):
        content = body(7, 8).encode()
        request = b"POST / HTTP/1.1\r\ncontent-length: %d\r\n\r\n%s" % (len(content), content)
        with socket.create_connection(("127.0.0.1", self.sink.port)) as peer:
            peer.settimeout(10)
            peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for piece in (request[:9], request[9:60], request[60:] + request):
                peer.sendall(piece)
            answered = b""
            while answered.count(b'"count":2}') < 2:
                answered += peer.recv(4096)
        stats = self.sink.stats()
        self.assertEqual((stats["requests"], stats["unique"], stats["repeated"]), (2, 2, 2))


def run(client, round_number, **figures):
    values = dict(records_per_second=100_000.0, cpu_seconds_per_million=2.0, peak_rss_mib=100.0,
                  seconds=10.0, seconds_to_first_request=0.1, requests=2000, missing=0,
                  repeated=0, unknown=0, exit_code=0)
    return Run(client=client, round=round_number, **{**values, **figures})


class Reports(unittest.TestCase):
    def test_a_ratio_compares_within_a_round(self):
        runs = [run("floor", 1, records_per_second=100), run("sluice", 1, records_per_second=80),
                run("sluice", 2, records_per_second=10), run("floor", 2, records_per_second=20),
                run("floor", 3, records_per_second=100), run("sluice", 3, records_per_second=90)]
        self.assertAlmostEqual(report.ratios(runs)["records_per_second"], 0.8)
        self.assertEqual(report.medians(runs)["floor"]["records_per_second"], 100)

    def test_there_is_no_ratio_without_two_good_runs(self):
        self.assertEqual(report.ratios([run("floor", 1)]), {})
        self.assertEqual(report.ratios([run("floor", 1, records_per_second=0.0, missing=5),
                                        run("sluice", 1)]), {})

    def test_every_flaw_is_named(self):
        self.assertEqual(run("sluice", 1).flaws(), [])
        flawed = run("sluice", 1, missing=1, repeated=2, unknown=3, exit_code=1)
        flawed.committed = False
        self.assertEqual(len(flawed.flaws()), 5)

    def test_the_table_goes_between_the_markers_and_nowhere_else(self):
        page = f"before\n{report.BEGIN}\nold\n{report.END}\nafter\n"
        self.assertEqual(report.replace_between_markers(page, "new"),
                         f"before\n{report.BEGIN}\nnew\n{report.END}\nafter\n")
        with self.assertRaises(ValueError):
            report.replace_between_markers("no markers", "new")

    def test_the_table_has_both_clients_and_their_ratio(self):
        facts = {"date": "2026-01-01", "machine": "m", "versions": "v", "records": 1_000_000}
        table = report.markdown([run("floor", 1), run("sluice", 1, records_per_second=90_000.0)],
                                facts)
        self.assertIn("| Sluice | 90,000 (90,000–90,000) | 2.00 (2.00–2.00) |", table)
        self.assertIn("| Sluice / floor, same round | 0.90 | 1.00 | 1.00 |", table)


if __name__ == "__main__":
    unittest.main()
