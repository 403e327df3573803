"""A bare Debian of this release, in a folder of its own."""
import contextlib
import pathlib
import re
import shutil
import subprocess


def _output(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def debian_version():
    """Of the package, for the Debian that this is."""
    cmake = (pathlib.Path(__file__).resolve().parents[2] / "CMakeLists.txt").read_text()
    release = re.search(r'^VERSION_ID="?([\d.]+)', pathlib.Path("/etc/os-release").read_text(), re.M)
    return re.search(r"project\(sluice VERSION (\S+)", cmake)[1] + f"-1~deb{release[1] if release else ''}"


class BareDebian:
    def __init__(self, root):
        self.root = pathlib.Path(root)
        release = re.search(r"^VERSION_CODENAME=(\w+)", pathlib.Path("/etc/os-release").read_text(), re.M)[1]
        mirrors = _output("apt-get", "indextargets", "--format", "$(REPO_URI)", "Created-By: Packages",
                          "Label: Debian").splitlines()
        subprocess.run(["debootstrap", "--variant=minbase", release, self.root, mirrors[0]], check=True,
                       capture_output=True)
        for name in ("resolv.conf", "hosts"):
            with contextlib.suppress(OSError):
                shutil.copy(f"/etc/{name}", self.root / "etc" / name)
        for name in ("apt.conf.d", "sources.list.d"):
            shutil.copytree(f"/etc/apt/{name}", self.root / "etc/apt" / name, dirs_exist_ok=True)
        _output("mount", "--bind", "/proc", self.root / "proc")

    def close(self):
        _output("umount", self.root / "proc")

    def run(self, *command, timeout=300):
        return subprocess.run(["chroot", self.root, "env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin",
                               "DEBIAN_FRONTEND=noninteractive", "API_TOKEN=a-token-for-this-test",
                               "DATA_PIPELINE_TOKEN=another-token-for-it", *command],
                              capture_output=True, text=True, timeout=timeout)

    def files(self):
        """All of its own, but what apt and dpkg note, and logs."""
        found = self.run("find", "/", "-xdev", "!", "-path", "/proc/*", "!", "-path", "/var/lib/dpkg/*",
                         "!", "-path", "/var/lib/apt/*", "!", "-path", "/var/cache/*", "!", "-path", "/var/log/*")
        return set(found.stdout.splitlines())
