#!/usr/bin/env python3
"""What the package's scripts call of systemd, for one service and without one that runs: by its name this is
systemctl or systemd-run. What is asked of systemctl is written to $STAND_IN/asked."""
import os
import pathlib
import re
import subprocess
import sys

PLACE = pathlib.Path(os.environ["STAND_IN"])
ROOT = os.environ["DPKG_ROOT"]


def show(name):
    unit = (PLACE / "sluice.service").read_text()
    if name == "MainPID":
        return (PLACE / "active").read_text()
    if name == "EnvironmentFiles":
        return "".join(f"EnvironmentFiles={file} (ignore_errors=yes)\n"
                       for file in re.findall(r"(?m)^EnvironmentFile=-(.*)$", unit))
    return " ".join(re.findall(r"(?m)^Environment=(.*)$", unit)) + "\n"


def systemctl(words):
    plain = [word for word in words if not word.startswith("--")]
    if plain[0] == "show":
        sys.stdout.write(show(next(word for word in words if word.startswith("--property=")).split("=")[1]))
        return 0
    with open(PLACE / "asked", "a", encoding="utf-8") as asked:
        asked.write(" ".join(plain) + "\n")
    return 3 if plain[0] == "is-active" and not (PLACE / "active").exists() else 0


def environment(properties):
    found = {}
    for name, value in properties:
        if name == "Environment":
            found.update(word.split("=", 1) for word in value.split())
        elif name == "EnvironmentFile":
            file = pathlib.Path(ROOT + value.removeprefix("-"))
            found.update(re.findall(r"(?m)^(\w+)=(.*)$", file.read_text()) if file.exists() else [])
    return found


def systemd_run(words):
    place = words.index("nsenter")
    end = next(number for number in range(place + 1, len(words)) if not words[number].startswith("--"))
    service = pathlib.Path("/proc", (PLACE / "active").read_text().strip()).stat()
    wanted = {f"--target={(PLACE / 'active').read_text().strip()}", "--mount", f"--setuid={service.st_uid}",
              f"--setgid={service.st_gid}"}
    if set(words[place + 1 : end]) != wanted:
        print(f"not as the service: {words[place + 1 : end]}", file=sys.stderr)
        return 1
    command = [word.replace("/usr/bin", str(PLACE)).replace("/etc/sluice", f"{ROOT}/etc/sluice") for word in words[end:]]
    properties = [word.split("=", 2)[1:] for word in words[:place] if word.startswith("--property=")]
    return subprocess.run(command, env=environment(properties)).returncode


if __name__ == "__main__":
    called = {"systemctl": systemctl, "systemd-run": systemd_run}[pathlib.Path(sys.argv[0]).name]
    sys.exit(called(sys.argv[1:]))
