"""What scripts/bench costs measures: the cases, their topics and their configurations."""
import dataclasses
import math
import pathlib

SCHEMA = pathlib.Path(__file__).resolve().parents[2] / "config" / "schemas" / "deposit.json"
DEAD_LETTERS = "costs.dlq"
MIB = 1 << 20


@dataclasses.dataclass(frozen=True)
class Topic:
    """What is drained: `topics` Kafka topics of this shape, the records divided among them."""
    partitions: int = 8  # of each
    records: int = 300_000  # of all
    record_bytes: int = 780
    keys: int = 0  # 0: a million users, in any partition
    topics: int = 1

    def smaller(self, factor):
        """For a trial: fewer records, the same for each topic."""
        records = max(math.ceil(self.records / factor / self.topics), 20) * self.topics
        return dataclasses.replace(self, records=records)


@dataclasses.dataclass(frozen=True)
class Case:
    """One line of a table. `pipeline` and `target` are what its configuration says more."""
    name: str
    topic: Topic = Topic()
    workers: int = 1
    pipelines: int = 1
    bad_every: int = 0  # one record in so many is refused by the sink; 0: none
    pipeline: dict = dataclasses.field(default_factory=dict)
    target: dict = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True)
class Table:
    """Cases of which one is `plain`: the others are divided by it, round by round."""
    title: str
    plain: str
    cases: list

    def in_turn(self, number):
        """The order of a round: each case goes first, in the middle and last in its turn."""
        shift = number % len(self.cases)
        return self.cases[shift:] + self.cases[:shift]


def batches(count):
    """Of `count` records of 780 bytes."""
    return {"batch": {"max_records": count, "max_bytes": f"{max(1, math.ceil(count * 800 / MIB))}MiB"}}


SMALL = Topic(records=60_000)
MANY = Topic(partitions=1, topics=10)  # the same for each number of pipelines
KEYED = Topic(keys=10_000)
TABLES = {
    "partitions": Table("Partitions", "8", [
        Case(str(count), Topic(partitions=count)) for count in (1, 2, 4, 8)]),
    "workers": Table("Workers (8 partitions)", "1", [
        Case(str(count), workers=count) for count in (1, 2, 4)]),
    "pipelines": Table("Pipelines (10 topics of one partition, divided among them)", "1", [
        Case(str(count), MANY, pipelines=count) for count in (1, 2, 5, 10)]),
    "sizes": Table("Size of a record (requests of 500 records or 1 MiB)", "780 B", [
        Case("100 B", Topic(record_bytes=100, records=1_000_000)),
        Case("780 B"),
        Case("10 KB", Topic(record_bytes=10_000, records=40_000)),
        Case("100 KB", Topic(record_bytes=100_000, records=4_000)),
        Case("1 MB", Topic(record_bytes=1_000_000, records=400))]),
    "batches": Table("Records of a request (`batch.max_records`)", "500", [
        Case("1", SMALL, pipeline=batches(1)), Case("10", pipeline=batches(10)),
        Case("100", pipeline=batches(100)), Case("500", pipeline=batches(500)),
        Case("5000", pipeline=batches(5000))]),
    "order": Table("Order (10,000 keys)", "none", [
        Case(order, KEYED, pipeline={"order": order}) for order in ("none", "key", "partition")]),
    "prices": Table("What else a pipeline does", "plain", [
        Case("plain"),
        Case("`dead_letter: none`", pipeline={"dead_letter": "none"}),
        Case("`body: ndjson`", pipeline={"body": "ndjson"}),
        Case("a header of `{topic}` and `{partition}`", target={"headers": {"X-From": "{topic}-{partition}"}}),
        Case("a path with `{topic}`", pipeline={"path": "/events/{topic}"}),
        Case("a path with `{/currency}`", pipeline={"path": "/events/{/currency}"}),
        Case("`group_by: /metadata/device`", pipeline={"group_by": "/metadata/device"}),
        Case("`schema` (`config/schemas/deposit.json`)", pipeline={"schema": str(SCHEMA)}),
        Case("`compression: gzip`", target={"compression": "gzip"}),
        Case("`compression: zstd`", target={"compression": "zstd"}),
        Case("one bad record in 10,000", bad_every=10_000),
        Case("one bad record in 1,000", bad_every=1_000)]),
}


def scaled(tables, factor):
    return {name: dataclasses.replace(table, cases=[
        dataclasses.replace(case, topic=case.topic.smaller(factor)) for case in table.cases])
            for name, table in tables.items()}


def bad_ids(case):
    """The records that the sink refuses; sink.cc has the same rule."""
    every = case.bad_every
    if not every:
        return []
    blocks = range(math.ceil(case.topic.records / every))
    numbers = (block * every + block * 7919 % every for block in blocks)
    return [f"evt_{number:09}" for number in numbers if number < case.topic.records]


def configuration(case, brokers, port, topics, group):
    """As Sluice reads it: JSON is YAML. What a user would write, everything else at its default."""
    share = math.ceil(len(topics) / case.pipelines)
    plain = {"target": "sink", "path": "/events/deposit", "workers": case.workers,
             "batch": {"max_records": 500}, "dead_letter": {"topic": DEAD_LETTERS}}
    return {
        "kafka": {"brokers": [brokers]},
        "admin": {"listen": "127.0.0.1:0"},
        "log": {"level": "warn"},
        "targets": {"sink": {
            "base_url": f"http://127.0.0.1:{port}",
            "auth": {"type": "hkdf_hmac", "token": "bench-token", "account_id": "bench-account",
                     "workspace_id": "bench-workspace"},
            **case.target}},
        "pipelines": {
            f"deposits-{number}": {"topics": topics[number * share:(number + 1) * share],
                                   "group": f"{group}-{number}", **plain, **case.pipeline}
            for number in range(case.pipelines)}}
