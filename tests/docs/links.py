"""Where the links of a page lead."""
import functools
import os
import re

from pages import ROOT, prose

LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
REPOSITORY_PATH = re.compile(r"(?:tests|docs|scripts|src|config|helm|grafana)/[\w./*-]*")


@functools.cache
def anchors(page):
    """As GitHub makes them of headings."""
    found = {}
    for line in prose(page):
        if heading := re.match(r"#+ (.*)", line):
            text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading[1])
            slug = re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-")
            found[slug] = found.get(slug, -1) + 1
    return {slug if number == 0 else f"{slug}-{number}" for slug, count in found.items() for number in range(count + 1)}


def _target_problem(page, target):
    if re.match(r"[a-z]+:", target):
        return None
    path, _, anchor = target.partition("#")
    file = (page.parent / path).resolve() if path else page
    if not file.exists():
        return f"{target}: there is no {path}"
    if anchor and anchor not in anchors(file):
        return f"{target}: there is no such heading"
    return None


def targets(page):
    """The files that a page leads to."""
    found = {target.partition("#")[0] for line in prose(page) for target in LINK.findall(line)}
    return {(page.parent / path).resolve() for path in found if path and not re.match(r"[a-z]+:", path)}


def problems(page):
    for number, line in enumerate(prose(page), 1):
        place = f"{os.path.relpath(page, ROOT)}:{number}"
        for target in LINK.findall(line):
            if found := _target_problem(page, target):
                yield f"{place}: {found}"
        for span in re.findall(r"`([^`]+)`", line):
            # A folder's contents, one file, or a pattern of them.
            if REPOSITORY_PATH.fullmatch(span) and not list(ROOT.glob(span.rstrip("/"))):
                yield f"{place}: there is no {span}"
