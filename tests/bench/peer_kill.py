"""What a SIGKILL costs: records come steadily, the client is killed in the middle and started again at
once, as a supervisor would, and where every record ended."""
import dataclasses
import os
import signal
import subprocess
import time

from drain import Setting, Sink, reap

KILL_AFTER = 0.4     # of the records
SETTLE_SECONDS = 0.3  # what the dead client had written is read by then
START_SECONDS = 60   # until KILL_AFTER, beyond the time the records take to come


@dataclasses.dataclass
class KillSetting(Setting):
    """Of a topic that is empty yet; `time_limit` is from the restart until all must have arrived."""
    partitions: int
    per_second: int


@dataclasses.dataclass(frozen=True)
class KillRun:
    """What one kill came to."""
    client: str
    round: int
    lost: int
    repeated: int
    seconds_to_flow: float | None  # from the restart to the first request; None: never


def kill_trial(setting, client, round_number, command):
    """`command` gives the client's argv for the setting, a group and the sink's port."""
    group = f"kill-{client}-{round_number}"
    with Sink(setting.programs / "bench_sink", setting.records) as sink, \
            open(setting.work_dir / f"{group}.log", "wb") as log:
        processes = [produce(setting, log)]
        try:
            processes.append(launch(command(setting, group, sink.port), log))
            wait_until(lambda: sink.stats()["unique"] >= KILL_AFTER * setting.records,
                       START_SECONDS + KILL_AFTER * setting.records / setting.per_second)
            kill(processes[-1])
            time.sleep(SETTLE_SECONDS)
            requests = sink.stats()["requests"]
            restarted = time.monotonic()
            processes.append(launch(command(setting, group, sink.port), log))
            last = processes[-1]
            flows = wait_until(lambda: sink.stats()["requests"] > requests, setting.time_limit, last)
            seconds = time.monotonic() - restarted if flows else None
            wait_until(lambda: sink.stats()["unique"] >= setting.records,
                       setting.time_limit - (time.monotonic() - restarted), last)
            time.sleep(SETTLE_SECONDS)  # what arrives once more comes last
            stop(last)
        finally:
            for process in processes:
                kill(process)
        stats = sink.stats()
    return KillRun(client, round_number, setting.records - stats["unique"], stats["repeated"], seconds)


def produce(setting, log):
    return subprocess.Popen(
        [setting.programs / "bench_fill", setting.brokers, setting.topic, str(setting.partitions),
         str(setting.records), str(setting.per_second)], stdin=subprocess.DEVNULL, stdout=log, stderr=log)


def launch(command, log):
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)


def kill(process):
    if process.returncode is None:
        process.kill()
        process.wait()


def stop(process):
    if process.poll() is None:
        os.kill(process.pid, signal.SIGTERM)
        reap(process)


def wait_until(reached, seconds, client=None):
    """False when it takes longer, or `client` has ended without it."""
    deadline = time.monotonic() + seconds
    while not reached():
        if time.monotonic() > deadline or (client and client.poll() is not None):
            return reached()
        time.sleep(0.02)  # nothing tells when the sink has counted so many
    return True
