"""Whether each promise of docs/guarantees.md is shown by something that exists."""
import functools
import re

import command_lines
from pages import ROOT


@functools.cache
def tests():
    """Suite.Name of each."""
    found = set()
    for file in [*ROOT.glob("tests/unit/**/*.cc"), *ROOT.glob("tests/integration/*.cc")]:
        text = file.read_text(encoding="utf-8")
        found |= {f"{suite}.{name}" for suite, name in re.findall(r"(?m)^TEST(?:_[FP])?\((\w+),\s*(\w+)\)", text)}
    return found


def problems(text):
    """The last cell of each row of a table whose heading ends with "shown by"."""
    shown = False
    for number, line in enumerate(text.splitlines(), 1):
        if not line.startswith("|"):
            shown = False
        elif line.endswith("| shown by |"):
            shown = True
        elif shown and not line.startswith("| ---"):
            names = re.findall(r"`([^`]+)`", line.rsplit("|", 2)[1])
            if not names:
                yield f"line {number}: nothing shows it"
            for name in names:
                if name not in (tests() if "." in name else command_lines.scenarios()):
                    yield f"line {number}: there is no {name}"
