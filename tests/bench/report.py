"""What the figures are printed as: text for the terminal, a table for docs/performance.md; and
what the fault figures share of it."""
import datetime
import json
import os
import pathlib
import platform
import re
import statistics
import subprocess

FIGURES = pathlib.Path(__file__).resolve().parents[2] / "docs" / "figures"

BEGIN = "<!-- bench:begin (written by scripts/bench --write) -->"
END = "<!-- bench:end -->"
MEASURES = ("records_per_second", "cpu_seconds_per_million", "peak_rss_mib")
FORMATS = {"records_per_second": "{:,.0f}", "cpu_seconds_per_million": "{:.2f}",
           "peak_rss_mib": "{:.0f}"}
NAMES = {"floor": "floor", "sluice": "Sluice"}


def clients_of(runs):
    return [client for client in NAMES if any(run.client == client for run in runs)]


def medians(runs):
    """client -> measure -> median over its runs."""
    return {client: {measure: statistics.median(getattr(run, measure) for run in runs
                                                if run.client == client)
                     for measure in MEASURES} for client in clients_of(runs)}


def ratios(runs):
    """measure -> Sluice's figure divided by the floor's: the median of the rounds' own ratios, so
    that what disturbs a whole round disturbs neither side alone. A flawed run has no ratio."""
    rounds = {}
    for run in (run for run in runs if not run.flaws()):
        rounds.setdefault(run.round, {})[run.client] = run
    pairs = [pair for pair in rounds.values() if len(pair) == 2]
    return {measure: statistics.median(getattr(pair["sluice"], measure) /
                                       getattr(pair["floor"], measure) for pair in pairs)
            for measure in MEASURES if pairs}


def text(runs):
    """All runs, medians and ratios as aligned lines."""
    header = ["round", "client", "records/s", "CPU-s per million", "peak RSS MiB", "seconds",
              "to first request", "requests", "flaws"]
    rows = [header] + [
        [str(run.round), run.client, *shown(vars(run)), f"{run.seconds:.2f}",
         f"{run.seconds_to_first_request:.2f}", str(run.requests), "; ".join(run.flaws()) or "none"]
        for run in runs]
    rows += [["median", client, *shown(values)] for client, values in medians(runs).items()]
    by_measure = ratios(runs)
    if by_measure:
        rows.append(["ratio", "sluice/floor", *(f"{by_measure[name]:.2f}" for name in MEASURES)])
    return aligned(rows)


def aligned(rows):
    """Rows of cells, the first the longest, as lines with straight columns."""
    widths = [max(len(row[i]) for row in rows if i < len(row)) for i in range(len(rows[0]))]
    return "\n".join("  ".join(cell.rjust(width) for cell, width in zip(row, widths))
                     for row in rows)


def shown(values):
    return [FORMATS[name].format(values[name]) for name in MEASURES]


def markdown(runs, facts):
    """The table of docs/performance.md."""
    rounds = max(run.round for run in runs)
    lines = [
        f"{facts['date']}, {facts['machine']}. {facts['versions']}. "
        f"{facts['records']:,} records, medians of {rounds} "
        f"{'round' if rounds == 1 else 'rounds'} (lowest to highest).", "",
        "| | records/s | CPU-seconds per million | peak RSS MiB | lost | repeated |",
        "| --- | --- | --- | --- | --- | --- |"]
    for client, values in medians(runs).items():
        own = [run for run in runs if run.client == client]
        cells = [f"{cell} ({lowest}–{highest})" for cell, lowest, highest in zip(
            shown(values), shown(extremes(own, min)), shown(extremes(own, max)))]
        losses = [str(sum(run.missing for run in own)), str(sum(run.repeated for run in own))]
        lines.append("| " + " | ".join([NAMES[client], *cells, *losses]) + " |")
    cells = [f"{value:.2f}" for value in ratios(runs).values()]
    lines.append("| " + " | ".join(["Sluice / floor, same round", *cells, "", ""]) + " |")
    return "\n".join(lines)


def extremes(runs, pick):
    return {measure: pick(getattr(run, measure) for run in runs) for measure in MEASURES}


def replace_between_markers(document, table, opening=BEGIN, closing=END):
    """`document` with what stands between `opening` and `closing` replaced by `table`."""
    before, begin, rest = document.partition(opening)
    _, end, after = rest.partition(closing)
    if not begin or not end:
        raise ValueError(f"the page has no place for the table: {opening} ... {closing}")
    return f"{before}{opening}\n{table}\n{closing}{after}"


def keep(options, name, figures):
    """All that was measured, as JSON: where --json says, and with --write also beside the page."""
    files = [options.json] if options.json else []
    if options.write:
        FIGURES.mkdir(exist_ok=True)
        files.append(FIGURES / f"{name}.json")
    for file in files:
        file.write_text(json.dumps(figures, indent=2) + "\n")


def versions(programs, broker):
    """Of the libraries, of Kafka and of Java, in one line."""
    found = json.loads(subprocess.check_output([programs / "bench_floor", "--versions"]))
    java = subprocess.run(["java", "-version"], stderr=subprocess.PIPE, text=True, check=True)
    found["Kafka"] = broker.version()
    found["Java"] = re.search(r'"(\d+)', java.stderr).group(1)
    return ", ".join(f"{name} {version}" for name, version in found.items())


def machine():
    """Processor, cores, memory and system, in one line."""
    cpu = next((line.split(":", 1)[1].strip()
                for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines()
                if line.startswith("model name")), platform.machine())
    gib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    system = platform.freedesktop_os_release().get("PRETTY_NAME", platform.system())
    return f"{cpu}, {os.cpu_count()} cores, {gib:.0f} GiB, {system}"


def today():
    return datetime.date.today().isoformat()
