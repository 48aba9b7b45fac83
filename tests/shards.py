"""`make test`: all tests; the short storm alone, then the others in shards, two at a time.

Only the storm is for itself: how soon it is put right what a death leaves behind is measured there,
by the clock. Of the others, those that bring up whole stacks wait much and compute little. What a
shard has to say is printed when it is done. All write to memory where there is enough of it, for
what a test wrote need not outlast the machine. The exit code is 0 if all passed.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

STORM = "tests/chaos/test_storm.py"
SHARDS = (
    ("tests/chaos", "tests/demo", "tests/flows"),
    ("tests/contracts/acting",),
    ("tests/contracts",),
    ("tests",),
)
"""The longest first. Each is without what those before it have, so that the last has the rest."""
AT_ONCE = 2
PYTEST = (sys.executable, "-m", "pytest", "-q")
MEMORY, ENOUGH = Path("/dev/shm"), 4 << 30
"""A file system in memory, and the bytes that have to be free there."""


def main() -> int:
    """Run the storm, then the shards."""
    try:
        storm = subprocess.run([*PYTEST, STORM], check=False).returncode
        with _environment() as environment, ThreadPoolExecutor(AT_ONCE) as pool:
            others = pool.map(lambda number: _run(number, environment), range(len(SHARDS)))
            return next((code for code in (storm, *others) if code), 0)
    except KeyboardInterrupt:
        return 130  # pytest has had the signal from the terminal, too


@contextmanager
def _environment() -> Iterator[Mapping[str, str]]:
    if not MEMORY.is_dir() or shutil.disk_usage(MEMORY).free < ENOUGH:
        yield os.environ
        return
    with tempfile.TemporaryDirectory(prefix="hitline-", dir=MEMORY) as folder:
        os.chmod(folder, 0o711)  # some servers run as users of their own
        yield os.environ | {"TMPDIR": folder}


def _run(number: int, environment: Mapping[str, str]) -> int:
    """One shard; its exit code."""
    before = [STORM, *(path for shard in SHARDS[:number] for path in shard)]
    began = time.monotonic()
    done = subprocess.run(
        [
            *(*PYTEST, "-o", f"cache_dir=.pytest_cache/{number}"),
            *(f"--ignore={path}" for path in before),
            *SHARDS[number],
        ],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    print(
        f"{' '.join(SHARDS[number])}, {time.monotonic() - began:.0f} s:\n{done.stdout}",
        end="",
        flush=True,
    )
    return done.returncode


if __name__ == "__main__":
    raise SystemExit(main())
