"""One run of the fault figures: records that come steadily, Sluice that carries them, something
that goes wrong on the way, and where every record ended."""
import dataclasses
import datetime
import json
import math
import pathlib
import re
import signal
import subprocess
import time
import urllib.error
import urllib.request

from broker import free_ports
from fault_api import FaultApi

CONFIGURATION = """\
kafka: {{brokers: ["{brokers}"]}}
admin: {{listen: "127.0.0.1:{admin_port}"}}
log: {{format: json}}
{top}
targets:
  api:
    base_url: "http://127.0.0.1:{api_port}"
    auth: {{type: hkdf_hmac, token: fault-token, account_id: account, workspace_id: workspace}}
    {target}
pipelines:
  deposits:
    topics: ["{topic}"]
    group: "{topic}"
    target: api
    path: /events/deposit
    dead_letter: {{topic: "{topic}.dlq"}}
"""
LATE_SECONDS = 1.0  # a record taken later than this after it was due is part of the backlog
START_SECONDS = 60
ARRIVE_SECONDS = 90
STOP_SECONDS = 40


@dataclasses.dataclass(frozen=True)
class Setting:
    """What all runs share."""
    programs: pathlib.Path
    work_dir: pathlib.Path
    partitions: int
    records: int
    per_second: int
    before_seconds: float  # from the first record to the fault
    fault_seconds: float


@dataclasses.dataclass(frozen=True)
class Figures:
    """What one run came to."""
    fault: str
    fault_seconds: float
    lost: int
    dead_letters: int
    unknown: int
    repeated: int
    repeated_requests: int
    requests_into_fault: int
    caught_up_seconds: float
    wait_seconds: float  # until the breaker would ask next, at the moment of healing
    p50_ms: float
    p99_ms: float
    peak_rss_mib: float
    committed: bool
    exit_codes: tuple


class Member:
    """A `sluice run` of its own."""

    def __init__(self, program, configuration, file):
        self._admin_port = free_ports(1)[0]
        file.with_suffix(".yaml").write_text(configuration(self._admin_port))
        self.log = file.with_suffix(".log")
        with open(self.log, "wb") as log:
            self._process = subprocess.Popen(
                [program, "run", file.with_suffix(".yaml"), "--allow-literal-secrets"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.pid = self._process.pid
        self.peak_rss_mib = 0.0

    def wait_until_ready(self):
        deadline = time.monotonic() + START_SECONDS
        while not self._is_ready():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"sluice is not ready; see {self.log}")
            time.sleep(0.05)

    def kill(self):
        self._note_memory()
        self._process.kill()
        self._process.wait()

    def stop(self):
        """The exit code; kills what does not leave in time."""
        self._note_memory()
        self._process.send_signal(signal.SIGTERM)
        try:
            return self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            return self._process.returncode

    def running(self):
        return self._process.poll() is None

    def _is_ready(self):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self._admin_port}/readyz", timeout=5):
                return True
        except (urllib.error.URLError, OSError):
            return False

    def _note_memory(self):
        try:
            status = pathlib.Path(f"/proc/{self._process.pid}/status").read_text()
        except FileNotFoundError:
            return
        peak = re.search(r"VmHWM:\s+(\d+) kB", status)
        if peak:
            self.peak_rss_mib = int(peak.group(1)) / 1024


