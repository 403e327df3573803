#!/usr/bin/env python3
"""Fails when an event of src/telemetry/event_list.cc is written nowhere in src/.

usage: check_events.py SRC
"""

import pathlib
import re
import sys

LIST = "telemetry/event_list.cc"


def find_problems(src):
    listed = re.findall(r"\.event = Event::(\w+)", (src / LIST).read_text(encoding="utf-8"))
    if not listed:
        yield f"{LIST}: no event is found in it"
    written = set()
    for file in src.rglob("*.cc"):
        if file != src / LIST:
            written.update(re.findall(r"\bEvent::(\w+)", file.read_text(encoding="utf-8")))
    for event in listed:
        if event not in written:
            yield f"{LIST}: nobody writes {event}; take it out"


def main(arguments):
    problems = list(find_problems(pathlib.Path(arguments[1])))
    for problem in problems:
        print(problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
