"""as_one.py <output> <test.cc...>: one file of the tests of a folder, so that what they include is
compiled once for all of them.

Each test names its helpers as it likes: here they get a namespace of its file's name, within the
unnamed one that every test has around all that it defines.
"""
import pathlib
import re
import sys

OPENS = re.compile(r"^namespace \{$", re.MULTILINE)
CLOSES = re.compile(r"^\}  // namespace$", re.MULTILINE)


def named(path: pathlib.Path) -> str:
    text = path.read_text(encoding="utf-8")
    if len(OPENS.findall(text)) != 1 or len(CLOSES.findall(text)) != 1:
        sys.exit(f"{path}: put all that it defines into one 'namespace {{' ... '}}  // namespace'")
    text = OPENS.sub(f"namespace {{ namespace {path.stem} {{", text)
    return f'#line 1 "{path}"\n' + CLOSES.sub("}}  // namespace", text)


def main(output: str, *tests: str) -> None:
    pathlib.Path(output).write_text("".join(named(pathlib.Path(t)) for t in tests), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
