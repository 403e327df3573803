"""What a benchmark on a real Kafka stands on, and how it ends."""
import pathlib
import shutil
import sys
import tempfile

from broker import Broker


def say(line):
    print(line, file=sys.stderr, flush=True)


def run(name, kafka, benchmark):
    """`benchmark(work_dir, broker)` measures, says what it found, and returns in words what makes it
    worthless: none where it is a result. The exit code; the folder with all logs stays only where
    there is no result."""
    work_dir = pathlib.Path(tempfile.mkdtemp(prefix=f"sluice-{name}."))
    broker = None
    flaws = ["it did not come to its end"]
    try:
        broker = Broker(kafka, work_dir)
        flaws = benchmark(work_dir, broker)
    finally:
        if broker:
            broker.stop()
        if flaws:
            say(f"no result: {'; '.join(flaws)}; what was said is in {work_dir}")
        else:
            shutil.rmtree(work_dir)
    return 1 if flaws else 0
