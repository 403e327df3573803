"""What Sluice needs while there is nothing to do: memory, CPU and wake-ups, with one pipeline and
with ten. scripts/bench idle builds the programs and calls this; docs/performance.md says what the
figures mean."""
import argparse
import dataclasses
import pathlib
import re
import sys
import time

import report
import stage
from configuration import TOP
from drain import Sink
from fault_trial import Member
from latency import cpu_seconds

PAGE = pathlib.Path(__file__).resolve().parents[2] / "docs" / "performance.md"
BEGIN = "<!-- idle:begin (written by scripts/bench idle --write) -->"
END = "<!-- idle:end -->"
PIPELINE = """\
  idle{number}:
    topics: ["idle.{number}"]
    group: "idle.{count}.{number}"
    target: sink
    path: /events/{number}
    dead_letter: {{topic: "idle.{number}.dlq"}}
"""
COUNTS = (1, 10)
MB = 1e6
# What each is held to.
MOST_MB, MOST_MB_A_PIPELINE = 20, 2
MOST_CPU = 0.005


@dataclasses.dataclass(frozen=True)
class Result:
    """The figures of one number of pipelines."""
    pipelines: int
    rss_mb: float
    anonymous_mb: float       # of that, what is no file's: heap, stacks
    threads: int
    cpu_of_a_core: float
    wake_ups_per_second: float
    requests: int
    exit_code: int

    def flaws(self):
        """What makes the figures worthless, in words; empty if nothing does."""
        found = [f"{self.requests} requests, though there is nothing to send"] if self.requests else []
        if self.exit_code != 0:
            found.append(f"exit code {self.exit_code}")
        return found

    def goals(self):
        """In words, and whether they were met."""
        most = MOST_MB + MOST_MB_A_PIPELINE * self.pipelines
        return (f"below {most} MB: {'met' if self.rss_mb < most else 'missed'}, below {MOST_CPU:.1%}: "
                f"{'met' if self.cpu_of_a_core < MOST_CPU else 'missed'}")


def configuration(brokers, admin_port, port, count):
    return (TOP.format(brokers=brokers, admin_port=admin_port, port=port) +
            "".join(PIPELINE.format(number=number, count=count) for number in range(count)))


def status_of(text):
    """RSS, the anonymous part of it (both MB) and threads, out of /proc/PID/status."""
    def value(name):
        return int(re.search(rf"^{name}:\s+(\d+)", text, re.MULTILINE).group(1))

    return value("VmRSS") * 1024 / MB, value("RssAnon") * 1024 / MB, value("Threads")


def wake_ups(pid):
    """How often the threads that live now went to sleep, so far."""
    return sum(int(re.search(r"^voluntary_ctxt_switches:\s+(\d+)", file.read_text(), re.MULTILINE).group(1))
               for file in pathlib.Path(f"/proc/{pid}/task").glob("*/status"))


def used_by(pid):
    """Monotonic seconds, CPU seconds and wake-ups."""
    return time.monotonic(), cpu_seconds(pid), wake_ups(pid)


def measure(options, work_dir, broker, count):
    with Sink(options.programs / "bench_sink", 1) as sink:
        sluice = Member(options.programs / "sluice",
                        lambda port: configuration(broker.address, port, sink.port, count),
                        work_dir / f"idle-{count}")
        try:
            sluice.wait_until_ready()
            time.sleep(options.settle)
            rss, anonymous, threads = status_of(pathlib.Path(f"/proc/{sluice.pid}/status").read_text())
            before = used_by(sluice.pid)
            time.sleep(options.seconds)
            after = used_by(sluice.pid)
        finally:
            exit_code = sluice.stop()
        seconds, cpu, woken = (end - begin for begin, end in zip(before, after))
        return Result(count, rss, anonymous, threads, cpu / seconds, woken / seconds,
                      sink.stats()["requests"], exit_code)


HEADER = ["pipelines", "RSS MB", "of that anonymous", "threads", "CPU of a core", "wake-ups/s", "goals"]


def row(result):
    return [str(result.pipelines), f"{result.rss_mb:.1f}", f"{result.anonymous_mb:.1f}",
            str(result.threads), f"{result.cpu_of_a_core:.2%}", f"{result.wake_ups_per_second:.0f}",
            result.goals()]


def markdown(results, facts):
    return "\n".join([facts, "", "| " + " | ".join(HEADER) + " |", "|" + " --- |" * len(HEADER),
                      *("| " + " | ".join(row(result)) + " |" for result in results)])


def parse_arguments():
    parser = argparse.ArgumentParser(prog="scripts/bench idle", description=__doc__)
    parser.add_argument("--quick", action="store_true",
                        help="5 s of each: does it work, not how much")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE", help="write all figures")
    parser.add_argument("--write", action="store_true", help=f"put the table into {PAGE.name}")
    parser.add_argument("--programs", type=pathlib.Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--kafka", type=pathlib.Path, required=True, help=argparse.SUPPRESS)
    options = parser.parse_args()
    options.settle, options.seconds = (5, 5) if options.quick else (10, 30)
    return options


def measure_all(options, work_dir, broker):
    for number in range(max(COUNTS)):
        broker.create_topic(f"idle.{number}", 1)
        broker.create_topic(f"idle.{number}.dlq", 1)
    results = []
    for count in COUNTS:
        print(f"{count} {'pipeline' if count == 1 else 'pipelines'}", file=sys.stderr, flush=True)
        results.append(measure(options, work_dir, broker, count))
    return results


def publish(options, results, facts):
    print(report.aligned([HEADER] + [row(result) for result in results]))
    report.keep(options, "idle",
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
                f"Memory {options.settle} s after the start, then CPU over {options.seconds} s.")
        return [flaw for result in results for flaw in result.flaws()]

    return stage.run("idle", options.kafka, benchmark)


if __name__ == "__main__":
    sys.exit(main())
