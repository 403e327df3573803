"""One bash that lives from block to block, as a reader's terminal does."""
import os
import pathlib
import signal
import subprocess
import time

PATIENCE = 20  # seconds, for what is told to end


class Terminal:
    """Runs blocks in `folder`. What they start in the background ends with it."""

    def __init__(self, folder, environment):
        self._scratch = pathlib.Path(folder, ".blocks")
        self._scratch.mkdir()
        self._count = 0
        self._bash = subprocess.Popen(["bash", "--norc"], stdin=subprocess.PIPE, cwd=folder, text=True,
                                      env={**os.environ, **environment}, start_new_session=True)
        # What fails anywhere in a block is noted, but for what a condition asks.
        self._write(f"trap 'echo \"$?: $BASH_COMMAND\" >>{self._scratch}/failed' ERR; set -E -o pipefail\n")

    def run(self, text, seconds=120):
        """What it printed, and what failed in it: "STATUS: COMMAND" each."""
        self._count += 1
        block, output, done, failed = (self._scratch / name for name in (
            f"{self._count}.sh", f"{self._count}.out", f"{self._count}.done", "failed"))
        failed.write_text("")
        block.write_text(text)
        self._write(f"source {block} >{output} 2>&1; : >{done}\n")
        deadline = time.monotonic() + seconds
        while not done.exists():
            if self._bash.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{text}does not end; it printed:\n{output.read_text()}")
            time.sleep(0.02)  # nothing tells when a file appears
        return output.read_text(), [line for line in failed.read_text().splitlines() if "source /" not in line]

    def close(self):
        self._bash.stdin.close()
        deadline = time.monotonic() + PATIENCE
        self._signal(signal.SIGTERM)
        self._bash.wait(timeout=PATIENCE)
        while self._signal(0) and time.monotonic() < deadline:
            time.sleep(0.02)  # they are not our children
        self._signal(signal.SIGKILL)

    def _signal(self, number):
        """To all that were started here and live still; False: there is none."""
        try:
            os.killpg(self._bash.pid, number)
        except ProcessLookupError:
            return False
        return True

    def _write(self, text):
        self._bash.stdin.write(text)
        self._bash.stdin.flush()
