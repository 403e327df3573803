#!/usr/bin/env python3
"""Fails when a build without the option SLUICE_FAILPOINTS would have failpoints all the same: when
a file besides base/failpoint names them itself, when a preset that may be shipped has the option, or
when what the compiler makes of base/failpoint without it still knows the environment variable.

usage: check_failpoints.py REPOSITORY COMPILER
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

WORD = "SLUICE_FAILPOINT"  # the variable, and how the option begins
FILES = ("src/base/failpoint.h", "src/base/failpoint.cc")
NEVER_SHIPPED = {"dev", "asan", "tsan", "tidy"}

# Passes every point. Without the option it needs nothing of failpoint.cc, so it links alone.
PROBE = """
#include "base/failpoint.h"
int main() {
  if (!sluice::arm_failpoint()) return 2;
  for (const auto point : sluice::kAllFailpoints) sluice::pass_failpoint(point);
}
"""


def misplaced(root):
    for file in sorted((root / "src").rglob("*")):
        name = file.relative_to(root).as_posix()
        if file.suffix in (".h", ".cc") and name not in FILES:
            if WORD in file.read_text(encoding="utf-8"):
                yield f"{name}: {WORD} is for {FILES[0]} alone; call pass_failpoint()"


def wrong_presets(root):
    presets = json.loads((root / "CMakePresets.json").read_text(encoding="utf-8"))
    for preset in presets["configurePresets"]:
        option = preset.get("cacheVariables", {}).get("SLUICE_FAILPOINTS", "OFF")
        if option != "OFF" and preset["name"] not in NEVER_SHIPPED:
            yield f"CMakePresets.json: {preset['name']} has failpoints, and may be shipped"


def compiled(root, compiler, folder, *arguments):
    out = pathlib.Path(folder) / "out"
    command = [compiler, "-std=c++20", f"-I{root / 'src'}", *arguments, "-o", out]
    subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
    return out


def known_to_compiler(root, compiler):
    source = root / FILES[1]
    with tempfile.TemporaryDirectory() as folder:
        probe = pathlib.Path(folder) / "probe.cc"
        probe.write_text(PROBE, encoding="utf-8")
        with_it = compiled(root, compiler, folder, "-DSLUICE_FAILPOINTS", "-c", source)
        if WORD.encode() not in with_it.read_bytes():
            yield f"{source.name}: {WORD} is not found with the option, so nor would it be without"
        if WORD.encode() in compiled(root, compiler, folder, "-c", source).read_bytes():
            yield f"{source.name}: {WORD} is in it without the option"
        try:
            program = compiled(root, compiler, folder, probe)
        except subprocess.CalledProcessError:
            yield f"{FILES[0]}: passing a point calls something without the option"
            return
        if subprocess.run([program], env={**os.environ, WORD: "draining"}, check=False).returncode:
            yield f"{FILES[0]}: the environment counts without the option"


def find_problems(root, compiler):
    yield from misplaced(root)
    yield from wrong_presets(root)
    yield from known_to_compiler(root, compiler)


def main(arguments):
    problems = list(find_problems(pathlib.Path(arguments[1]), arguments[2]))
    for problem in problems:
        print(problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
