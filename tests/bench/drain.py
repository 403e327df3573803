"""One measured run: a sink, a client that drains the topic into it, and what both used."""
import dataclasses
import json
import os
import pathlib
import select
import signal
import subprocess
import time
import urllib.request

from configuration import deposits

STOP_SECONDS = 40


@dataclasses.dataclass
class Setting:
    """What all runs of one benchmark share."""
    programs: pathlib.Path
    work_dir: pathlib.Path
    brokers: str
    topic: str
    dead_letters: str
    records: int
    time_limit: float


@dataclasses.dataclass
class Run:
    """The figures of one client in one round."""
    client: str
    round: int
    records_per_second: float
    cpu_seconds_per_million: float
    peak_rss_mib: float
    seconds: float
    seconds_to_first_request: float
    requests: int
    missing: int
    repeated: int
    unknown: int
    exit_code: int
    committed: bool = True

    def flaws(self):
        """What makes the run worthless, in words; empty if nothing does."""
        found = [f"{count} records {word}" for count, word in
                 ((self.missing, "missing"), (self.repeated, "repeated"),
                  (self.unknown, "unknown")) if count]
        if self.exit_code != 0:
            found.append(f"exit code {self.exit_code}")
        if not self.committed:
            found.append("committed offsets are not the end offsets")
        return found


class Sink:
    """A bench_sink of its own, so that no run sees another's counts."""

    def __init__(self, program, records, answer_ms=0, bad_every=0):
        self._process = subprocess.Popen([program, str(records), str(answer_ms), f"--bad-every={bad_every}"],
                                         stdout=subprocess.PIPE)
        self.port = int(self._process.stdout.readline())

    def events(self):
        """Readable once every record has arrived."""
        return self._process.stdout

    def stats(self):
        return self._get("/stats")

    def latencies(self):
        """Of stamped records, in the order of their ids: microseconds, or None."""
        return self._get("/latencies")

    def close(self):
        self._process.kill()
        self._process.wait()
        self._process.stdout.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def _get(self, path):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:
            return json.load(answer)


def floor_command(setting, group, port):
    return [setting.programs / "bench_floor", setting.brokers, setting.topic, group,
            f"http://127.0.0.1:{port}/events/deposit", str(setting.records)]


def sluice_command(setting, group, port):
    file = setting.work_dir / f"{group}.yaml"
    file.write_text(deposits(setting.brokers, port, setting.topic, group, setting.dead_letters))
    return [setting.programs / "sluice", "run", file, "--allow-literal-secrets"]


COMMANDS = {"floor": floor_command, "sluice": sluice_command}


def warm_up(setting, client, broker, most):
    """Drains that do not count, until the broker needed no more than a twentieth of a core for compiling
    itself in three in a row, at most so many. A young one takes a third of a core from the client: most
    of all for the code of commits, of which the floor makes none."""
    quiet = 0
    for number in range(most):
        compiled, began = broker.compiler_seconds(), time.monotonic()
        drain(setting, client, 0, f"warm-up-{client}-{number}")
        busy = (broker.compiler_seconds() - compiled) / (time.monotonic() - began)
        quiet = quiet + 1 if busy < 0.05 else 0
        if quiet == 3:
            return


def drain(setting, client, round_number, group, command=None):
    """Runs `client` (by `command`, if it is not to be run as usual) as `group` until the sink has
    every record, then until it has left."""
    command = command or COMMANDS[client]
    with Sink(setting.programs / "bench_sink", setting.records) as sink, \
            open(setting.work_dir / f"{group}.log", "wb") as log:
        started = time.monotonic_ns()
        process = subprocess.Popen(command(setting, group, sink.port),
                                   stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            complete = wait_for_records(process.pid, sink, setting.time_limit)
            if client != "floor" or not complete:
                os.kill(process.pid, signal.SIGTERM)  # not Popen's, which may reap it unmeasured
        finally:
            exit_code, usage = reap(process)
        stats = sink.stats()
    return figures(setting, client, round_number, started, exit_code, usage, stats)


def wait_for_records(pid, sink, seconds):
    """True when all records arrived; False when the client left before, or in time did not."""
    client = os.pidfd_open(pid)
    try:
        ready, _, _ = select.select([sink.events(), client], [], [], seconds)
        return sink.events() in ready
    finally:
        os.close(client)


def reap(process):
    """Exit code and resource usage, which only wait4 tells. Kills what does not leave by itself."""
    client = os.pidfd_open(process.pid)
    try:
        if not select.select([client], [], [], STOP_SECONDS)[0]:
            signal.pidfd_send_signal(client, signal.SIGKILL)
    finally:
        os.close(client)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return process.returncode, usage


def figures(setting, client, round_number, started, exit_code, usage, stats):
    seconds = max(stats["last_ns"] - stats["first_ns"], 1) / 1e9
    return Run(
        client=client,
        round=round_number,
        records_per_second=stats["records"] / seconds,
        cpu_seconds_per_million=(usage.ru_utime + usage.ru_stime) * 1e6 / setting.records,
        # Never below this script's own: a child's figure begins with its parent's (about 20 MiB).
        peak_rss_mib=usage.ru_maxrss / 1024,
        seconds=seconds,
        seconds_to_first_request=(stats["first_ns"] - started) / 1e9,
        requests=stats["requests"],
        missing=setting.records - stats["unique"],
        repeated=stats["repeated"],
        unknown=stats["unknown"],
        exit_code=exit_code,
    )
