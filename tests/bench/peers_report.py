"""What the figures of scripts/bench peers are printed as."""
import dataclasses
import statistics

import report
from report import MEASURES

BEGIN = "<!-- peers:begin (written by scripts/bench peers --write) -->"
END = "<!-- peers:end -->"
CHART = "peers.svg"  # beside the page
OURS = ("floor", "sluice")
HEADER = ["", "records/s", "CPU-seconds per million", "peak RSS MiB", "lost", "repeated", "SIGKILL: lost",
          "repeated", "flows again after"]


@dataclasses.dataclass(frozen=True)
class Table:
    """`titles` are name -> title of what was measured, `left_out` name -> reason of what was not."""
    titles: dict
    runs: list
    kills: list
    left_out: dict

    def medians(self):
        """name -> measure -> median over its rounds."""
        return {name: {measure: statistics.median(getattr(run, measure) for run in self._of(name))
                       for measure in MEASURES} for name in self.titles}

    def flaws(self):
        """What makes the figures worthless: of our own programs anything, also after a kill a record that
        is missing. What another loses is what was to be measured."""
        found = [f"{run.client}, round {run.round}: {', '.join(run.flaws())}" for run in self.runs
                 if run.client in OURS and run.flaws()]
        return found + [f"{kill.client}, round {kill.round}: {kill.lost} records missing after SIGKILL"
                        for kill in self.kills if kill.client in OURS and kill.lost]

    def text(self):
        """All rounds and the medians as aligned lines."""
        header = ["round", "client", "records/s", "CPU-s per million", "peak RSS MiB", "to first request",
                  "requests", "flaws"]
        rows = [header] + [
            [str(run.round), run.client, *report.shown(vars(run)), f"{run.seconds_to_first_request:.2f}",
             str(run.requests), "; ".join(run.flaws()) or "none"] for run in self.runs]
        rows += [["median", name, *report.shown(values)] for name, values in self.medians().items()]
        lines = [report.aligned(rows)]
        if self.kills:
            rows = [["round", "client", "lost after SIGKILL", "repeated", "flows again after"]]
            rows += [[str(kill.round), kill.client, str(kill.lost), str(kill.repeated),
                      seconds(kill.seconds_to_flow)] for kill in self.kills]
            lines.append(report.aligned(rows))
        return "\n".join(lines + self._left_out_lines())

    def markdown(self, facts):
        """The table of docs/performance.md."""
        rounds = max(run.round for run in self.runs)
        lines = [
            f"{facts['date']}, {facts['machine']}. {facts['versions']}. {facts['records']:,} records drained, "
            f"{facts['kill_records']:,} records at {facts['kill_per_second']:,} a second with a SIGKILL, "
            f"{rounds} {'round' if rounds == 1 else 'rounds'}: medians (lowest to highest); of SIGKILL the "
            "sum of what was lost, the most that was repeated, the longest wait.", "",
            row(HEADER), row(["---"] * len(HEADER))]
        lines += [row(self._cells(name, values)) for name, values in self.medians().items()]
        if self.left_out:
            lines += ["", *self._left_out_lines()]
        lines += ["", f"![records/s and CPU-seconds per million of each, as in the table]({CHART})"]
        return "\n".join(lines)

    def bars(self):
        """(title, records/s, CPU-seconds per million) of each, for the chart."""
        return [(self.titles[name], values["records_per_second"], values["cpu_seconds_per_million"])
                for name, values in self.medians().items()]

    def figures(self):
        return {"titles": self.titles, "runs": [dataclasses.asdict(run) for run in self.runs],
                "kills": [dataclasses.asdict(kill) for kill in self.kills], "medians": self.medians(),
                "left_out": self.left_out}

    def _of(self, name):
        return [run for run in self.runs if run.client == name]

    def _cells(self, name, values):
        own = self._of(name)
        measures = [f"{cell} ({lowest}–{highest})" for cell, lowest, highest in zip(
            report.shown(values), report.shown(report.extremes(own, min)),
            report.shown(report.extremes(own, max)))]
        return [self.titles[name], *measures, f"{sum(run.missing for run in own):,}",
                f"{sum(run.repeated for run in own):,}",
                *kill_cells([kill for kill in self.kills if kill.client == name])]

    def _left_out_lines(self):
        # What follows a semicolon is where this machine keeps its logs.
        return [f"Left out: {name} ({why.partition(';')[0]})." for name, why in self.left_out.items()]


def row(cells):
    return f"| {' | '.join(cells)} |"


def kill_cells(kills):
    if not kills:
        return ["", "", ""]
    waits = [kill.seconds_to_flow for kill in kills]
    return [f"{sum(kill.lost for kill in kills):,}", f"{max(kill.repeated for kill in kills):,}",
            seconds(None if None in waits else max(waits))]


def seconds(value):
    return "never" if value is None else f"{value:.1f} s"
