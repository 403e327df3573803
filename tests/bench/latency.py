"""How long a record takes from its producer into the request that carries it, at a steady rate far
below what Sluice can do. scripts/bench latency builds the programs and calls this;
docs/performance.md says what the figures mean."""
import argparse
import dataclasses
import json
import pathlib
import signal
import subprocess
import sys
import time

import report
import stage
from configuration import deposits
from drain import Sink
from fault_trial import Member

PAGE = pathlib.Path(__file__).resolve().parents[2] / "docs" / "performance.md"
BEGIN = "<!-- latency:begin (written by scripts/bench latency --write) -->"
END = "<!-- latency:end -->"
DEAD_LETTERS = "bench.dlq"
PARTITIONS = 8
PER_SECOND = 5000
FLOOR = "floor"
LINGERS_MS = (0, 20, 100)
SHARES = {"p50": 0.5, "p90": 0.9, "p99": 0.99, "p99.9": 0.999, "max": 1.0}
# What each is held to: linger -> share -> milliseconds.
GOALS = {0: {"p99": 10}, 20: {"p50": 20 + 3, "p99": 20 + 10}}
LATE_MS = 5  # a feed of which more than a hundredth is later is no steady one
ARRIVE_SECONDS = 60


@dataclasses.dataclass(frozen=True)
class Spent:
    """What was used up to an instant."""
    seconds: float
    cpu_seconds: float
    requests: int


@dataclasses.dataclass(frozen=True)
class Result:
    """The figures of one linger, or of the floor program, which has none."""
    client: int | str  # milliseconds, or FLOOR
    took_ms: dict  # share -> milliseconds
    cpu_of_a_core: float
    requests_per_second: float
    feed: dict  # how late it was itself, in microseconds
    unmeasured: int
    missing: int
    repeated: int
    unknown: int
    exit_code: int

    def flaws(self):
        """What makes the figures worthless, in words; empty if nothing does."""
        found = [f"{count} records {word}" for count, word in
                 ((self.missing, "missing"), (self.repeated, "repeated"), (self.unknown, "unknown"),
                  (self.unmeasured, "without a time, or of the future")) if count]
        if self.exit_code != 0:
            found.append(f"exit code {self.exit_code}")
        if self.feed["late_p99_us"] > LATE_MS * 1000:
            found.append(f"the feed could not keep its pace: {self.feed}")
        return found


def cpu_seconds(pid):
    """All threads' of another process, to the nanosecond: its CPU-time clock (clock_getcpuclockid)."""
    return time.clock_gettime((~pid << 3) | 2)


def spent(pid, sink):
    return Spent(time.monotonic(), cpu_seconds(pid), sink.stats()["requests"])


def percentiles(microseconds):
    """share -> milliseconds; a share is that of the records that took no longer."""
    ordered = sorted(microseconds)
    if not ordered:
        return dict.fromkeys(SHARES, float("nan"))
    return {name: ordered[max(0, round(share * len(ordered)) - 1)] / 1000
            for name, share in SHARES.items()}


def result_of(client, records, warm_up, stats, latencies, used, feed, exit_code):
    """`used`: at the end of the warm-up, and at the end."""
    before, after = used
    measured = latencies[warm_up:]
    times = [each for each in measured if each is not None and each >= 0]
    seconds = after.seconds - before.seconds
    return Result(client=client, took_ms=percentiles(times),
                  cpu_of_a_core=(after.cpu_seconds - before.cpu_seconds) / seconds,
                  requests_per_second=(after.requests - before.requests) / seconds,
                  feed=feed, unmeasured=len(measured) - len(times),
                  missing=records - stats["unique"], repeated=stats["repeated"],
                  unknown=stats["unknown"], exit_code=exit_code)


class Floor:
    """bench_floor, which sends what is there: what a record takes without anybody's waiting for more."""

    def __init__(self, options, broker, sink, topic):
        # More records than there are: it would leave before it was looked at.
        self._process = subprocess.Popen(
            [options.programs / "bench_floor", broker.address, topic, topic,
             f"http://127.0.0.1:{sink.port}/events/deposit", str(2**40), "eager"])
        self.pid = self._process.pid

    def wait_until_ready(self):
        """It does not tell: the time to warm up is enough for it."""

    def stop(self):
        """0 if it ran until now."""
        self._process.terminate()
        code = self._process.wait()
        return 0 if code == -signal.SIGTERM else code


def start_client(client, options, work_dir, broker, sink, topic):
    if client == FLOOR:
        return Floor(options, broker, sink, topic)
    return Member(options.programs / "sluice", lambda admin_port: deposits(
        broker.address, sink.port, topic, topic, DEAD_LETTERS, admin_port, f"{client}ms"), work_dir / topic)


def start_feed(options, broker, topic, records):
    """The process, and the monotonic second at which its first record is due."""
    feed = subprocess.Popen(
        [options.programs / "bench_fill", broker.address, topic, str(PARTITIONS), str(records),
         str(PER_SECOND), "stamped"], stdout=subprocess.PIPE, text=True)
    return feed, int(feed.stdout.readline()) / 1e9