class Trial:
    """What a scenario's event can act upon: `broker`, `api`, and the members."""

    def __init__(self, setting, broker, name, top, target, poison):
        self.setting = setting
        self.broker = broker
        self._name = name
        self._topic = f"faults.{name}"
        self._top = top
        self._target = target
        self._poison = poison
        self._members = []
        self._exit_codes = []
        self._producer = None
        broker.create_topic(self._topic, setting.partitions)
        broker.create_topic(f"{self._topic}.dlq", 1)
        self.api = FaultApi(setting.records, poison)

    def start_member(self):
        def configuration(admin_port):
            return CONFIGURATION.format(brokers=self.broker.address, admin_port=admin_port,
                                        api_port=self.api.port, topic=self._topic, top=self._top,
                                        target=self._target)
        file = self.setting.work_dir / f"{self._name}-{len(self._members)}"
        member = Member(self.setting.programs / "sluice", configuration, file)
        self._members.append(member)
        return member

    def stop_member(self, member):
        self._exit_codes.append(member.stop())

    def kill_and_restart(self):
        self._members[-1].kill()
        self.start_member()

    def run(self, event):
        """Does `event` under load, and waits until every record has arrived. The event returns the
        monotonic second since when nothing is wrong any more."""
        self.start_member().wait_until_ready()
        start_ns = self._start_producing()
        sleep_until(start_ns / 1e9 + self.setting.before_seconds)
        began = time.monotonic()
        healed = event(self)
        wait_seconds = self._wait_after(healed)
        self._wait_until_arrived()
        for member in self._members:
            if member.running():
                self.stop_member(member)
        return self._figures(start_ns, began, healed, wait_seconds)

    def close(self):
        for member in self._members:
            if member.running():
                member.kill()
        if self._producer:
            self._producer.kill()
            self._producer.wait()
            self._producer.stdout.close()
        self.api.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def _start_producing(self):
        setting = self.setting
        with open(setting.work_dir / f"{self._name}-producer.log", "wb") as log:
            self._producer = subprocess.Popen(
                [setting.programs / "bench_fill", self.broker.address, self._topic,
                 str(setting.partitions), str(setting.records), str(setting.per_second)],
                stdout=subprocess.PIPE, stderr=log, text=True)
        return int(self._producer.stdout.readline())

    def _wait_until_arrived(self):
        """Or until that takes too long, which the figures will tell."""
        if self._producer.wait(ARRIVE_SECONDS) != 0:
            raise RuntimeError(f"the producer failed; see {self._name}-producer.log")
        deadline = time.monotonic() + ARRIVE_SECONDS
        while (self.api.taken() < self.setting.records - len(self._poison)
               and time.monotonic() < deadline):
            time.sleep(0.02)

    def _wait_after(self, healed):
        """How long after `healed` (monotonic) the breaker's next probe was due; the member's log
        has its last word on that."""
        lines = self._members[0].log.read_text().splitlines()
        return max(0.0, next_probe(lines) - (time.time() - (time.monotonic() - healed)))

    def _figures(self, start_ns, began, healed, wait_seconds):
        counts = self.api.counts()
        first_ns = self.api.first_ns()
        dead = {int(number) for number in
                re.findall(r'"event_id":"evt_(\d{9})"', self.broker.values(f"{self._topic}.dlq"))}
        interval_ns = 1e9 / self.setting.per_second
        late = lateness(first_ns, start_ns, interval_ns)
        return Figures(
            fault=self._name,
            fault_seconds=max(0.0, healed - began),
            lost=sum(not at and number not in dead for number, at in enumerate(first_ns)),
            dead_letters=len(dead),
            unknown=counts["unknown"],
            repeated=counts["repeated"],
            repeated_requests=counts["requests_with_repeats"],
            requests_into_fault=counts["into_fault"] + counts["refused"],
            caught_up_seconds=caught_up(first_ns, late, healed),
            wait_seconds=wait_seconds,
            p50_ms=percentile(late, 0.50) * 1000,
            p99_ms=percentile(late, 0.99) * 1000,
            peak_rss_mib=max(member.peak_rss_mib for member in self._members),
            committed=self.broker.committed_to_the_end(self._topic, self._topic,
                                                       self.setting.partitions),
            exit_codes=tuple(self._exit_codes),
        )


def sleep_until(second):
    time.sleep(max(0.0, second - time.monotonic()))


def next_probe(log_lines):
    """When the breaker said it would ask next, in Unix time; 0 where it is not open."""
    due = 0.0
    for line in log_lines:
        event = json.loads(line)
        if event["event"] == "breaker_opened":
            opened = datetime.datetime.fromisoformat(event["time"].replace("Z", "+00:00"))
            due = opened.timestamp() + event["next_probe_ms"] / 1000
        elif event["event"] == "breaker_closed":
            due = 0.0
    return due


def lateness(first_ns, start_ns, interval_ns):
    """Of each record that was taken: seconds from when it was due to when it was taken."""
    return {number: (at - start_ns - number * interval_ns) / 1e9
            for number, at in enumerate(first_ns) if at}


def caught_up(first_ns, late, healed):
    """Seconds from `healed` until the last record was taken that had to wait."""
    waited = [first_ns[number] / 1e9 for number, seconds in late.items() if seconds > LATE_SECONDS]
    return max([at - healed for at in waited] + [0.0])


def percentile(late, share):
    ordered = sorted(late.values())
    return ordered[math.ceil(share * len(ordered)) - 1] if ordered else math.nan
