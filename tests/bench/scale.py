"""What more partitions, workers, processes and requests at once bring, and what a budget does to it:
drains one topic of a real Kafka into a sink that answers at once, or after a time. scripts/bench
scale builds the programs and calls this; docs/scaling.md says what the figures mean."""
import argparse
import dataclasses
import json
import os
import pathlib
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

import report
from broker import Broker
from drain import Sink, reap

PAGE = pathlib.Path(__file__).resolve().parents[2] / "docs" / "scaling.md"
BEGIN = "<!-- scale:begin (written by scripts/bench scale --write) -->"
END = "<!-- scale:end -->"
CONFIGURATION = """\
kafka: {{brokers: ["{brokers}"]}}
admin: {{listen: "127.0.0.1:0"}}
log: {{level: warn}}
targets:
  sink:
    base_url: "http://127.0.0.1:{port}"
    auth: {{type: hkdf_hmac, token: bench-token, account_id: bench-account, workspace_id: bench-workspace}}
    concurrency: {{max: {requests}}}
{budget}pipelines:
  deposits:
    topics: ["{topic}"]
    group: "{group}"
    target: sink
    path: /events/deposit
    workers: {workers}
    order: {order}
    batch: {{max_records: 500}}
    dead_letter: {{topic: bench.dlq}}
"""
# Groups form one after the other, and the last requests are few.
FROM, TO = 0.3, 0.9
LIMIT_SECONDS = 300


@dataclasses.dataclass(frozen=True)
class Case:
    """One line of a table."""
    partitions: int = 8
    workers: int = 1
    processes: int = 1
    requests: int = 8         # concurrency.max
    order: str = "partition"
    answer_ms: int = 0
    budget: int = 0           # requests a second, shared by the group; 0: none
    records: int = 400_000


@dataclasses.dataclass(frozen=True)
class Result:
    case: Case
    records_per_second: float
    cpu_seconds_per_million: float
    peak_rss_mib: float       # of the largest process
    repeated: int


SLOW = 50
TABLES = {
    "An API that answers at once (one process; what is computed decides)": [
        Case(workers=1), Case(workers=2), Case(workers=4)],
    f"An API that takes {SLOW} ms: partitions, in order (one process)": [
        Case(partitions=count, answer_ms=SLOW, records=40_000 * count) for count in (1, 2, 4, 8)],
    f"An API that takes {SLOW} ms: workers and processes, in order (8 partitions)": [
        Case(answer_ms=SLOW), Case(answer_ms=SLOW, workers=2), Case(answer_ms=SLOW, workers=4),
        Case(answer_ms=SLOW, processes=2), Case(answer_ms=SLOW, processes=3)],
    f"An API that takes {SLOW} ms: one partition, without order": [
        Case(partitions=1, answer_ms=SLOW, order="none", requests=count, records=40_000 * count)
        for count in (1, 2, 4, 8)],
    "A budget of 40 requests a second, shared by the group (4 partitions)": [
        Case(partitions=4, processes=count, budget=40, records=150_000) for count in (1, 2, 3)],
}


def configuration(case, brokers, port, topic, group):
    budget = ""
    if case.budget:
        budget = f"    rate_limit: [{{requests: {case.budget}, per: 1s, share: group}}]\n"
    return CONFIGURATION.format(brokers=brokers, port=port, topic=topic, group=group, budget=budget,
                                requests=case.requests, workers=case.workers, order=case.order)


def watch(sink, records, deadline, processes):
    """(seconds, records) until all are there or a process has ended, several a second."""
    seen = []
    while time.monotonic() < deadline and all(process.poll() is None for process in processes):
        seen.append((time.monotonic(), sink.stats()["unique"]))
        if seen[-1][1] >= records:
            break
        time.sleep(0.1)
    return seen


def rate(seen, records):
    """Of the middle part."""
    begin = next((point for point in seen if point[1] >= FROM * records), None)
    end = next((point for point in seen if point[1] >= TO * records), None)
    if not begin or not end or end[0] <= begin[0]:
        raise RuntimeError(f"too fast or too slow to be measured: {seen[-1][1]} of {records} records")
    return (end[1] - begin[1]) / (end[0] - begin[0])