def warm_up_broker(options, broker):
    """What is made at the first use of a group and of an idempotent producer takes seconds."""
    topic = "latency.warm-up"
    broker.create_topic(topic, PARTITIONS)
    records = PER_SECOND * options.warm_up
    with Sink(options.programs / "bench_sink", records) as sink:
        floor = Floor(options, broker, sink, topic)
        try:
            feed, _ = start_feed(options, broker, topic, records)
            feed.communicate()
            await_records(sink, records)
        finally:
            floor.stop()


def await_records(sink, records):
    deadline = time.monotonic() + ARRIVE_SECONDS
    while sink.stats()["unique"] < records and time.monotonic() < deadline:
        time.sleep(0.2)


def measure(client, options, work_dir, broker):
    topic = f"latency.{client}"
    broker.create_topic(topic, PARTITIONS)
    warm_up = PER_SECOND * options.warm_up
    records = warm_up + PER_SECOND * options.seconds
    with Sink(options.programs / "bench_sink", records) as sink:
        process = start_client(client, options, work_dir, broker, sink, topic)
        try:
            process.wait_until_ready()
            feed, began = start_feed(options, broker, topic, records)
            used = []
            for seconds in (options.warm_up, options.warm_up + options.seconds):
                time.sleep(max(0, began + seconds - time.monotonic()))
                used.append(spent(process.pid, sink))
            late, _ = feed.communicate()
            if feed.returncode != 0:
                raise RuntimeError("the feed failed")
            await_records(sink, records)
        finally:
            exit_code = process.stop()
        return result_of(client, records, warm_up, sink.stats(), sink.latencies(), used,
                         json.loads(late), exit_code)


def goal_of(result):
    """Its bounds in words, and whether they were met."""
    goals = GOALS.get(result.client, {})
    words = ", ".join(f"{share} below {most} ms" for share, most in goals.items())
    met = all(result.took_ms[share] < most for share, most in goals.items())
    return f"{words}: {'met' if met else 'missed'}" if goals else ""


HEADER = ["client", *(f"{share} ms" for share in SHARES), "requests/s", "CPU of a core", "goal"]


def row(result):
    name = "floor" if result.client == FLOOR else f"Sluice, `batch.linger: {result.client}ms`"
    return [name, *(f"{took:.1f}" for took in result.took_ms.values()),
            f"{result.requests_per_second:,.0f}", f"{result.cpu_of_a_core:.1%}", goal_of(result)]


def markdown(results, facts):
    lines = [facts, "", "| " + " | ".join(HEADER) + " |", "|" + " --- |" * len(HEADER)]
    lines += ["| " + " | ".join(row(result)) + " |" for result in results]
    late = max(result.feed["late_p99_us"] for result in results) / 1000
    return "\n".join([*lines, "", f"Of the records 99 % were produced less than {late:.1f} ms after "
                                  "they were due."])


def parse_arguments():
    parser = argparse.ArgumentParser(prog="scripts/bench latency", description=__doc__)
    parser.add_argument("--seconds", type=int, metavar="S", help="measured of each; 30")
    parser.add_argument("--quick", action="store_true",
                        help="5 s of each: does it work, not how fast")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE", help="write all figures")
    parser.add_argument("--write", action="store_true", help=f"put the table into {PAGE.name}")
    parser.add_argument("--programs", type=pathlib.Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--kafka", type=pathlib.Path, required=True, help=argparse.SUPPRESS)
    options = parser.parse_args()
    options.seconds = options.seconds or (5 if options.quick else 30)
    options.warm_up = 2 if options.quick else 5
    return options


def measure_all(options, work_dir, broker):
    """Up to the first that is flawed."""
    broker.create_topic(DEAD_LETTERS, 1)
    warm_up_broker(options, broker)
    results = []
    for client in (FLOOR, *LINGERS_MS):
        print(FLOOR if client == FLOOR else f"linger {client} ms", file=sys.stderr, flush=True)
        results.append(measure(client, options, work_dir, broker))
        if results[-1].flaws():
            break
    return results


def publish(options, results, facts):
    print(report.aligned([HEADER] + [row(result) for result in results]))
    print(f"the feed's own lateness: {[result.feed for result in results]}")
    report.keep(options, "latency",
                {"facts": facts, "results": [dataclasses.asdict(result) for result in results]})
    if options.write and not any(result.flaws() for result in results):
        PAGE.write_text(report.replace_between_markers(
            PAGE.read_text(), markdown(results, facts), BEGIN, END))


def main():
    options = parse_arguments()

    def benchmark(work_dir, broker):
        results = measure_all(options, work_dir, broker)
        publish(options, results,
                f"{report.today()}, {report.machine()}. {report.versions(options.programs, broker)}. "
                f"{options.seconds} s of each after {options.warm_up} s of warming up.")
        return [flaw for result in results for flaw in result.flaws()]

    return stage.run("latency", options.kafka, benchmark)


if __name__ == "__main__":
    sys.exit(main())
