"""Proves the instruments of scripts/bench costs."""
import gzip
import http.client
import json
import pathlib
import sys
import tempfile
import unittest
from unittest import mock

import cost_backlog
import cost_cases
import cost_report
import costs
from cost_cases import TABLES, Case, Topic
from drain import Sink

SINK = sys.argv.pop()


def body(*numbers):
    return "[" + ",".join(f'{{"event_id":"evt_{number:09}"}}' for number in numbers) + "]"


def post(port, content, headers=None):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("POST", "/events/deposit", content, headers or {})
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status


def run(case, number=0, **figures):
    values = dict(records=1_000_000, record_bytes=1000, seconds=10.0, cpu_seconds=2.0, peak_rss_mib=100.0,
                  requests=2000, lost=0, repeated=0, unknown=0, exit_code=0)
    return costs.Result(case=case, round=number, **{**values, **figures})


def results(**figures):
    return {name: [run(case.name, number, **figures) for number in range(3) for case in table.in_turn(number)]
            for name, table in TABLES.items()}


def samples(count=101, rate=1000, rss=80.0):
    return [[0.5 * i, int(rate * 0.5 * i), rss, 0.01 * i] for i in range(count)]


class BadRecords(unittest.TestCase):
    def setUp(self):
        self.case = Case("bad", Topic(records=40), bad_every=10)
        self.bad = [int(name[4:]) for name in cost_cases.bad_ids(self.case)]
        self.sink = Sink(SINK, 40, bad_every=10)
        self.addCleanup(self.sink.close)

    def test_the_sink_refuses_requests_with_one_and_counts_nothing_of_them(self):
        self.assertEqual(len(self.bad), 4)
        for number in range(40):
            self.assertEqual(post(self.sink.port, body(number)), 422 if number in self.bad else 200)
        stats = self.sink.stats()
        self.assertEqual((stats["unique"], stats["set_aside"], stats["refused"]), (36, 4, 4))
        self.assertEqual(self.sink.events().readline(), b"complete\n")

    def test_one_is_set_aside_only_when_it_is_refused_alone(self):
        self.assertEqual(post(self.sink.port, body(*range(40))), 422)
        stats = self.sink.stats()
        self.assertEqual((stats["unique"], stats["set_aside"], stats["refused"]), (0, 0, 1))
        for _ in range(2):
            post(self.sink.port, body(self.bad[0]))
        self.assertEqual(self.sink.stats()["set_aside"], 1)

    def test_they_are_in_all_partitions(self):
        numbers = [int(name[4:]) for name in cost_cases.bad_ids(Case("", bad_every=1000))]
        self.assertEqual(len(numbers), 300)
        self.assertEqual({number % 8 for number in numbers}, set(range(8)))


class Encodings(unittest.TestCase):
    def test_the_sink_reads_what_is_compressed(self):
        with Sink(SINK, 3) as sink:
            post(sink.port, gzip.compress(body(0, 1, 2).encode()), {"content-encoding": "gzip"})
            self.assertEqual(sink.stats()["unique"], 3)
            post(sink.port, b"no gzip", {"Content-Encoding": "gzip"})
            self.assertEqual(sink.stats()["records"], 3)


