"""Whether what follows `sluice` or `scripts/...` on a page would be taken."""
import functools
import os
import pathlib
import re
import subprocess
import tempfile

from pages import ROOT

SLUICE = os.environ.get("SLUICE_BINARY", str(ROOT / "build" / "dev" / "sluice"))
FAULT = os.environ.get("FAULT_BINARY", str(ROOT / "build" / "dev" / "fault"))
NOBODY = "http://127.0.0.1:1"

# What `sluice` says of a line that it takes, where neither the file nor a server is there.
TAKEN = ("the configuration file does not exist", "nobody answers at", "no such file")
# What is left out where a sentence names a command: its file, the name of a pipeline.
ONLY_NAMED = ("is missing; write it such as", "it needs the name", "needs one of its commands", "write sluice act ")

# Whose options those of a script are, beside its own text.
PASSED_ON = {"demo": ["src/cli/demo.cc"], "bench": ["tests/bench/*.py"], "fault": ["tests/fault/main.cc"]}


@functools.cache
def scenarios():
    listed = subprocess.run([FAULT, "--list"], check=True, capture_output=True, text=True)
    return [line.split()[0] for line in listed.stdout.splitlines()]


@functools.cache
def _run(*words):
    """In a folder where nothing is, with nobody listening."""
    with tempfile.TemporaryDirectory() as folder:
        return subprocess.run([SLUICE, *words], cwd=folder, capture_output=True, text=True, timeout=20,
                              env={**os.environ, "SLUICE_ADMIN_TOKEN": "a-token-of-more-than-16-bytes"})


@functools.cache
def _options(*command):
    done = _run(*command, "--help")
    return set(re.findall(r"(?<![\w-])--?[a-z][a-z-]*", done.stdout)) if done.returncode == 0 else None


def _filled_in(words):
    """Placeholders that stand for a number are one."""
    filled = [word.strip("[]") for word in words]
    for place, word in enumerate(filled[:-1]):
        if word in ("--partition", "--offset", "--from-offset", "--to-offset") and filled[place + 1].isupper():
            filled[place + 1] = "0"
    return filled


def sluice_problem(words, only_named=False):
    """Of the words behind `sluice`; None: they are taken."""
    words = [word for word in _filled_in(words) if word != "--watch"]  # it does not end
    if not words or "--help" in words or words == ["--version"]:
        return None
    if words[0] in ("demo", "simulate"):  # these would do it
        known = _options(words[0])
        unknown = [word for word in words[1:] if word.startswith("--") and word not in known]
        return f"no option {unknown[0]}" if unknown else None
    if words[0] in ("act", "status") and not {"--url", "--config"} & set(words):
        words = [*words, "--url", NOBODY]
    done = _run(*words)
    said = done.stdout + done.stderr
    if done.returncode == 0 or any(phrase in said for phrase in TAKEN) or (only_named and any(phrase in said for phrase in ONLY_NAMED)):
        return None
    return said.strip() or f"exit code {done.returncode}"


def script_problem(script, words):
    """Of `scripts/NAME` and the words behind it."""
    path = ROOT / script
    if not path.is_file() or (words and not os.access(path, os.X_OK)):
        return f"there is no {script}"
    text = path.read_text(encoding="utf-8")
    for pattern in PASSED_ON.get(path.name, []):
        text += "".join(file.read_text(encoding="utf-8") for file in ROOT.glob(pattern))
    if path.name == "kafka" and words[:1] != ["server"]:  # what follows is for Kafka's own tool
        return None if not words or re.search(rf"(?m)^  {words[0]}\)", text) else f"no tool {words[0]}"
    for word in words:
        option = word.split("=")[0]
        if word.startswith("--") and not re.search(rf"(?<![\w-])(--)?{option[2:]}(?![\w-])", text):
            return f"{script} has no option {option}"
    return _operands_problem(path.name, [word for word in words if re.fullmatch(r"[a-z][\w-]*", word)])


def _target_problem(name):
    """Of unit_FOLDER and integration_FILE."""
    kind, _, what = name.partition("_")
    there = {"unit": ROOT / "tests/unit" / what, "integration": ROOT / f"tests/integration/{what}_test.cc"}
    return f"no target {name}" if kind in there and not there[kind].exists() else None


def _ctest_problem(words):
    """Of `-L LABEL`."""
    lists = "".join(file.read_text() for file in ROOT.glob("tests/**/CMakeLists.txt"))
    labels = set(re.findall(r"LABELS (\w+)", lists))
    asked = [words[place + 1] for place, word in enumerate(words[:-1]) if word == "-L"]
    return next((f"no label {label}" for label in asked if label not in labels), None)


def _operands_problem(name, operands):
    if name == "fault" and operands:
        unknown = [one for one in operands if not any(known.startswith(one) for known in scenarios())]
        return f"no scenario {unknown[0]}" if unknown else None
    if name == "build" and operands:
        presets = re.findall(r'"name": "(\w+)"', (ROOT / "CMakePresets.json").read_text())
        if operands[0] not in presets:
            return f"no preset {operands[0]}"
        return next(filter(None, map(_target_problem, operands[1:])), None)
    if name == "fuzz":
        missing = [one for one in operands if not (ROOT / f"tests/fuzz/{one}_fuzz.cc").exists()]
        return f"nothing to fuzz of the name {missing[0]}" if missing else None
    if name == "test":
        text = (ROOT / "scripts/test").read_text()
        missing = [one for one in operands if not re.search(rf"(?m)^    {one}\)", text)]
        return f"no part {missing[0]}" if missing else None
    return None


def _carried_out_elsewhere(words):
    """What a container or systemd is to do: kubectl exec POD -- sluice status."""
    if "--" in words:
        return words[words.index("--") + 1 :]
    if words[:1] == ["systemd-run"]:
        first = next((place for place, word in enumerate(words) if word == "sluice"), None)
        return words[first:] if first else None
    if words[:1] != ["docker"] or "--entrypoint" in words:
        return None
    if "exec" in words:
        return words[words.index("exec") + 2 :]
    images = [place for place, word in enumerate(words) if re.search(r"(^|/)sluice:", word)]
    return ["sluice", *words[images[-1] + 1 :]] if "run" in words and images else None


def problem(words, only_named=False):
    """Of a simple command; None where it is not ours, or is right."""
    if inner := _carried_out_elsewhere(words):
        return problem(inner, only_named)
    first = words[0].removeprefix("./") if words else ""
    if first == "sluice" or first.endswith("/sluice"):
        return sluice_problem(words[1:], only_named)
    if first.startswith("scripts/"):
        return script_problem(first, words[1:])
    if match := re.fullmatch(r"kafka-([a-z-]+)\.sh", first):
        return script_problem("scripts/kafka", [match[1]])
    if match := re.fullmatch(r"build/\w+/(\w+)", first):
        return _target_problem(match[1])
    if first == "ctest":
        return _ctest_problem(words)
    return None
