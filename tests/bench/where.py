"""Where each microsecond of a record goes: drains a topic of a real Kafka under perf, and divides
the processor's time by what it was spent on. scripts/bench where builds the programs and calls
this; docs/performance.md says what the figures mean."""
import argparse
import collections
import pathlib
import subprocess
import sys

import drain
import report
import stage
from bench import DEAD_LETTERS, PARTITIONS, TOPIC

PAGE = pathlib.Path(__file__).resolve().parents[2] / "docs" / "performance.md"
BEGIN = "<!-- where:begin (written by scripts/bench where --write) -->"
END = "<!-- where:end -->"
SAMPLES_PER_SECOND = 1500

READ = "reading: records out of librdkafka's queue, and freeing them"
HEADERS = "reading: the record's headers (`rd_kafka_message_headers`)"
COPY = "the one copy, into the body"
PROOF = "the proof that it is JSON (simdjson, then the outline)"
ID = "the batch id (xxHash)"
BATCH = "batches, strands, ledger, flow"
SIGN = "the signature (OpenSSL's SHA-256)"
SEND = "sending: libcurl"
SEND_KERNEL = "sending: the kernel's part (copy to the socket, wake-ups)"
OUTCOME = "answers, verdicts, commits, metrics"
FETCH = "fetching: librdkafka's threads (decode, queue)"
FETCH_KERNEL = "fetching: the kernel's part (copy from the socket, wake-ups)"
REST = "all else: start, stop, other threads"
ORDER = (FETCH_KERNEL, FETCH, READ, HEADERS, COPY, PROOF, ID, BATCH, SIGN, SEND, SEND_KERNEL, OUTCOME,
         REST)
# What these are called for is known, and their own code may hide its callers.
LIBRARIES = {"libcrypto": SIGN, "libsimdjson": PROOF, "libxxhash": ID, "libcurl": SEND}
# Elsewhere the innermost frame that is here decides.
FRAMES = {
    "rd_kafka_message_headers": HEADERS,
    "sluice::kafka::Consumer::poll": READ,
    "sluice::codec::Body::append": COPY,
    "sluice::codec::JsonCheck::": PROOF,
    "sluice::codec::outline_is_json": PROOF,
    "XXH3_": ID,
    "sluice::batch::record_print": ID,
    "sluice::batch::wide_print": ID,
    "sluice::batch::batch_id": ID,
    "sluice::auth::": SIGN,
    "sluice::http::": SEND,
    "sluice::deliver::": OUTCOME,
    "sluice::commit::Committer": OUTCOME,
    "sluice::pipeline::Session::commit": OUTCOME,
    "sluice::pipeline::Session::report": OUTCOME,
    "sluice::pipeline::Session::delivered": OUTCOME,
    "sluice::pipeline::Session::poll_records": BATCH,
    "sluice::pipeline::Session::start_batches": BATCH,
    "sluice::batch::": BATCH,
}


def part_of(thread, frames):
    """What a sample is about. `frames`: (function, library), the innermost first."""
    in_kernel = bool(frames) and frames[0][1].startswith("[kernel")
    if thread.startswith("rdk:"):
        return FETCH_KERNEL if in_kernel else FETCH
    for name, part in LIBRARIES.items():
        if frames and name in frames[0][1]:
            return part
    for function, _ in frames:
        for name, part in FRAMES.items():
            if function.startswith(name):
                return SEND_KERNEL if part == SEND and in_kernel else part
    return REST


def samples(script):
    """(thread, frames) of each sample in what `perf script -F comm,ip,sym,dso` writes."""
    for block in script.split("\n\n"):
        lines = block.strip("\n").splitlines()
        if not lines:
            continue
        frames = []
        for line in lines[1:]:
            _, function = line.strip().split(" ", 1)
            name, _, library = function.rpartition(" (")
            frames.append((name, library.rstrip(")")))
        yield lines[0].strip(), frames


def shares(script):
    """part -> its share of all samples."""
    counts = collections.Counter(part_of(thread, frames) for thread, frames in samples(script))
    return {part: counts[part] / counts.total() for part in ORDER if counts[part]}


def rows(divided, cpu_seconds_per_million):
    for part, share in divided.items():
        yield [part, f"{share * cpu_seconds_per_million:.2f}", f"{share:.0%}"]
    yield ["**all**", f"{cpu_seconds_per_million:.2f}", "100%"]


HEADER = ["", "µs a record", "share"]


def markdown(divided, cpu_seconds_per_million, facts):
    lines = [facts, "", "| " + " | ".join(HEADER) + " |", "| --- | --- | --- |"]
    lines += ["| " + " | ".join(row) + " |" for row in rows(divided, cpu_seconds_per_million)]
    return "\n".join(lines)


def under_perf(command, data):
    return lambda *arguments: ["perf", "record", "--quiet", "-e", "cpu-clock",
                               "-F", str(SAMPLES_PER_SECOND), "--call-graph", "dwarf,4096",
                               "-o", data, "--", *command(*arguments)]


def measure(options, work_dir, broker):
    """(shares, CPU-seconds per million of a run without perf, versions, what makes it worthless)"""
    setting = drain.Setting(options.programs, work_dir, broker.address, TOPIC, DEAD_LETTERS,
                            options.records, time_limit=120 + options.records / 10_000)
    broker.create_topic(TOPIC, PARTITIONS)
    broker.create_topic(DEAD_LETTERS, 1)
    subprocess.run([options.programs / "bench_fill", broker.address, TOPIC, str(PARTITIONS),
                    str(options.records)], check=True)
    stage.say("a run without perf, for what a record costs")
    plain = drain.drain(setting, "sluice", 1, "where-plain")
    stage.say("a run under perf, for where it goes")
    data = work_dir / "perf.data"
    with_perf = under_perf(drain.COMMANDS["sluice"], data)
    under = drain.drain(setting, "sluice", 2, "where-perf", with_perf)
    under.exit_code = 0  # perf's, which ends by the signal that ends Sluice
    script = subprocess.run(["perf", "script", "-i", data, "-F", "comm,ip,sym,dso"], check=True,
                            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                            errors="replace").stdout
    return (shares(script), plain.cpu_seconds_per_million, report.versions(options.programs, broker),
            plain.flaws() + under.flaws())


def parse_arguments():
    parser = argparse.ArgumentParser(prog="scripts/bench where", description=__doc__)
    parser.add_argument("--records", type=int, default=1_000_000, metavar="N", help="1000000")
    parser.add_argument("--write", action="store_true", help=f"put the table into {PAGE.name}")
    parser.add_argument("--programs", type=pathlib.Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--kafka", type=pathlib.Path, required=True, help=argparse.SUPPRESS)
    return parser.parse_args()


def main():
    options = parse_arguments()

    def benchmark(work_dir, broker):
        divided, cpu, versions, flaws = measure(options, work_dir, broker)
        print(report.aligned([HEADER] + list(rows(divided, cpu))))
        if options.write and not flaws:
            facts = f"{report.today()}, {report.machine()}. {versions}. {options.records:,} records."
            PAGE.write_text(report.replace_between_markers(
                PAGE.read_text(), markdown(divided, cpu, facts), BEGIN, END))
        return flaws

    return stage.run("where", options.kafka, benchmark)


if __name__ == "__main__":
    sys.exit(main())
