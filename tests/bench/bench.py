"""Drains one topic of a real Kafka into a local sink with the floor program and with Sluice in
turn, and compares records/s, CPU and memory. scripts/bench builds the programs and calls this;
docs/performance.md says what the figures mean."""
import argparse
import dataclasses
import pathlib
import subprocess
import sys

import report
import stage
from drain import Setting, drain, warm_up

PAGE = pathlib.Path(__file__).resolve().parents[2] / "docs" / "performance.md"
TOPIC = "bench.deposits"
DEAD_LETTERS = "bench.dlq"
PARTITIONS = 8
RECORD_BYTES = 780
QUICK_RECORDS = 200_000
MOST_WARM_UPS = 60


def parse_arguments():
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__)
    parser.add_argument("--records", type=int, default=None, metavar="N", help="1000000")
    parser.add_argument("--runs", type=int, default=None, metavar="R", help="rounds; 5")
    parser.add_argument("--quick", action="store_true",
                        help=f"{QUICK_RECORDS} records, one round: does it work, not how fast")
    parser.add_argument("--only", choices=["floor", "sluice"], help="leave the other out")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE", help="write all figures")
    parser.add_argument("--write", action="store_true", help=f"put the table into {PAGE.name}")
    parser.add_argument("--programs", type=pathlib.Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--kafka", type=pathlib.Path, required=True, help=argparse.SUPPRESS)
    options = parser.parse_args()
    options.records = options.records or (QUICK_RECORDS if options.quick else 1_000_000)
    options.runs = options.runs or (1 if options.quick else 5)
    options.warm_up = 1 if options.quick else MOST_WARM_UPS
    if options.write and options.only:
        parser.error("--write needs both clients: the table compares them")
    return options


def measure(options, work_dir, broker):
    """All runs, up to the first flawed one. The clients take turns at going first, since the
    second finds warmer caches."""
    clients = [options.only] if options.only else ["floor", "sluice"]
    setting = Setting(options.programs, work_dir, broker.address, TOPIC, DEAD_LETTERS,
                      options.records, time_limit=60 + options.records / 10_000)
    stage.say(f"filling {TOPIC} with {options.records:,} records of {RECORD_BYTES} bytes")
    broker.create_topic(TOPIC, PARTITIONS)
    broker.create_topic(DEAD_LETTERS, 1)
    subprocess.run([options.programs / "bench_fill", broker.address, TOPIC, str(PARTITIONS),
                    str(options.records)], check=True)
    stage.say("warming the broker up with runs that do not count")
    warm_up(setting, clients[-1], broker, options.warm_up)
    runs = []
    for number in range(1, options.runs + 1):
        for client in clients if number % 2 else reversed(clients):
            stage.say(f"round {number}: {client}")
            group = f"bench-{client}-{number}"
            run = drain(setting, client, number, group)
            if client == "sluice":
                run.committed = broker.committed_to_the_end(group, TOPIC, PARTITIONS)
            runs.append(run)
            if run.flaws():
                return runs
    return runs


def gather_facts(options, broker):
    return {"date": report.today(), "machine": report.machine(), "records": options.records,
            "versions": report.versions(options.programs, broker),
            "record_bytes": RECORD_BYTES, "partitions": PARTITIONS}


def publish(options, runs, facts):
    print(facts["machine"])
    print(facts["versions"])
    print(report.text(runs))
    report.keep(options, "bench", {**facts, "runs": [dataclasses.asdict(run) for run in runs],
                                   "medians": report.medians(runs), "ratios": report.ratios(runs)})
    if options.write and not any(run.flaws() for run in runs):
        PAGE.write_text(report.replace_between_markers(PAGE.read_text(),
                                                       report.markdown(runs, facts)))


def main():
    options = parse_arguments()

    def benchmark(work_dir, broker):
        runs = measure(options, work_dir, broker)
        publish(options, runs, gather_facts(options, broker))
        return [f"{run.client}: {flaw}" for run in runs for flaw in run.flaws()]

    return stage.run("bench", options.kafka, benchmark)


if __name__ == "__main__":
    sys.exit(main())
