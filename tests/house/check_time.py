#!/usr/bin/env python3
"""Fails when a file reads a clock, sleeps or rolls dice by itself instead of being handed a Clock,
a deadline or a Random: such code cannot be tested without waiting.

usage: check_time.py REPOSITORY
"""

import pathlib
import re
import sys

SLEEP = r"\bsleep_(?:for|until)\b|\b(?:u|nano)sleep\s*\(|(?<![\w>])::\s*sleep\s*\(|\bsleep\s*\(\s*\d"
CLOCK = (
    r"\b(?:steady|system|high_resolution|utc|file)_clock\s*::\s*now\b|\bgettimeofday\s*\(|"
    r"\bclock_gettime\s*\(|\bstd::time\s*\(|(?<![\w.>:])time\s*\(\s*(?:nullptr|NULL|0|&)"
)
DICE = r"\brandom_device\b|\bmt19937|\bgetrandom\s*\(|\bs?rand\s*\(|\bRAND_bytes\s*\("

# (where, what is forbidden there, the files that may)
RULES = (
    ("src", re.compile(f"{SLEEP}|{CLOCK}"), {"src/base/system_clock.cc"}),
    ("src", re.compile(DICE), {"src/main.cc"}),  # draws the seed of every Random
    ("tests/unit", re.compile(SLEEP), set()),
)

COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)


def without_comments(text):
    return COMMENT.sub(lambda match: "\n" * match.group().count("\n"), text)


def find_problems(root):
    for where, forbidden, exempt in RULES:
        for file in sorted((root / where).rglob("*")):
            name = file.relative_to(root).as_posix()
            if file.suffix not in (".h", ".cc") or name in exempt:
                continue
            text = without_comments(file.read_text(encoding="utf-8"))
            for number, line in enumerate(text.splitlines(), 1):
                found = forbidden.search(line)
                if found:
                    yield f"{name}:{number}: {found.group().strip()}"


def main(arguments):
    problems = list(find_problems(pathlib.Path(arguments[1])))
    for problem in problems:
        print(problem)
    if problems:
        print("take a Clock&, a deadline or a Random& instead")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
