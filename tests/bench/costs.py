"""How the cost of a record grows with partitions, workers, pipelines, sizes and batches, and what
features cost: drains topics of a real Kafka into a local sink with Sluice alone. scripts/bench costs
builds the programs and calls this; docs/performance.md says what the figures mean."""
import argparse
import collections
import dataclasses
import json
import os
import pathlib
import re
import signal
import subprocess
import sys

import cost_backlog
import cost_cases
import cost_report
import report
import stage
from drain import Sink, reap, wait_for_records

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "performance.md"
LIMIT_SECONDS = 300
QUICK = 20  # times fewer records


@dataclasses.dataclass
class Result:
    """One run of one case."""
    case: str
    round: int
    records: int
    record_bytes: int
    seconds: float
    cpu_seconds: float
    peak_rss_mib: float
    requests: int
    lost: int
    repeated: int
    unknown: int
    exit_code: int

    @property
    def records_per_second(self):
        return self.records / self.seconds

    @property
    def mb_per_second(self):
        return self.records * self.record_bytes / self.seconds / 1e6

    @property
    def cpu_seconds_per_million(self):
        return self.cpu_seconds * 1e6 / self.records

    @property
    def cpu_seconds_per_gb(self):
        return self.cpu_seconds * 1e9 / (self.records * self.record_bytes)

    @property
    def requests_per_million(self):
        return self.requests * 1e6 / self.records

    def flaws(self):
        """What makes the run worthless, in words; empty if nothing does."""
        found = [f"{count} records {word}" for count, word in
                 ((self.lost, "lost"), (self.repeated, "repeated"), (self.unknown, "unknown")) if count]
        return found + ([f"exit code {self.exit_code}"] if self.exit_code else [])


class Flawed(Exception):
    """A run that is no result."""


