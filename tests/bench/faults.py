"""Sends records steadily through Sluice on a real Kafka while something goes wrong for a while, and
counts what was lost, what was repeated, what was asked of an API in trouble, and how long catching
up took. docs/reliability.md says what the figures mean."""
import argparse
import dataclasses
import json
import os
import pathlib
import shutil
import sys
import tempfile
import time

import fault_report
import report
from broker import Broker
from fault_api import NO_ANSWER, RESET, Status
from fault_trial import Setting, Trial

PAGE = pathlib.Path(__file__).resolve().parents[2] / "docs" / "reliability.md"
PARTITIONS = 4
PER_SECOND = 4000
BEFORE_SECONDS = 3.0
POISON = 12
# The default of 60 s would outlast the run. Said in the table, too.
SHORT_OPEN = "circuit_breaker: {open_for: 5s}"
RETRY_AFTER = 5
# What Sluice promises, in figures.
INTO_FAULT = 20
UNCONFIRMED_BATCHES = 8 * PARTITIONS
GRACE_SECONDS = 2.0
SESSION_SECONDS = 10.0  # until the broker gives a dead member up
# k * (ceil(log2(n)) + 2) for k bad records in batches of n = 500.
BISECTION = POISON * 11


@dataclasses.dataclass(frozen=True)
class Scenario:
    """Something that goes wrong, and what may come of it at most."""
    title: str
    event: callable
    target: str = ""
    top: str = ""
    poison: int = 0
    into_fault: int = 0
    repeated_requests: int = 0
    seconds: float = GRACE_SECONDS  # to catch up, beyond the rest of the breaker's open time


def nothing(trial):
    time.sleep(trial.setting.fault_seconds)
    return time.monotonic()


def api_fault(fault):
    def event(trial):
        trial.api.fail(fault)
        time.sleep(trial.setting.fault_seconds)
        trial.api.heal()
        return time.monotonic()
    return event


def sigkill(trial):
    killed = time.monotonic()
    trial.kill_and_restart()
    return killed


def join_and_leave_twice(trial):
    quarter = trial.setting.fault_seconds / 4
    for _ in range(2):
        member = trial.start_member()
        time.sleep(quarter)
        trial.stop_member(member)
        left = time.monotonic()
        time.sleep(quarter)
    return left


def broker_killed(trial):
    trial.broker.kill()
    time.sleep(2)
    trial.broker.start()
    return time.monotonic()


SCENARIOS = {
    "none": Scenario("none", nothing),
    "sigkill": Scenario("SIGKILL, started again at once", sigkill,
                        repeated_requests=UNCONFIRMED_BATCHES, seconds=SESSION_SECONDS + 3),
    "sigkill-static": Scenario("the same with `instance_id`", sigkill, top="instance_id: faults",
                               repeated_requests=UNCONFIRMED_BATCHES, seconds=3),
    "503": Scenario("503", api_fault(Status(503)), SHORT_OPEN, into_fault=INTO_FAULT),
    "429": Scenario(f"429 with Retry-After: {RETRY_AFTER}",
                    api_fault(Status(429, f"Retry-After: {RETRY_AFTER}\r\n")),
                    into_fault=INTO_FAULT, seconds=RETRY_AFTER + GRACE_SECONDS),
    "401": Scenario("401", api_fault(Status(401)), SHORT_OPEN, into_fault=INTO_FAULT),
    "no-answer": Scenario("no answer", api_fault(NO_ANSWER), SHORT_OPEN, into_fault=INTO_FAULT),
    "reset": Scenario("connection reset", api_fault(RESET), SHORT_OPEN, into_fault=INTO_FAULT),
    "poison": Scenario(f"{POISON} poison records (400)", nothing, poison=POISON,
                       into_fault=BISECTION),
    "members": Scenario("a member joins and leaves, twice", join_and_leave_twice),
    "broker": Scenario("broker killed, started again 2 s later", broker_killed,
                       repeated_requests=UNCONFIRMED_BATCHES, seconds=SESSION_SECONDS + 3),
}


