"""A backlog that takes minutes: whether rate and memory are the same from its beginning to its end."""
import os
import pathlib
import time

from cost_cases import Case, Topic

RECORDS = 10_000_000
LEAST_RECORDS_PER_SECOND = 5_000
EVERY_SECONDS = 0.2
PAGE = os.sysconf("SC_PAGE_SIZE")
TICK = os.sysconf("SC_CLK_TCK")


def sample(pid, sink):
    """[seconds, records, resident MiB, CPU seconds]; None once the process is gone."""
    try:
        resident = int(pathlib.Path(f"/proc/{pid}/statm").read_text().split()[1])
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (OSError, IndexError):
        return None
    if fields[0] == "Z":
        return None
    cpu = (int(fields[11]) + int(fields[12])) / TICK
    return [time.monotonic(), sink.stats()["unique"], resident * PAGE / 2**20, cpu]


def measure(bench, records):
    """Samples from the first record on, at times since then."""
    samples = []

    def watch(pid, sink):
        deadline = time.monotonic() + 60 + records / LEAST_RECORDS_PER_SECOND
        while time.monotonic() < deadline and (seen := sample(pid, sink)):
            samples.append(seen)
            if seen[1] >= records:
                return True
            time.sleep(EVERY_SECONDS)
        return False

    bench.run(Case("backlog", Topic(records=records)), 0, "backlog", watch)
    return since_first_record(samples)


def since_first_record(samples):
    """The last sample without a record is where time begins."""
    begun = max((at for at, each in enumerate(samples) if each[1] == 0), default=0)
    start = samples[begun][0]
    return [[seconds - start, *rest] for seconds, *rest in samples[begun:]]


def at(samples, records):
    """[seconds, CPU seconds] when so many had arrived, on the straight line between two samples."""
    for before, after in zip(samples, samples[1:]):
        if before[1] <= records <= after[1] and after[1] > before[1]:
            part = (records - before[1]) / (after[1] - before[1])
            return [before[i] + part * (after[i] - before[i]) for i in (0, 3)]
    raise RuntimeError(f"too fast to be measured: no samples around {records} records")


def tenths(samples):
    """Of each tenth of the records: records/s, CPU-seconds per million, most resident MiB."""
    total = samples[-1][1]
    marks = [at(samples, total * number / 10) for number in range(11)]
    rows = []
    for (begin, begin_cpu), (end, end_cpu) in zip(marks, marks[1:]):
        resident = [each[2] for each in samples if begin <= each[0] <= end]
        rows.append({"records_per_second": total / 10 / (end - begin),
                     "cpu_seconds_per_million": (end_cpu - begin_cpu) * 1e7 / total,
                     "rss_mib": max(resident) if resident else None})
    return rows
