#!/usr/bin/env python3
"""write_table.py <full|chaos|soak> <folder of the harness's last run>: puts its table into
docs/reliability.md."""
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "bench"))
import report  # noqa: E402

PAGE = ROOT / "docs" / "reliability.md"


def versions():
    library = subprocess.run(["pkg-config", "--modversion", "rdkafka", "libcurl"], check=True,
                             capture_output=True, text=True).stdout.split()
    kafka = re.search(r"kafka-([0-9.]+)/", subprocess.run(
        [ROOT / "scripts" / "kafka-dist"], check=True, capture_output=True, text=True).stdout)
    return f"librdkafka {library[0]}, libcurl {library[1]}, Kafka {kafka[1]}"


def commit():
    """Whose figures these are; figures of what nobody can build again are not written."""
    if subprocess.run(["git", "diff", "--quiet", "HEAD", "--", "src", "tests"], cwd=ROOT).returncode:
        sys.exit("write_table.py: src or tests differ from the commit; commit them first")
    return subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, check=True,
                          capture_output=True, text=True).stdout.strip()


def main():
    run, folder = sys.argv[1:]
    table = (pathlib.Path(folder) / "table.md").read_text(encoding="utf-8").strip()
    facts = f"{report.today()}, {report.machine()}. {versions()}. Commit {commit()}."
    PAGE.write_text(report.replace_between_markers(
        PAGE.read_text(encoding="utf-8"), f"{facts}\n\n{table}",
        f"<!-- {run}:begin (written by scripts/fault --{run} --write) -->",
        f"<!-- {run}:end -->"), encoding="utf-8")


if __name__ == "__main__":
    main()
