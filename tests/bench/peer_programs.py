"""The other programs of scripts/bench peers: what each needs, how it is built once into the cache, and
how it is run. Their sources are in peers/; nothing else needs them."""
import dataclasses
import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

SOURCES = pathlib.Path(__file__).resolve().parent / "peers"
STAMP = "built"
BUILD_SECONDS = 1800


class Unavailable(Exception):
    """Why a peer cannot be had on this machine."""


@dataclasses.dataclass(frozen=True)
class Peer:
    """`build` are commands in a folder with a copy of the sources; `start` follows them."""
    name: str
    title: str      # with what it is pinned to
    folder: str
    tools: tuple    # commands that must be there
    build: tuple
    start: tuple    # relative to the folder, where it has a slash
    with_environment: bool = False  # told by the environment instead of arguments

    def command(self, cache, setting, group, port):
        """argv to drain the setting's topic as `group` into the sink at `port`."""
        values = {"BROKERS": setting.brokers, "TOPIC": setting.topic, "GROUP": group,
                  "URL": f"http://127.0.0.1:{port}/events/deposit"}
        argv = [str(cache / self.folder / part) if "/" in part else part for part in self.start]
        if self.with_environment:
            return ["env", *(f"{name}={value}" for name, value in values.items()), *argv]
        return [*argv, *values.values()]


def pinned(file, pattern):
    """The version in one of the files that pin what is built."""
    found = re.search(pattern, (SOURCES / file).read_text(), re.MULTILINE)
    if not found:
        raise ValueError(f"peers/{file} does not match {pattern}")
    return found[1]


def node_version(package):
    lock = json.loads((SOURCES / "node/package-lock.json").read_text())
    return lock["packages"][f"node_modules/{package}"]["version"]


def title_of_python():
    versions = [f"{package} {pinned('python/requirements.txt', rf'^{package}==(.+)$')}"
                for package in ("confluent-kafka", "requests")]
    return f"Python: {', '.join(versions)}"


GO_BUILD = ("go", "build", "-trimpath", "-buildvcs=false", "-o", "peer", ".")
PEERS = (
    Peer("bento", f"Bento {pinned('bento/go.mod', r'warpstreamlabs/bento v(.+)$')}", "bento", ("go",),
         (GO_BUILD,), ("./peer", "-c", "./bento.yaml"), with_environment=True),
    Peer("go", f"Go: franz-go {pinned('go/go.mod', r'twmb/franz-go v(.+)$')}, net/http", "go", ("go",),
         (GO_BUILD,), ("./peer",)),
    Peer("node", f"Node: kafkajs {node_version('kafkajs')}, undici {node_version('undici')}", "node",
         ("node", "npm"), (("npm", "ci", "--no-audit", "--no-fund"),), ("node", "./main.mjs")),
    Peer("python", title_of_python(), "python", ("python3",),
         (("python3", "-m", "venv", "venv"), ("venv/bin/pip", "install", "-r", "requirements.txt")),
         ("./venv/bin/python", "./main.py")),
)
# What the versions line names: the runtimes, which are the machine's.
RUNTIMES = {"go": ("Go", ("go", "version"), r"go(\d\S+)"), "node": ("Node", ("node", "--version"), r"v(\S+)"),
            "python3": ("Python", ("python3", "--version"), r"Python (\S+)")}


def cache_folder():
    root = os.environ.get("SLUICE_CACHE") or pathlib.Path(__file__).resolve().parents[2] / ".cache"
    return pathlib.Path(root).resolve() / "peers"


def fingerprint(peer):
    """Of all that a build depends on here."""
    digest = hashlib.sha256(repr((peer.build, peer.start)).encode())
    for file in sorted((SOURCES / peer.folder).iterdir()):
        digest.update(file.name.encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()


def build(peer, cache):
    """Builds what is not in the cache as it is here. Raises Unavailable with the reason."""
    missing = [tool for tool in peer.tools if not shutil.which(tool)]
    if missing:
        raise Unavailable(f"{' and '.join(missing)} not found")
    folder = cache / peer.folder
    stamp = folder / STAMP
    if stamp.exists() and stamp.read_text() == fingerprint(peer):
        return
    print(f"building {peer.title}", file=sys.stderr, flush=True)
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(SOURCES / peer.folder, folder)
    for command in peer.build:
        run(command, folder)
    stamp.write_text(fingerprint(peer))


def run(command, folder):
    log = folder / "build.log"
    program = str(folder / command[0]) if "/" in command[0] else command[0]
    with open(log, "ab") as out:
        try:
            code = subprocess.run([program, *command[1:]], cwd=folder, stdin=subprocess.DEVNULL, stdout=out,
                                  stderr=out, timeout=BUILD_SECONDS, check=False).returncode
        except subprocess.TimeoutExpired:
            raise Unavailable(f"`{' '.join(command)}` took more than {BUILD_SECONDS} s; see {log}") from None
    if code != 0:
        raise Unavailable(f"`{' '.join(command)}` failed; see {log}")


def build_all(peers, cache):
    """(those that can be run, name -> why not of the others)."""
    ready, left_out = [], {}
    for peer in peers:
        try:
            build(peer, cache)
            ready.append(peer)
        except Unavailable as why:
            left_out[peer.name] = str(why)
    return ready, left_out


def runtimes(peers):
    """Versions of the machine's runtimes that these peers use, in one line."""
    found = []
    for tool in dict.fromkeys(peer.tools[0] for peer in peers):
        name, command, pattern = RUNTIMES[tool]
        said = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
        found.append(f"{name} {re.search(pattern, said)[1]}")
    return ", ".join(found)
