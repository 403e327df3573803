#!/usr/bin/env python3
"""check_cases.py <docs/reliability.md> <the harness>: every case of the catalogue is shown by something.

The table under "## The 55 cases" has each number once, and whatever stands in it between backticks
is a scenario of the harness, a file, or the command that runs them.
"""
import pathlib
import re
import subprocess
import sys

COUNT = 55


def rows(text):
    """The cells of each row, by the number in the first one."""
    section = text.split("## The 55 cases", 1)[-1]
    for line in section.splitlines():
        if match := re.match(r"\| (\d+) \|(.*)\|$", line):
            yield int(match[1]), match[2].split("|")


def problems(text, scenarios, root):
    numbers = []
    for number, cells in rows(text):
        numbers.append(number)
        if not cells[-1].strip():
            yield f"case {number}: nothing shows it"
        for name in re.findall(r"`([^`]+)`", cells[-1]):
            known = name in scenarios or (root / name).exists()
            if not known and re.fullmatch(r"[a-z0-9-]+|tests/\S+", name):
                yield f"case {number}: there is no scenario or file {name}"
    for number in range(1, COUNT + 1):
        if numbers.count(number) != 1:
            yield f"case {number} stands there {numbers.count(number)} times"


def main():
    page = pathlib.Path(sys.argv[1])
    listed = subprocess.run([sys.argv[2], "--list"], check=True, capture_output=True, text=True)
    scenarios = {line.split()[0] for line in listed.stdout.splitlines()}
    found = list(problems(page.read_text(encoding="utf-8"), scenarios, page.parent.parent))
    for problem in found:
        print(f"{page}: {problem}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
