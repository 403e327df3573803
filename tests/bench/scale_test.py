"""Proves the instruments of scripts/bench scale."""
import http.client
import sys
import threading
import time
import unittest

import report
import scale
from drain import Sink
from scale import Case, Result

SINK = sys.argv.pop()


def post(port, *numbers):
    """One request with these records."""
    records = ",".join(f'{{"event_id":"evt_{number:09}"}}' for number in numbers)
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("POST", "/events/deposit", f"[{records}]")
    connection.getresponse().read()
    connection.close()


class Rate(unittest.TestCase):
    def test_is_of_the_middle_part(self):
        # A slow start and a slow end do not count: 100 records a second in between.
        seen = [(0, 0), (10, 29), (10.1, 30), (10.4, 60), (10.7, 90), (60, 100)]
        self.assertAlmostEqual(scale.rate(seen, 100), 100)

    def test_of_what_was_over_before_it_was_seen_is_none(self):
        with self.assertRaises(RuntimeError):
            scale.rate([(0, 0), (1, 100)], 100)
        with self.assertRaises(RuntimeError):
            scale.rate([(0, 0), (1, 40)], 100)


class Delay(unittest.TestCase):
    def test_the_sink_answers_after_the_time_that_it_is_given(self):
        sink = Sink(SINK, 1000, 100)
        self.addCleanup(sink.close)
        began = time.monotonic()
        both = [threading.Thread(target=post, args=(sink.port, number)) for number in (1, 2)]
        for each in both:
            each.start()
        for each in both:
            each.join()
        took = time.monotonic() - began
        self.assertGreaterEqual(took, 0.1)
        self.assertEqual(sink.stats()["unique"], 2)


class Page(unittest.TestCase):
    def test_each_table_is_written_between_the_marks(self):
        tables = {title: [Result(case, 1234.5, 2.5, 100.2, 0) for case in cases]
                  for title, cases in scale.TABLES.items()}
        text = report.replace_between_markers(scale.PAGE.read_text(), scale.markdown(tables, "facts"),
                                              scale.BEGIN, scale.END)
        for title, cases in scale.TABLES.items():
            self.assertIn(f"### {title}\n", text)
        self.assertIn("| 8 | 4 | 1 | 8 | partition | 1,234 | 2.50 | 100 | 0 |\n", text)

    def test_every_case_is_a_configuration_that_differs(self):
        for cases in scale.TABLES.values():
            texts = {(scale.configuration(case, "b", 1, "t", "g"), case.partitions, case.processes)
                     for case in cases}
            self.assertEqual(len(texts), len(cases))
        self.assertIn("share: group", scale.configuration(Case(budget=40), "b", 1, "t", "g"))


if __name__ == "__main__":
    unittest.main()
