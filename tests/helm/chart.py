"""What the tests of the chart share: Helm, the example values, and what comes out of them."""
import functools
import os
import pathlib
import re
import subprocess
import textwrap

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
CHART = ROOT / "helm" / "sluice"
EXAMPLES = sorted((ROOT / "helm" / "examples").glob("*.yaml"))
MINIMAL = ROOT / "helm" / "examples" / "minimal.yaml"
SLUICE = os.environ.get("SLUICE_BINARY", str(ROOT / "build" / "dev" / "sluice"))
VERSION = re.search(r"project\(sluice VERSION (\S+)", (ROOT / "CMakeLists.txt").read_text())[1]


@functools.cache
def helm_binary():
    dist = subprocess.run([ROOT / "scripts" / "helm-dist"], check=True, capture_output=True, text=True)
    return pathlib.Path(dist.stdout.strip()) / "helm"


def helm(*arguments):
    """Runs Helm; what it says of links in the chart is no news."""
    done = subprocess.run([helm_binary(), *map(str, arguments)], capture_output=True, text=True)
    done.stderr = "".join(line for line in done.stderr.splitlines(True) if "symbolic link" not in line)
    return done


def render(*values, sets=(), chart=CHART, release="sluice", namespace="streams"):
    """Text of the manifests; raises with Helm's words where it refuses."""
    arguments = [word for file in values for word in ("-f", file)]
    arguments += [word for one in sets for word in ("--set", one)]
    done = helm("template", release, chart, "--namespace", namespace, *arguments)
    if done.returncode:
        raise RuntimeError(done.stderr)
    return done.stdout


def documents(text):
    return [document for document in yaml.safe_load_all(text) if document]


def of_kind(docs, kind):
    return [document for document in docs if document["kind"] == kind]


def blocks(page, language):
    """The fenced blocks of a page in that language."""
    found = re.findall(rf"(?ms)^( *)```{language}\n(.*?)^\1```$", page.read_text())
    return [textwrap.dedent(text) for _, text in found]


def pods(docs):
    """Name and spec of each pod that the documents would make."""
    for document in docs:
        if document["kind"] == "Pod":
            yield document["metadata"]["name"], document["spec"]
        elif "template" in document.get("spec", {}):
            yield document["metadata"]["name"], document["spec"]["template"]["spec"]


def golden_text(text):
    """Without what has a golden form of its own: the version, and files that the chart only carries."""
    text = text.replace(VERSION, "VERSION")
    parts = [cut_carried_files(part) for part in re.split(r"(?m)^(?=---$)", text)]
    return "".join(dict.fromkeys(parts))  # the dashboards are one then


def cut_carried_files(part):
    if "prometheusrule.yaml" in part:
        return re.sub(r"(?ms)^spec:\n.*", "spec: (grafana/alerts/sluice.rules.yaml)\n", part)
    if "dashboards.yaml" in part:
        part = re.sub(r"(?m)^  name: .*", "  name: (one for each dashboard)", part)
        return re.sub(r"(?ms)^data:\n.*", "data: (grafana/dashboards/)\n", part)
    if re.search(r"(?m)^  name: .*-schemas$", part) and "kind: ConfigMap" in part:
        head, data = part.split("\ndata:\n")
        names = re.findall(r"(?m)^  (\S+): \|2$", data)
        return head + "\ndata:\n" + "".join(f"  {name}: (a schema)\n" for name in names)
    return part
