#!/usr/bin/env python3
"""What check.py reads out of callgrind's file, and what it says of it."""
import unittest

import check

# As callgrind writes it: a name once, then its number; behind calls= what the callee cost.
FILE = """\
# callgrind format
events: Ir
ob=(1) /build/program
fl=(1) hot.cc
fn=(1) measured
12 100
+1 20
cob=(2) /lib/libc.so.6
cfi=(2) memcpy.S
cfn=(2) memcpy
calls=3 0
+2 9000
cfn=(3) take
calls=5 30
* 700

fn=(3)
30 400
cob=(2)
cfn=(4) malloc
calls=4 0
31 800

ob=(2)
fl=(2)
fn=(2)
0 9000
cfn=(4)
calls=7 0
+1 50

totals: 9520
"""


class Costs(unittest.TestCase):
    def test_only_what_the_program_itself_does_counts_and_its_calls_of_others(self):
        self.assertEqual(check.costs(FILE, "/build/program"), (520, 7))

    def test_of_another_program_there_is_nothing(self):
        self.assertEqual(check.costs(FILE, "/build/other"), (0, 0))


class Complaints(unittest.TestCase):
    KNOWN = {("GNU-12", "key"): (1000.0, 10.0)}

    def said_of(self, instructions, calls, compiler="GNU-12"):
        return list(check.complaints(compiler, {"key": (instructions, calls)}, self.KNOWN))

    def test_a_little_more_or_less_is_nothing(self):
        self.assertEqual(self.said_of(1029, 9.8), [])

    def test_more_is_told_and_so_is_less(self):
        self.assertIn("+4.0%", self.said_of(1040, 10)[0])
        self.assertIn("-4.0%", self.said_of(960, 10)[0])
        self.assertIn("calls of libraries", self.said_of(1000, 11)[0])

    def test_a_compiler_without_a_line_fails_with_the_line(self):
        self.assertEqual(self.said_of(1000, 10, "GNU-99"),
                         ["no line for this compiler; add: GNU-99 key 1000 10.00"])


if __name__ == "__main__":
    unittest.main()