def parse_arguments():
    parser = argparse.ArgumentParser(prog="scripts/bench faults", description=__doc__)
    parser.add_argument("--only", action="append", choices=SCENARIOS, metavar="FAULT",
                        help=f"one of {', '.join(SCENARIOS)}; may be given several times")
    parser.add_argument("--quick", action="store_true",
                        help="a third of the records and of the fault: does it work")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE", help="write all figures")
    parser.add_argument("--write", action="store_true", help=f"put the table into {PAGE.name}")
    parser.add_argument("--programs", type=pathlib.Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--kafka", type=pathlib.Path, required=True, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.write and (options.only or options.quick):
        parser.error("--write needs every fault, at full length")
    return options


def say(line):
    print(line, file=sys.stderr, flush=True)


def poison_ids(count, records):
    """Spread over the run and over the partitions."""
    return [int(records * (i + 0.5) / count) + i for i in range(count)]


def misses(scenario, figures):
    """What is worse than promised, in words; empty if nothing is."""
    most_seconds = figures.wait_seconds + scenario.seconds
    return [words for wrong, words in (
        (figures.lost, f"{figures.lost} lost"),
        (figures.unknown, f"{figures.unknown} unknown"),
        (figures.dead_letters != scenario.poison, f"{figures.dead_letters} dead letters"),
        (not figures.committed, "not committed to the end"),
        (any(figures.exit_codes), f"exit codes {figures.exit_codes}"),
        (figures.requests_into_fault > scenario.into_fault,
         f"more than {scenario.into_fault} requests into it"),
        (figures.repeated_requests > scenario.repeated_requests,
         f"more than {scenario.repeated_requests} requests repeated"),
        (figures.caught_up_seconds > most_seconds, f"caught up after {most_seconds:.1f} s"),
    ) if wrong]


def try_out(setting, broker, name, scenario):
    with Trial(setting, broker, name, scenario.top, scenario.target,
               poison_ids(scenario.poison, setting.records)) as trial:
        return trial.run(scenario.event)


def measure(setting, broker, names):
    """Pairs of scenario and figures."""
    say("warming the broker up with a run that does not count ...")
    try_out(dataclasses.replace(setting, records=2 * PER_SECOND, fault_seconds=0.0), broker,
            "warm-up", SCENARIOS["none"])
    done = []
    for name in names:
        scenario = SCENARIOS[name]
        say(f"{scenario.title} ...")
        done.append((scenario, try_out(setting, broker, name, scenario)))
    return done


def make_setting(options, work_dir):
    share = 3 if options.quick else 1
    return Setting(options.programs, work_dir, PARTITIONS, 60_000 // share, PER_SECOND,
                   BEFORE_SECONDS, 15 / share)


def publish(options, setting, broker, load, done):
    """Prints and writes; whether every promise was kept."""
    rows = [(scenario, figures, misses(scenario, figures)) for scenario, figures in done]
    facts = {"date": report.today(), "machine": report.machine(), "records": setting.records,
             "versions": report.versions(options.programs, broker), "load": load,
             "per_second": setting.per_second, "partitions": setting.partitions,
             "fault_seconds": setting.fault_seconds}
    print(facts["machine"])
    print(facts["versions"])
    print(fault_report.text(rows))
    if options.json:
        options.json.write_text(json.dumps(
            {**facts, "runs": [{**dataclasses.asdict(figures), "misses": missed}
                               for _, figures, missed in rows]}, indent=2) + "\n")
    kept = not any(missed for _, _, missed in rows)
    if options.write and kept:
        PAGE.write_text(report.replace_between_markers(
            PAGE.read_text(), fault_report.markdown(rows, facts), fault_report.BEGIN,
            fault_report.END))
    return kept


def main():
    options = parse_arguments()
    work_dir = pathlib.Path(tempfile.mkdtemp(prefix="sluice-faults."))
    broker = None
    kept = False
    try:
        setting = make_setting(options, work_dir)
        load = os.getloadavg()[1]
        broker = Broker(options.kafka, work_dir)
        kept = publish(options, setting, broker, load,
                       measure(setting, broker, options.only or list(SCENARIOS)))
    finally:
        if broker:
            broker.stop()
        if kept:
            shutil.rmtree(work_dir)
        else:
            say(f"not as promised; what Sluice and the broker said is in {work_dir}")
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
