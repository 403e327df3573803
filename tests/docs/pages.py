"""The Markdown pages of the repository, and the fenced blocks in them."""
import pathlib
import re
import textwrap
from typing import NamedTuple

ROOT = pathlib.Path(__file__).resolve().parents[2]


class Block(NamedTuple):
    page: pathlib.Path
    line: int  # of the fence
    language: str  # "" for what a command prints
    text: str
    note: str  # of an HTML comment in the line above, or ""

    @property
    def place(self):
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def pages():
    found = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *ROOT.glob("docs/**/*.md"), *ROOT.glob("helm/**/*.md")]
    return sorted(found)


def blocks(page):
    lines = page.read_text(encoding="utf-8").splitlines()
    found, opened = [], None
    for number, line in enumerate(lines, 1):
        fence = re.match(r" *```(\S*)$", line)
        if not fence:
            continue
        if opened is None:
            note = re.fullmatch(r" *<!-- (.*) -->", lines[number - 2]) if number > 1 else None
            opened = number, fence[1], note[1] if note else ""
        else:
            first, language, note = opened
            text = textwrap.dedent("\n".join(lines[first : number - 1])) + "\n"
            found.append(Block(page, first, language, text, note))
            opened = None
    if opened:
        raise ValueError(f"{page}:{opened[0]}: this block does not end")
    return found


def prose(page):
    """The text with its blocks blanked, line by line."""
    inside, kept = False, []
    for line in page.read_text(encoding="utf-8").splitlines():
        fence = re.match(r" *```", line)
        kept.append("" if inside or fence else line)
        inside ^= bool(fence)
    return kept
