"""compose/compose.yaml as a real Docker Compose resolves it."""
import functools
import json
import os
import pathlib
import re
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
FILE = ROOT / "compose" / "compose.yaml"
SLUICE = os.environ.get("SLUICE_BINARY", str(ROOT / "build" / "dev" / "sluice"))
VERSION = re.search(r"project\(sluice VERSION (\S+)", (ROOT / "CMakeLists.txt").read_text())[1]
FIRST_ARGUMENT = {"CMD": [], "CMD-SHELL": ["/bin/sh", "-c"]}


@functools.cache
def docker_compose():
    dist = subprocess.run([ROOT / "scripts" / "compose-dist"], check=True, capture_output=True, text=True)
    return pathlib.Path(dist.stdout.strip()) / "docker-compose"


def resolve(file=FILE, **environment):
    """The project with all profiles; raises with Compose's words where it refuses the file or warns of it."""
    done = subprocess.run([docker_compose(), "-f", file, "--profile", "*", "config", "--format", "json"],
                          capture_output=True, text=True, env={**os.environ, **environment})
    if done.returncode or done.stderr:
        raise RuntimeError(done.stderr)
    # It writes a $ as it stands in a compose file: twice.
    return json.loads(done.stdout.replace("$$", "$"))


def health_command(service):
    first, *words = service["healthcheck"]["test"]
    return [*FIRST_ARGUMENT[first], *words]


def binds(service):
    """Source and target of each file or folder that is mounted."""
    return [(pathlib.Path(volume["source"]), pathlib.Path(volume["target"]))
            for volume in service.get("volumes", []) if volume["type"] == "bind"]


def on_this_machine(service, path):
    """What a path in the container is by its mounts, or None."""
    for source, target in binds(service):
        if pathlib.Path(path).is_relative_to(target):
            return source / pathlib.Path(path).relative_to(target)
    return None
