#!/usr/bin/env python3
"""Fails when a file of src/ includes what its folder may not: see dependencies.txt.

usage: check_includes.py SRC DEPENDENCIES
"""

import pathlib
import re
import sys

INCLUDE = re.compile(r'^\s*#\s*include\s*(?:"([^"]+)"|<([^>]+)>)', re.MULTILINE)


def read_rules(text):
    """{folder: (allowed folders, allowed headers)}"""
    rules = {}
    for line in text.splitlines():
        line = line.split("#")[0].strip()
        if not line:
            continue
        folder, rest = line.split(":", 1)
        folders, headers = rest.split("|", 1)
        rules[folder] = (set(folders.split()), headers.split())
    return rules


def is_standard(header):
    return "/" not in header and "." not in header


def is_allowed(header, allowed):
    return any(header == entry or (entry.endswith("/") and header.startswith(entry)) for entry in allowed)


def check_file(src, file, folder, rules):
    folders, headers = rules[folder]
    for match in INCLUDE.finditer(file.read_text(encoding="utf-8")):
        quoted, angled = match.groups()
        if quoted is not None:
            owner = quoted.split("/")[0]
            if not (src / quoted).is_file():
                yield f'"{quoted}" is not a path below src/'
            elif not quoted.endswith(".h"):
                yield f'"{quoted}" is no header'
            elif owner != folder and owner not in folders:
                yield f'"{quoted}": {folder} may not use {owner}'
        elif not is_standard(angled) and not is_allowed(angled, headers):
            yield f"<{angled}> is not for {folder}"


def find_problems(src, rules):
    for file in sorted(src.rglob("*")):
        if file.suffix not in (".h", ".cc"):
            continue
        name = file.relative_to(src)
        folder = name.parts[0]
        if folder not in rules:
            yield f"{name}: {folder} is not in the list"
            continue
        for problem in check_file(src, file, folder, rules):
            yield f"{name}: {problem}"


def main(arguments):
    src = pathlib.Path(arguments[1])
    rules = read_rules(pathlib.Path(arguments[2]).read_text(encoding="utf-8"))
    problems = list(find_problems(src, rules))
    for problem in problems:
        print(problem)
    if problems:
        print(f"{len(problems)} includes break {arguments[2]}")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