def measure(case, options, work_dir, broker, topic, group):
    with Sink(options.programs / "bench_sink", case.records, case.answer_ms) as sink:
        file = work_dir / f"{group}.yaml"
        file.write_text(configuration(case, broker.address, sink.port, topic, group))
        with open(work_dir / f"{group}.log", "wb") as log:
            processes = [subprocess.Popen([options.programs / "sluice", "run", file, "--allow-literal-secrets"],
                                          stdin=subprocess.DEVNULL, stdout=log, stderr=log)
                         for _ in range(case.processes)]
            try:
                seen = watch(sink, case.records, time.monotonic() + LIMIT_SECONDS, processes)
            finally:
                for process in processes:
                    if process.returncode is None:
                        os.kill(process.pid, signal.SIGTERM)
                ended = [reap(process) for process in processes if process.returncode is None]
        stats = sink.stats()
    codes = [process.returncode for process in processes]
    if any(codes) or stats["unique"] < case.records:
        raise RuntimeError(f"{case}: {stats['unique']} records arrived, exit codes {codes}; see {work_dir}")
    cpu = sum(usage.ru_utime + usage.ru_stime for _, usage in ended)
    return Result(case, rate(seen, case.records), cpu * 1e6 / case.records,
                  max(usage.ru_maxrss for _, usage in ended) / 1024, stats["repeated"])


def median(results):
    """One of several of the same case."""
    return Result(results[0].case, *(statistics.median(getattr(result, name) for result in results)
                                     for name in ("records_per_second", "cpu_seconds_per_million",
                                                  "peak_rss_mib")),
                  max(result.repeated for result in results))


def fill(options, broker, topic, case):
    broker.create_topic(topic, case.partitions)
    subprocess.run([options.programs / "bench_fill", broker.address, topic, str(case.partitions),
                    str(case.records)], check=True)


def all_tables(options, work_dir, broker):
    broker.create_topic("bench.dlq", 1)
    topics = {}
    tables = {}
    for title, cases in TABLES.items():
        tables[title] = []
        for case in cases:
            shape = (case.partitions, case.records)
            if shape not in topics:
                topics[shape] = f"scale.{len(topics)}"
                fill(options, broker, topics[shape], case)
            runs = [measure(case, options, work_dir, broker, topics[shape],
                            f"scale-{len(tables)}-{len(tables[title])}-{number}")
                    for number in range(options.runs)]
            tables[title].append(median(runs))
            print(line_of(tables[title][-1]), file=sys.stderr, flush=True)
    return tables


def line_of(result):
    case = result.case
    return (f"| {case.partitions} | {case.workers} | {case.processes} | {case.requests} | {case.order} | "
            f"{result.records_per_second:,.0f} | {result.cpu_seconds_per_million:.2f} | "
            f"{result.peak_rss_mib:.0f} | {result.repeated} |")


def markdown(tables, facts):
    lines = [facts]
    for title, results in tables.items():
        lines += ["", f"### {title}", "",
                  "| partitions | workers | processes | `concurrency.max` | order | records/s | CPU-s per million | "
                  "peak MiB | repeated |", "|" + " --- |" * 9, *map(line_of, results)]
    return "\n".join(lines)


def parse_arguments():
    parser = argparse.ArgumentParser(prog="scripts/bench scale", description=__doc__)
    parser.add_argument("--runs", type=int, default=3, metavar="R", help="of each case; 3")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE", help="write all figures")
    parser.add_argument("--write", action="store_true", help=f"put the tables into {PAGE.name}")
    parser.add_argument("--programs", type=pathlib.Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--kafka", type=pathlib.Path, required=True, help=argparse.SUPPRESS)
    return parser.parse_args()


def main():
    options = parse_arguments()
    work_dir = pathlib.Path(tempfile.mkdtemp(prefix="sluice-scale."))
    broker = Broker(options.kafka, work_dir)
    try:
        tables = all_tables(options, work_dir, broker)
        facts = (f"{report.today()}, {report.machine()}. {report.versions(options.programs, broker)}. "
                 + ("One run of each." if options.runs == 1 else f"Medians of {options.runs}."))
    finally:
        broker.stop()
    text = markdown(tables, facts)
    print(text)
    if options.json:
        options.json.write_text(json.dumps(
            {title: [dataclasses.asdict(result) for result in results] for title, results in tables.items()},
            indent=2) + "\n")
    if options.write:
        PAGE.write_text(report.replace_between_markers(PAGE.read_text(), text, BEGIN, END))
    shutil.rmtree(work_dir)
    return 0


if __name__ == "__main__":
    sys.exit(main())
