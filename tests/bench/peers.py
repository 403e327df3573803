"""Sluice and the floor beside other ways to carry a topic into an HTTP API, in the same run: a drain, and
what a SIGKILL costs. scripts/bench peers builds the programs and calls this; docs/performance.md says what
the figures mean."""
import argparse
import dataclasses
import functools
import pathlib
import subprocess
import sys

import bench
import drain
import draw_peers
import peer_programs
import peers_report
import report
import stage
from drain import Setting
from peer_kill import KillSetting, kill_trial

CHART = bench.PAGE.parent / peers_report.CHART
KILL_PER_SECOND = 5_000
KILL_LIMIT_SECONDS = 90
NAMES = (*drain.COMMANDS, *(peer.name for peer in peer_programs.PEERS))


@dataclasses.dataclass
class Client:
    """One line of the table."""
    name: str
    title: str
    command: object   # of a setting, a group and the sink's port
    survives: bool    # whether it is made to go on after a SIGKILL


def names(text):
    chosen = text.split(",")
    if unknown := set(chosen) - set(NAMES):
        raise argparse.ArgumentTypeError(f"no {', '.join(sorted(unknown))}; there are {', '.join(NAMES)}")
    return chosen


def parse_arguments():
    parser = argparse.ArgumentParser(prog="scripts/bench peers", description=__doc__)
    parser.add_argument("--records", type=int, default=None, metavar="N", help="1000000, of the drain")
    parser.add_argument("--kill-records", type=int, default=None, metavar="N",
                        help=f"200000, {KILL_PER_SECOND} a second, of the kill; 0 leaves it out")
    parser.add_argument("--runs", type=int, default=None, metavar="R", help="rounds; 3")
    parser.add_argument("--quick", action="store_true",
                        help=f"{bench.QUICK_RECORDS} records, one round: does it work, not how fast")
    parser.add_argument("--only", type=names, metavar="NAME,...", help=f"of {', '.join(NAMES)}")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE", help="write all figures")
    parser.add_argument("--write", action="store_true",
                        help=f"put the table into {bench.PAGE.name} and draw {CHART.name}")
    parser.add_argument("--programs", type=pathlib.Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--kafka", type=pathlib.Path, required=True, help=argparse.SUPPRESS)
    options = parser.parse_args()
    options.records = options.records or (bench.QUICK_RECORDS if options.quick else 1_000_000)
    if options.kill_records is None:
        options.kill_records = 50_000 if options.quick else 200_000
    options.runs = options.runs or (1 if options.quick else 3)
    if options.write and (options.only or not options.kill_records):
        parser.error("--write needs all clients and the kill: the table compares them")
    return options


def prepare(options):
    """(clients that can be measured, peers among them, name -> why not of the others)."""
    chosen = options.only or NAMES
    clients = [Client(name, report.NAMES[name], command, name == "sluice")
               for name, command in drain.COMMANDS.items() if name in chosen]
    cache = peer_programs.cache_folder()
    peers, left_out = peer_programs.build_all(
        [peer for peer in peer_programs.PEERS if peer.name in chosen], cache)
    for name, why in left_out.items():
        stage.say(f"left out: {name}: {why}")
    clients += [Client(peer.name, peer.title, functools.partial(peer.command, cache), True)
                for peer in peers]
    return clients, peers, left_out


def fill(options, broker):
    stage.say(f"filling {bench.TOPIC} with {options.records:,} records of {bench.RECORD_BYTES} bytes")
    broker.create_topic(bench.TOPIC, bench.PARTITIONS)
    broker.create_topic(bench.DEAD_LETTERS, 1)
    subprocess.run([options.programs / "bench_fill", broker.address, bench.TOPIC, str(bench.PARTITIONS),
                    str(options.records)], check=True)


def measure(options, work_dir, broker, clients):
    """(drains, kills). Each round another client goes first, since later ones find warmer caches."""
    setting = Setting(options.programs, work_dir, broker.address, bench.TOPIC, bench.DEAD_LETTERS,
                      options.records, time_limit=60 + options.records / 10_000)
    fill(options, broker)
    stage.say("warming the broker up with a run of each that does not count")
    for client in clients:
        drain.drain(setting, client.name, 0, f"warm-up-{client.name}", client.command)
    runs, kills = [], []
    for number in range(1, options.runs + 1):
        first = (number - 1) % len(clients)
        for client in clients[first:] + clients[:first]:
            stage.say(f"round {number}: {client.name}")
            group = f"peers-{client.name}-{number}"
            run = drain.drain(setting, client.name, number, group, client.command)
            run.committed = not client.survives or broker.committed_to_the_end(
                group, bench.TOPIC, bench.PARTITIONS)
            runs.append(run)
            if options.kill_records and client.survives:
                kills.append(kill(options, work_dir, broker, client, number))
    return runs, kills


def kill(options, work_dir, broker, client, number):
    topic = f"peers.kill.{client.name}.{number}"
    broker.create_topic(topic, bench.PARTITIONS)
    setting = KillSetting(options.programs, work_dir, broker.address, topic, bench.DEAD_LETTERS,
                          options.kill_records, KILL_LIMIT_SECONDS, bench.PARTITIONS, KILL_PER_SECOND)
    return kill_trial(setting, client.name, number, client.command)


def gather_facts(options, broker, peers):
    ours = report.versions(options.programs, broker)
    return {"date": report.today(), "machine": report.machine(), "records": options.records,
            "kill_records": options.kill_records, "kill_per_second": KILL_PER_SECOND,
            "versions": ", ".join(filter(None, (ours, peer_programs.runtimes(peers))))}


def publish(options, table, facts):
    print(facts["machine"])
    print(facts["versions"])
    print(table.text())
    report.keep(options, "peers", {**facts, **table.figures()})
    if options.write and not table.flaws():
        bench.PAGE.write_text(report.replace_between_markers(
            bench.PAGE.read_text(), table.markdown(facts), peers_report.BEGIN, peers_report.END))
        CHART.write_text(draw_peers.chart(table.bars()))


def main():
    options = parse_arguments()
    clients, peers, left_out = prepare(options)
    if not clients:
        return 1

    def benchmark(work_dir, broker):
        runs, kills = measure(options, work_dir, broker, clients)
        table = peers_report.Table({client.name: client.title for client in clients}, runs, kills, left_out)
        publish(options, table, gather_facts(options, broker, peers))
        return table.flaws()

    return stage.run("peers", options.kafka, benchmark)


if __name__ == "__main__":
    sys.exit(main())