class Cases(unittest.TestCase):
    def test_every_case_of_a_table_differs_and_one_is_plain(self):
        for table in TABLES.values():
            texts = {(json.dumps(cost_cases.configuration(case, "b", 1, ["t"] * 10, "g")), case.topic,
                      case.bad_every) for case in table.cases}
            self.assertEqual(len(texts), len(table.cases))
            self.assertEqual([case.name for case in table.cases].count(table.plain), 1)

    def test_pipelines_share_all_topics_and_no_group(self):
        topics = [f"t{number}" for number in range(10)]
        for case in TABLES["pipelines"].cases:
            pipelines = cost_cases.configuration(case, "b", 1, topics, "g")["pipelines"].values()
            self.assertEqual(len(pipelines), int(case.name))
            self.assertEqual([topic for each in pipelines for topic in each["topics"]], topics)
            self.assertEqual(len({each["group"] for each in pipelines}), len(pipelines))

    def test_no_topic_is_larger_than_the_disk_of_a_small_machine(self):
        for case in (case for table in TABLES.values() for case in table.cases):
            self.assertLessEqual(case.topic.records * case.topic.record_bytes, 400_000_000, case)
            self.assertEqual(case.topic.records % case.topic.topics, 0)

    def test_a_trial_is_smaller(self):
        for table in cost_cases.scaled(TABLES, 20).values():
            for case in table.cases:
                self.assertLessEqual(case.topic.records, 50_000)
                self.assertGreaterEqual(case.topic.records // case.topic.topics, case.topic.partitions)

    def test_each_case_of_a_table_has_every_turn(self):
        table = TABLES["order"]
        self.assertEqual({table.in_turn(number)[0].name for number in range(3)},
                         {"none", "key", "partition"})


class Reports(unittest.TestCase):
    def test_a_ratio_compares_within_a_round(self):
        runs = [run("plain", 0, seconds=1), run("slow", 0, seconds=2), run("slow", 1, seconds=40),
                run("plain", 1, seconds=10), run("plain", 2, seconds=1), run("slow", 2, seconds=2)]
        self.assertAlmostEqual(cost_report.ratios(runs, "plain")["mb_per_second"]["slow"], 0.5)
        self.assertEqual(cost_report.ratios(runs, "plain")["mb_per_second"]["plain"], 1)

    def test_figures_are_of_records_and_of_bytes(self):
        one = run("", records=2_000_000, record_bytes=500, seconds=4, cpu_seconds=3, requests=4000)
        self.assertEqual((one.records_per_second, one.mb_per_second), (500_000, 250))
        self.assertEqual((one.cpu_seconds_per_million, one.cpu_seconds_per_gb), (1.5, 3))
        self.assertEqual(one.requests_per_million, 2000)

    def test_every_flaw_is_named(self):
        self.assertEqual(run("").flaws(), [])
        self.assertEqual(len(run("", lost=1, repeated=2, unknown=3, exit_code=1).flaws()), 4)

    def test_each_table_has_a_line_for_each_case(self):
        text = cost_report.markdown(results(), "facts")
        for table in TABLES.values():
            self.assertIn(f"### {table.title}\n", text)
        self.assertIn("| key | 100,000 | 100 | 2.00 | 2.00 | 2,000 | 100 | 1.00 | 1.00 | 0 | 0 |\n", text)


class Proof(unittest.TestCase):
    """What is looked at after all runs."""

    def setUp(self):
        self.broker = mock.Mock()
        self.bench = costs.Bench(mock.Mock(), pathlib.Path(), self.broker)
        self.bench._groups.add("g-0")
        self.bench._dead_letters.update(["evt_000000001", "evt_000000001"])  # of two runs
        self.broker.lags.return_value = {"g-0": 0}
        self.broker.values.return_value = '{"event_id":"evt_000000001"}\n' * 2

    def test_all_committed_and_each_bad_record_one_dead_letter_of_each_run(self):
        self.bench.prove()

    def test_what_was_not_committed_is_a_flaw(self):
        for lags in ({}, {"g-0": 1}):
            self.broker.lags.return_value = lags
            self.assertRaises(costs.Flawed, self.bench.prove)

    def test_a_dead_letter_too_many_too_few_or_of_another_record_is_a_flaw(self):
        for text in ('{"event_id":"evt_000000001"}\n', '{"event_id":"evt_000000001"}\n' * 3,
                     '{"event_id":"evt_000000001"}\n{"event_id":"evt_000000002"}\n'):
            self.broker.values.return_value = text
            self.assertRaises(costs.Flawed, self.bench.prove)


class Backlog(unittest.TestCase):
    def test_time_begins_with_the_last_sample_without_a_record(self):
        seen = cost_backlog.since_first_record([[5, 0, 1, 1], [6, 0, 1, 1], [7, 10, 1, 1]])
        self.assertEqual([each[:2] for each in seen], [[0, 0], [1, 10]])

    def test_tenths_tell_a_rate_that_falls(self):
        for row in cost_backlog.tenths(samples()):
            self.assertAlmostEqual(row["records_per_second"], 1000)
            self.assertEqual(row["rss_mib"], 80.0)
        slower = samples() + [[50 + i, 50_000 + 500 * i, 90.0, 1 + 0.1 * i] for i in range(1, 101)]
        rows = cost_backlog.tenths(slower)
        self.assertAlmostEqual(rows[0]["records_per_second"], 1000)
        self.assertAlmostEqual(rows[-1]["records_per_second"], 500)
        self.assertEqual((rows[0]["rss_mib"], rows[-1]["rss_mib"]), (80.0, 90.0))

    def test_its_table_has_ten_lines(self):
        text = cost_report.backlog_markdown(samples(), "facts")
        self.assertIn("the last tenth at 1.00 of the rate of the first", text)
        self.assertIn("| 10 | 1,000 | 20.00 | 80 |", text)


class Page(unittest.TestCase):
    def write(self, figures, backlog):
        """The page and its plots as they would be written, in a folder of their own."""
        folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        page = folder / "performance.md"
        page.write_text(costs.PAGE.read_text())
        plots = mock.Mock()
        with mock.patch.dict(sys.modules, {"cost_plots": plots}):
            cost_report.write(page, figures, backlog, "facts")
        return page.read_text(), plots

    def test_tables_and_plots_are_written_between_the_marks(self):
        text, plots = self.write(results(), samples())
        self.assertIn(f"{cost_report.BEGIN}\nfacts\n\n![", text)
        self.assertIn("(costs-growth.svg)", text)
        self.assertIn("(costs-backlog.svg)", text)
        self.assertEqual(plots.backlog.call_count, 1)

    def test_what_was_not_measured_stays(self):
        before = costs.PAGE.read_text()
        text, plots = self.write(results(), None)
        self.assertEqual(text.partition(cost_report.BACKLOG_BEGIN)[2],
                         before.partition(cost_report.BACKLOG_BEGIN)[2])
        self.assertEqual(plots.backlog.call_count, 0)
        text, plots = self.write({}, samples())
        self.assertEqual(text.partition(cost_report.BACKLOG_BEGIN)[0],
                         before.partition(cost_report.BACKLOG_BEGIN)[0])
        self.assertEqual(plots.growth.call_count, 0)


if __name__ == "__main__":
    unittest.main()
