"""A real kube-apiserver and etcd on loopback, without controllers or nodes: scripts/test-chart --real.

It judges and keeps what it is given; nothing becomes a pod.
"""
import os
import pathlib
import socket
import subprocess
import tempfile
import time

from chart import helm_binary

TOKEN = "for-this-run-only"


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Cluster:
    """Up when constructed; kubectl() and helm() of this process speak to it until stop()."""

    def __init__(self):
        self.home = pathlib.Path(os.environ["SLUICE_CLUSTER"])
        self.folder = tempfile.TemporaryDirectory()
        self.processes = []
        try:
            self.start()
        except BaseException:
            self.stop()
            raise

    def start(self):
        folder = pathlib.Path(self.folder.name)
        client, peer, port = free_port(), free_port(), free_port()
        self.run("etcd", "--data-dir", folder / "etcd", "--listen-client-urls", f"http://127.0.0.1:{client}",
                 "--advertise-client-urls", f"http://127.0.0.1:{client}",
                 "--listen-peer-urls", f"http://127.0.0.1:{peer}")
        subprocess.run(["openssl", "genrsa", "-out", folder / "sa.key", "2048"], check=True, capture_output=True)
        (folder / "tokens.csv").write_text(f"{TOKEN},admin,1,system:masters\n")
        self.run(self.home / "kube-apiserver", "--etcd-servers", f"http://127.0.0.1:{client}",
                 "--bind-address", "127.0.0.1", "--secure-port", str(port), "--cert-dir", folder / "certs",
                 "--token-auth-file", folder / "tokens.csv", "--service-cluster-ip-range", "10.0.0.0/24",
                 "--service-account-issuer", "https://sluice.test", "--service-account-key-file", folder / "sa.key",
                 "--service-account-signing-key-file", folder / "sa.key",
                 "--disable-admission-plugins", "ServiceAccount")
        config = folder / "kubeconfig"
        config.write_text(f"""apiVersion: v1
kind: Config
clusters: [{{name: c, cluster: {{server: "https://127.0.0.1:{port}", insecure-skip-tls-verify: true}}}}]
users: [{{name: u, user: {{token: {TOKEN}}}}}]
contexts: [{{name: c, context: {{cluster: c, user: u}}}}]
current-context: c
""")
        os.environ["KUBECONFIG"] = str(config)
        self.wait_until(lambda: kubectl("get", "--raw", "/readyz").returncode == 0)

    def run(self, *command):
        with open(pathlib.Path(self.folder.name) / (pathlib.Path(command[0]).name + ".log"), "w") as log:
            self.processes.append(subprocess.Popen([str(word) for word in command], stdout=log, stderr=log))

    def wait_until(self, holds, seconds=120):
        end = time.monotonic() + seconds
        while not holds():
            for process in self.processes:
                if process.poll() is not None or time.monotonic() > end:
                    logs = pathlib.Path(self.folder.name).glob("*.log")
                    raise RuntimeError("\n".join(log.read_text()[-2000:] for log in logs))
            time.sleep(0.2)

    def add_kinds(self):
        """What the Prometheus operator and KEDA would bring."""
        for crd in sorted((self.home / "crds").iterdir()):
            done = kubectl("create", "-f", crd)
            assert done.returncode == 0, done.stderr
        done = kubectl("wait", "--for=condition=Established", "crd", "--all", "--timeout=60s")
        assert done.returncode == 0, done.stderr

    def stop(self):
        for process in reversed(self.processes):
            process.terminate()
            process.wait(30)
        self.folder.cleanup()


def kubectl(*arguments, stdin=None):
    return subprocess.run([helm_binary().with_name("kubectl"), *map(str, arguments)], capture_output=True, text=True, input=stdin)
