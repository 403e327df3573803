"""The image as it is meant to run: by podman, on a root that cannot be written to, without any capability."""
import os
import subprocess

IMAGE = os.environ["SLUICE_IMAGE"]
BASE = os.environ["SLUICE_BASE_IMAGE"]
# runc and these limits: what works inside of other containers, too.
PODMAN = ["podman", "--runtime", "runc"]
RIGHTS = ["--network", "host", "--ulimit", "nofile=1024:1024", "--ulimit", "nproc=1024:1024",
          "--read-only", "--read-only-tmpfs=false", "--cap-drop", "ALL", "--security-opt", "no-new-privileges"]


def podman(*arguments):
    return subprocess.run([*PODMAN, *map(str, arguments)], capture_output=True, text=True, timeout=120)


def inspect(image, what):
    done = podman("image", "inspect", image, "--format", what)
    if done.returncode:
        raise RuntimeError(done.stderr)
    return done.stdout.strip()


def run(*command, options=()):
    """Runs it to its end."""
    return podman("run", "--rm", *RIGHTS, *options, IMAGE, *command)


def shell(script, options=()):
    return run("-c", script, options=("--entrypoint", "/bin/sh", *options))


class Container:
    """Runs from construction until stop(), or to the end of the test."""

    def __init__(self, test, *command, options=()):
        done = podman("run", "--detach", *RIGHTS, *options, IMAGE, *command)
        if done.returncode:
            raise RuntimeError(done.stderr)
        self._id = done.stdout.strip()
        test.addCleanup(podman, "rm", "--force", "--time", 0, self._id)

    def stop(self):
        """SIGTERM; the exit code, 137 where it took more than the 30 s of Kubernetes."""
        podman("stop", "--time", 30, self._id)
        return int(podman("inspect", self._id, "--format", "{{.State.ExitCode}}").stdout)

    def log(self):
        done = podman("logs", self._id)
        return done.stdout + done.stderr
