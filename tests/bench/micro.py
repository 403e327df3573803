"""Measures the pure parts of a record's way in one thread, with nothing around them: no Kafka, no
network. scripts/bench micro builds the program and calls this; docs/performance.md says what the
figures mean."""
import argparse
import json
import pathlib
import subprocess
import sys

import report

PAGE = pathlib.Path(__file__).resolve().parents[2] / "docs" / "performance.md"
BEGIN = "<!-- micro:begin (written by scripts/bench micro --write) -->"
END = "<!-- micro:end -->"
REPETITIONS = 5
# In the order of the table. Those of a request are for one request.
WORDS = {
    "hot_path/order_partition": "the whole way from the consumer to the commit point, without requests",
    "hot_path/order_key": "the same with `order: key`",
    "hot_path/ndjson": "the same with `body: ndjson`",
    "hot_path/path_of_a_header": "the same with a header's value in the path",
    "hot_path/group_by_a_value": "the same with `group_by` a JSON Pointer",
    "hot_path/schema": "the same with a schema (`config/schemas/deposit.json`)",
    "hot_path_and_requests": "the whole way with signed requests, up to the HTTP client",
    "json_check/100": "proof that 100 bytes are JSON",
    "json_check/780": "of 780 bytes",
    "json_check/10000": "of 10 KB",
    "json_check/1048576": "of 1 MiB",
    "body_join": "copy into the body",
    "ledger": "ledger: noted and done, 4,000 under way",
    "route/path_of_a_header": "path out of a header",
    "route/group_by_a_value": "group out of a value in the record",
    "schema_check": "schema",
    "compress/gzip": "gzip of a body of 500 records",
    "compress/zstd": "zstd of the same",
    "hmac_of_a_batch": "signature of the same (HMAC-SHA256)",
    "request_of_a_batch": "its request, with batch id and signature",
    "results_of_a_batch": "an answer with a result for each of 500 records",
    "hkdf_key": "a signing key (HKDF), once for each credential",
    "rate_budget": "a rate budget, for each request",
    "target_gate": "the gate of a target, for each request",
}


def run(program, words, repetitions):
    """{name: its figures}, medians of the repetitions."""
    done = subprocess.run(
        [program, f"--benchmark_filter={words}", "--benchmark_format=json",
         f"--benchmark_repetitions={repetitions}", "--benchmark_report_aggregates_only=true",
         "--benchmark_enable_random_interleaving=true"],
        check=True, stdout=subprocess.PIPE, text=True)
    return {each["run_name"]: each for each in json.loads(done.stdout)["benchmarks"]
            if each["aggregate_name"] == "median"}


def time_of(seconds):
    for unit, factor in (("s", 1), ("ms", 1e3), ("µs", 1e6)):
        if seconds * factor >= 1:
            return f"{seconds * factor:.3g} {unit}"
    return f"{seconds * 1e9:.3g} ns"


def rows(measured):
    for name, words in WORDS.items():
        if name not in measured:
            continue
        items = measured[name]["items_per_second"]
        bytes_ = measured[name].get("bytes_per_second")
        yield [words, time_of(1 / items), f"{float(f'{items:.3g}'):,.0f}",
               f"{bytes_ / 1e6:,.0f}" if bytes_ else ""]


HEADER = ["", "time a record", "records/s", "MB/s"]


def markdown(measured, facts):
    lines = [f"{facts}. One thread, records of 780 bytes with a key and two headers, medians of "
             f"{REPETITIONS} runs.", "", "| " + " | ".join(HEADER) + " |",
             "| --- | --- | --- | --- |"]
    lines += ["| " + " | ".join(row) + " |" for row in rows(measured)]
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(prog="scripts/bench micro", description=__doc__)
    parser.add_argument("filter", nargs="?", default=".", help="a part of the names, as a regular "
                        "expression: json_check, hot_path/order; all")
    parser.add_argument("--write", action="store_true", help=f"put the table into {PAGE.name}")
    parser.add_argument("--programs", type=pathlib.Path, required=True, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.write and options.filter != ".":
        parser.error("--write needs all: the table is one")
    measured = run(options.programs / "bench_micro", options.filter, REPETITIONS)
    if not measured:
        parser.error(f"nothing is called so; there are: {', '.join(WORDS)}")
    print(report.aligned([HEADER] + list(rows(measured))))
    if options.write:
        facts = f"{report.today()}, {report.machine()}"
        PAGE.write_text(report.replace_between_markers(PAGE.read_text(), markdown(measured, facts),
                                                       BEGIN, END))
    return 0


if __name__ == "__main__":
    sys.exit(main())
