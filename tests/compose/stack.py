"""The services of compose.yaml at work without an engine and without its images.

A container is a chroot into an overlay of this machine's root, with the service's mounts, environment, command,
health check and rights. Of an image there is what the service uses of it (images.py). All share one network,
in which each is found by its name. Only in name spaces of their own: apart.py.
"""
import fcntl
import os
import pathlib
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import time

import images
from project import binds, health_command, resolve

SIOCSIFFLAGS, IFF_UP = 0x8914, 1


def wait_until(what, seconds, is_so):
    deadline = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > deadline:
            raise RuntimeError(f"not within {seconds} s: {what}")
        time.sleep(0.2)  # nothing tells


def mount(*arguments):
    subprocess.run(["mount", *map(str, arguments)], check=True)


def bring_loopback_up():
    with socket.socket() as any_socket:
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sh22x", b"lo", IFF_UP))


class Container:
    """Runs from start() to stop()."""

    def __init__(self, name, service, folder, volumes):
        self.name = name
        self.service = service
        self.image = images.of(service["image"])
        self.root = folder / name / "root"
        self.log = folder / name / "log"
        self._process = None
        self._make_root(folder / name, volumes)

    def _make_root(self, folder, volumes):
        upper = folder / "upper"
        for part in self.root, upper, folder / "work":
            part.mkdir(parents=True)
        for path, content in self.image.files.items():
            file = upper / path
            file.parent.mkdir(parents=True, exist_ok=True)
            if isinstance(content, pathlib.Path):
                copy = shutil.copytree if content.is_dir() else shutil.copy
                copy(content, file)
            else:
                file.write_text(content)
                file.chmod(0o755)
        mount("-t", "overlay", "overlay", "-o", f"lowerdir=/,upperdir={upper},workdir={folder / 'work'}", self.root)
        for source, target in [*binds(self.service), *self._named(volumes)]:
            self._bind(source, target)
        if self.service.get("read_only"):
            mount("-o", "remount,ro", self.root)
        mount("--rbind", "/dev", self.root / "dev")
        mount("-t", "proc", "proc", self.root / "proc")

    def _named(self, volumes):
        for volume in self.service.get("volumes", []):
            if volume["type"] == "volume":
                yield volumes / volume["source"], pathlib.Path(volume["target"])

    def _bind(self, source, target):
        place = self.root / target.relative_to("/")
        if source.is_dir():
            place.mkdir(parents=True, exist_ok=True)
        else:
            place.parent.mkdir(parents=True, exist_ok=True)
            place.touch()
        mount("--bind", source, place)
        if not target.is_relative_to("/var") and source.parent.name != "volumes":
            mount("-o", "remount,bind,ro", place)

    def _inside(self, command):
        return ["chroot", str(self.root), *images.rights(self.image, self.service), *command]

    def _environment(self):
        return {"PATH": os.environ["PATH"], **self.service.get("environment", {})}

    def start(self):
        command = [*(self.service.get("entrypoint") or self.image.entrypoint), *(self.service.get("command") or [])]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(self._inside(command), env=self._environment(), stdout=log,
                                             stderr=subprocess.STDOUT)

    def exec(self, *command):
        return subprocess.run(self._inside(command), env=self._environment(), capture_output=True, text=True)

    def is_healthy(self):
        if self._process.poll() is not None:
            raise RuntimeError(f"{self.name} ended: {self.log.read_text()[-3000:]}")
        return self.exec(*health_command(self.service)).returncode == 0

    def wait(self, seconds):
        return self._process.wait(timeout=seconds)

    def stop(self):
        """SIGTERM, as an engine does; the exit code within the grace period."""
        self._process.send_signal(signal.SIGTERM)
        return self.wait(float(self.service.get("stop_grace_period", "10s").removesuffix("s")))


class Stack:
    """Every service but `without`, begun in the order that depends_on asks for, all healthy."""

    def __init__(self, without=(), **environment):
        bring_loopback_up()
        services = resolve(**environment)["services"]
        for name in without:
            del services[name]
        folder = pathlib.Path(tempfile.mkdtemp(prefix="stack-"))
        mount("-t", "tmpfs", "tmpfs", folder)
        hosts = folder / "hosts"
        hosts.write_text(f"127.0.0.1 localhost {socket.gethostname()} {' '.join(services)}\n")
        for service in services.values():
            for volume in service.get("volumes", []):
                if volume["type"] == "volume":
                    (folder / "volumes" / volume["source"]).mkdir(parents=True, exist_ok=True)
                    # The images' own users write there.
                    (folder / "volumes" / volume["source"]).chmod(0o777)
            service.setdefault("volumes", []).append(
                {"type": "bind", "source": str(hosts), "target": "/etc/hosts", "read_only": True})
        self.containers = {name: Container(name, service, folder, folder / "volumes")
                           for name, service in services.items()}
        self._up = set()
        for name in services:
            self._bring_up(name)
        for container in self.containers.values():
            if "healthcheck" in container.service:
                self._wait_for(container, "service_healthy")

    def __getitem__(self, name):
        return self.containers[name]

    def _bring_up(self, name):
        if name in self._up:
            return
        self._up.add(name)
        container = self.containers[name]
        for other, how in container.service.get("depends_on", {}).items():
            self._bring_up(other)
            self._wait_for(self.containers[other], how["condition"])
        container.start()

    def _wait_for(self, container, condition):
        if condition == "service_healthy":
            wait_until(f"{container.name} healthy", 90, container.is_healthy)
        elif container.wait(120) != 0:
            raise RuntimeError(f"{container.name} failed: {container.log.read_text()[-3000:]}")
