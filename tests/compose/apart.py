"""apart.py MODULE: runs a module of tests in name spaces of its own for network, mounts and processes: every
port is free there, no mount is seen elsewhere, and with the tests all that they started ends.

Where there can be none (it takes root, and a root that is a mount, which a chroot's is not) nothing is run, and
the exit code is 77.
"""
import os
import shutil
import subprocess
import sys
import tempfile

APART = ["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]

probe = shutil.which("unshare") and subprocess.run([*APART, "true"], capture_output=True, text=True)
if not probe or probe.returncode:
    print("skipped:", probe.stderr.strip() if probe else "there is no unshare")
    sys.exit(77)
# What is mounted in it has gone with the name space before it is removed.
with tempfile.TemporaryDirectory() as folder:
    done = subprocess.run([*APART, sys.executable, "-B", "-m", "unittest", *sys.argv[1:]],
                          env={**os.environ, "TMPDIR": folder})
sys.exit(done.returncode)
