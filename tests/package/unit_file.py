"""What systemd's own tools say of the unit, without a systemd that runs."""
import re
import subprocess


def verified(path):
    """Nothing, or what is wrong with it."""
    done = subprocess.run(["systemd-analyze", "verify", "--man=no", path], capture_output=True, text=True)
    return (done.stdout + done.stderr).strip()


def exposure(path):
    """0 to 10, as `systemd-analyze security` counts."""
    done = subprocess.run(["systemd-analyze", "security", "--offline=true", "--no-pager", path],
                          capture_output=True, text=True)
    return float(re.search(r"Overall exposure level for \S+: ([\d.]+)", done.stdout)[1])


def calls_of(group):
    """The system calls in a group of systemd's, and in those that it holds."""
    done = subprocess.run(["systemd-analyze", "syscall-filter", "--no-pager", group],
                          capture_output=True, text=True, check=True)
    calls = set()
    for line in done.stdout.splitlines()[1:]:
        word = line.strip()
        if word.startswith("@"):
            calls |= calls_of(word)
        elif word and not word.startswith("#"):
            calls.add(word)
    return calls


def allowed_calls(text):
    """What SystemCallFilter= lines leave."""
    allowed = set()
    for line in re.findall(r"^SystemCallFilter=(.*)$", text, re.M):
        groups = line.lstrip("~").split()
        named = set().union(*(calls_of(group) if group[0] == "@" else {group} for group in groups))
        allowed = allowed - named if line[0] == "~" else allowed | named
    return allowed


def calls_made(command, **options):
    """The exit code, and all system calls of the command and what it starts."""
    done = subprocess.run(["strace", "-f", "-qq", "-c", "-o", "|cat >&2", *command], capture_output=True,
                          text=True, **options)
    return done.returncode, {line.split()[-1] for line in done.stderr.splitlines()
                             if re.match(r"\s*[\d.]+\s+[\d.]+\s+\d+\s+\d+", line)} - {"total"}


def overview(path):
    """Each point of `systemd-analyze security` with what it says of it."""
    done = subprocess.run(["systemd-analyze", "security", "--offline=true", "--no-pager", path],
                          capture_output=True, text=True)
    return {words[1].rstrip(":"): line for line in done.stdout.splitlines()
            if len(words := line.split()) > 2 and words[0] in "✓✗→"}
