"""usage: micro_test.py BENCH_MICRO: whether the small benchmarks run, and the table has them all."""
import subprocess
import sys
import unittest

import micro

PROGRAM = sys.argv.pop()


class Table(unittest.TestCase):
    def test_every_benchmark_has_its_words_and_every_word_its_benchmark(self):
        names = subprocess.run([PROGRAM, "--benchmark_list_tests"], check=True,
                               capture_output=True, text=True).stdout.split()
        self.assertEqual(sorted(names), sorted(micro.WORDS))

    def test_a_row_has_time_rate_and_volume(self):
        measured = {"ledger": {"items_per_second": 80e6},
                    "json_check/780": {"items_per_second": 1.945e6, "bytes_per_second": 1.5171e9}}
        self.assertEqual([row[1:] for row in micro.rows(measured)],
                         [["514 ns", "1,940,000", "1,517"], ["12.5 ns", "80,000,000", ""]])

    def test_a_benchmark_runs(self):
        self.assertIn("rate_budget", micro.run(PROGRAM, "rate_budget", 2))


if __name__ == "__main__":
    unittest.main()