class Bench:
    """The broker, its topics, and what was drained from them."""

    def __init__(self, options, work_dir, broker):
        self._options = options
        self._work_dir = work_dir
        self._broker = broker
        self._topics = {}  # shape -> names
        self._groups = set()
        self._dead_letters = collections.Counter()  # those that must be there at the end
        broker.create_topic(cost_cases.DEAD_LETTERS, 1)

    def topics(self, shape):
        """Filled once for all cases of that shape."""
        if shape not in self._topics:
            names = [f"costs.{len(self._topics)}.{number}" for number in range(shape.topics)]
            each = shape.records // shape.topics
            stage.say(f"filling {shape.records:,} records of {shape.record_bytes:,} bytes")
            for number, name in enumerate(names):
                self._broker.create_topic(name, shape.partitions, ["max.message.bytes=2000000"])
                subprocess.run([self._options.programs / "bench_fill", self._broker.address, name,
                                str(shape.partitions), str(each), f"--first={number * each}",
                                f"--bytes={shape.record_bytes}", f"--keys={shape.keys}"], check=True)
            self._topics[shape] = names
        return self._topics[shape]

    def run(self, case, number, group, watch=None):
        """Drains the case's topics with groups of its own. `watch(pid, sink)` may look on until all
        records are there; it returns whether they are."""
        topics = self.topics(case.topic)
        records = case.topic.records
        with Sink(self._options.programs / "bench_sink", records, bad_every=case.bad_every) as sink, \
                open(self._work_dir / f"{group}.log", "wb") as log:
            file = self._work_dir / f"{group}.yaml"
            file.write_text(json.dumps(cost_cases.configuration(
                case, self._broker.address, sink.port, topics, group), indent=2))
            process = subprocess.Popen(
                [self._options.programs / "sluice", "run", file, "--allow-literal-secrets"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)
            try:
                (watch or self._wait)(process.pid, sink)
                os.kill(process.pid, signal.SIGTERM)
            finally:
                exit_code, usage = reap(process)
            stats = sink.stats()
        self._groups.update(f"{group}-{number}" for number in range(case.pipelines))
        self._dead_letters.update(cost_cases.bad_ids(case))
        result = Result(case.name, number, records, case.topic.record_bytes,
                        max(stats["last_ns"] - stats["first_ns"], 1) / 1e9,
                        usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, stats["requests"],
                        records - stats["unique"] - stats["set_aside"], stats["repeated"],
                        stats["unknown"], exit_code)
        if result.flaws():
            raise Flawed(f"{group}, {case.name}: {'; '.join(result.flaws())}")
        return result

    def prove(self):
        """That all was committed, and each bad record became one dead letter of each run."""
        lags = self._broker.lags()
        behind = {group for group in self._groups if lags.get(group) != 0}
        if behind:
            raise Flawed(f"committed offsets are not the end offsets: {', '.join(sorted(behind))}")
        found = collections.Counter(
            re.findall(r'"event_id":"(evt_\d+)"', self._broker.values(cost_cases.DEAD_LETTERS, 15_000)))
        if found != self._dead_letters:
            raise Flawed(f"{found.total()} dead letters, not {self._dead_letters.total()}: "
                         f"{list((found - self._dead_letters) + (self._dead_letters - found))[:5]} differ")

    def _wait(self, pid, sink):
        return wait_for_records(pid, sink, LIMIT_SECONDS)


def measure(bench, name, table, rounds):
    """All results of a table; cases take turns within each round."""
    results = []
    for case in table.cases:
        bench.topics(case.topic)
    for number in range(rounds):
        for case in table.in_turn(number):
            result = bench.run(case, number, f"{name}-{table.cases.index(case)}-{number}")
            stage.say(f"{name}: {case.name}: {result.records_per_second:,.0f} records/s, "
                f"{result.cpu_seconds_per_million:.2f} CPU-s per million")
            results.append(result)
    return results


def parse_arguments():
    parser = argparse.ArgumentParser(prog="scripts/bench costs", description=__doc__)
    parser.add_argument("--runs", type=int, default=None, metavar="R", help="rounds; 3")
    parser.add_argument("--quick", action="store_true",
                        help=f"{QUICK} times fewer records, one round: does it work, not how fast")
    parser.add_argument("--only", choices=[*cost_cases.TABLES, "backlog"], action="append",
                        help="this table, or the backlog; may be repeated")
    parser.add_argument("--backlog", type=int, nargs="?", const=cost_backlog.RECORDS, metavar="RECORDS",
                        help=f"and a backlog of so many records; {cost_backlog.RECORDS:,}, "
                        "which takes 10 GB of disk and some minutes")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE", help="write all figures")
    parser.add_argument("--write", action="store_true",
                        help=f"put tables and plots into {PAGE.name}; those of what was not measured stay")
    parser.add_argument("--programs", type=pathlib.Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--kafka", type=pathlib.Path, required=True, help=argparse.SUPPRESS)
    options = parser.parse_args()
    options.runs = options.runs or (1 if options.quick else 3)
    if "backlog" in (options.only or []):
        options.backlog = options.backlog or cost_backlog.RECORDS
    if options.write and (options.quick or options.only not in (None, ["backlog"])):
        parser.error("--write needs all tables at their full size, or --only backlog")
    return options


def measure_all(options, bench):
    """({name of a table: its results}, the backlog's samples or None)"""
    tables = cost_cases.scaled(cost_cases.TABLES, QUICK if options.quick else 1)
    chosen = {name: table for name, table in tables.items() if not options.only or name in options.only}
    bench.run(next(iter((chosen or tables).values())).cases[-1], 0, "warm-up")
    results = {name: measure(bench, name, table, options.runs) for name, table in chosen.items()}
    backlog = cost_backlog.measure(bench, options.backlog) if options.backlog else None
    bench.prove()
    return results, backlog


def publish(options, results, backlog, facts):
    print(cost_report.markdown(results, facts))
    if backlog:
        print(cost_report.backlog_markdown(backlog, facts))
    report.keep(options, "costs", {
        "facts": facts, "backlog": backlog,
        "runs": {name: [dataclasses.asdict(run) for run in runs] for name, runs in results.items()},
        "medians": {name: cost_report.medians(runs) for name, runs in results.items()}})
    if options.write:
        cost_report.write(PAGE, results, backlog, facts)


def main():
    options = parse_arguments()

    def benchmark(work_dir, broker):
        try:
            results, backlog = measure_all(options, Bench(options, work_dir, broker))
        except Flawed as flaw:
            return [str(flaw)]
        publish(options, results, backlog,
                f"{report.today()}, {report.machine()}. {report.versions(options.programs, broker)}. "
                + ("One round." if options.runs == 1 else f"Medians of {options.runs} rounds."))
        return []

    return stage.run("costs", options.kafka, benchmark)


if __name__ == "__main__":
    sys.exit(main())
