#!/usr/bin/env python3
"""Fails when a record costs more or fewer instructions on the hot path than the golden file says:
time differs from machine to machine and from minute to minute, the number of instructions hardly.

Callgrind counts them, and only those of our own program: libraries (libc's memcpy, libsimdjson) pick
other code on other processors, so of these it counts the calls. Both depend on the compiler: the
golden file has lines for each.

usage: check.py PROGRAM COMPILER GOLDEN    (SLUICE_UPDATE_GOLDEN=1: writes the lines anew)
"""
import os
import pathlib
import re
import subprocess
import sys
import tempfile

WAYS = ("partition", "key", "path", "group")
WARM_UP, RECORDS = 3000, 4000
TOLERANCE = 0.03
NAME = re.compile(r"\((\d+)\)(?: (.*))?")


def costs(text, program):
    """Of callgrind's file: instructions of the program itself, and its calls of others."""
    names = {}

    def name_of(value):
        number, name = NAME.fullmatch(value).groups()
        return names.setdefault(number, name)  # written once, then only its number

    instructions = calls = 0
    here = callee = None
    inclusive = False
    for line in text.splitlines():
        if line.startswith("ob="):
            here = name_of(line[3:])
        elif line.startswith("fn="):
            callee = None
        elif line.startswith("cob="):
            callee = name_of(line[4:])
        elif line.startswith("calls="):
            if here == program and callee not in (None, program):
                calls += int(line[6:].split()[0])
            callee = None
            inclusive = True  # the next line is what the callee cost
        elif line[:1] in "+-*0123456789" and line:
            if not inclusive and here == program:
                instructions += int(line.split()[1])
            inclusive = False
    return instructions, calls


def measure(program, way):
    with tempfile.TemporaryDirectory(prefix="sluice-instructions.") as folder:
        out = pathlib.Path(folder, "out")
        done = subprocess.run(
            ["valgrind", "--tool=callgrind", "--toggle-collect=measured", f"--callgrind-out-file={out}",
             program, way, str(WARM_UP), str(RECORDS)], capture_output=True, text=True)
        if done.returncode:
            sys.exit(f"valgrind failed:\n{done.stderr}")
        return tuple(count / RECORDS for count in costs(out.read_text(), program))


def read(golden):
    """{(compiler, way): (instructions, calls)}"""
    lines = [line.split() for line in golden.read_text().splitlines() if line and line[0] != "#"]
    return {(compiler, way): (float(instructions), float(calls))
            for compiler, way, instructions, calls in lines}


def line_of(compiler, way, figures):
    return f"{compiler} {way} {figures[0]:.0f} {figures[1]:.2f}"


def update(golden, compiler, measured):
    head = [line for line in golden.read_text().splitlines() if line.startswith("#")]
    known = read(golden) | {(compiler, way): figures for way, figures in measured.items()}
    golden.write_text("\n".join(head + [line_of(*key, known[key]) for key in sorted(known)]) + "\n")


def complaints(compiler, measured, known):
    for way, figures in measured.items():
        expected = known.get((compiler, way))
        if expected is None:
            yield f"no line for this compiler; add: {line_of(compiler, way, figures)}"
            continue
        for what, is_now, was in zip(("instructions", "calls of libraries"), figures, expected):
            if abs(is_now - was) > TOLERANCE * was:
                yield (f"{way}: {is_now:.2f} {what} a record, {is_now / was - 1:+.1%} from the golden "
                       f"{was:.2f}; where that is meant: {line_of(compiler, way, figures)}")


def main():
    program, compiler, golden = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3])
    measured = {way: measure(os.path.realpath(program), way) for way in WAYS}
    for way, figures in measured.items():
        print(line_of(compiler, way, figures))
    if os.environ.get("SLUICE_UPDATE_GOLDEN"):
        update(golden, compiler, measured)
    found = list(complaints(compiler, measured, read(golden)))
    for complaint in found:
        print(f"{golden}: {complaint}", file=sys.stderr)
    if found:
        print("Or let them be written: SLUICE_UPDATE_GOLDEN=1 ctest -R bench_instructions", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
