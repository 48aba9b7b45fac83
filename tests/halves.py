"""`make test`: all tests; the short storm alone, then the others in two processes at a time.

Those that bring up whole stacks wait much and compute little, the others the other way round; on
two cores both together take not much longer than either. Only the storm is for itself: how soon it
is put right what a death leaves behind is measured there, by the clock. What the second process has
to say is printed when the first is done. Both write to memory where there is enough of it: what a
test wrote need not outlast the machine. The exit code is 0 if all passed.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

STORM = "tests/chaos/test_storm.py"
STACKS = ("tests/chaos", "tests/demo", "tests/flows")
PYTEST = (sys.executable, "-m", "pytest", "-q")
MEMORY, ENOUGH = Path("/dev/shm"), 4 << 30
"""A file system in memory, and the bytes that have to be free there."""


def main() -> int:
    """Run the storm, then both halves."""
    try:
        storm = subprocess.run([*PYTEST, STORM], check=False)
        return _halves() or storm.returncode
    except KeyboardInterrupt:
        return 130


def _halves() -> int:
    with ExitStack() as made:
        said = made.enter_context(tempfile.NamedTemporaryFile("w+", suffix=".log"))
        environment = dict(os.environ)
        if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ENOUGH:
            folder = made.enter_context(tempfile.TemporaryDirectory(prefix="hitline-", dir=MEMORY))
            environment["TMPDIR"] = folder
        stacks = subprocess.Popen(
            [*PYTEST, "-o", "cache_dir=.pytest_cache/stacks", f"--ignore={STORM}", *STACKS],
            stdout=said,
            stderr=subprocess.STDOUT,
            env=environment,
        )
        try:
            rest = subprocess.run(
                [*PYTEST, *(f"--ignore={each}" for each in STACKS)], check=False, env=environment
            )
            print(f"and {', '.join(STACKS)}:", flush=True)
            stacks.wait()
        except KeyboardInterrupt:
            stacks.wait()  # the terminal's signal has reached it, too
            raise
        print(Path(said.name).read_text(), end="")
        return rest.returncode or stacks.returncode


if __name__ == "__main__":
    raise SystemExit(main())
