"""`make test`: all tests, in two processes at a time.

Those that bring up whole stacks wait much and compute little, the others the other way round; on
two cores both together take not much longer than either. Stacks are watched by the clock, so the
others stand back (`nice`). What the second has to say is printed when the first is done. The exit
code is 0 if all passed in both.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

STACKS = ("tests/chaos", "tests/demo", "tests/flows")
NICE = "5"
PYTEST = (sys.executable, "-m", "pytest", "-q")


def main() -> int:
    """Run both halves."""
    with tempfile.NamedTemporaryFile("w+", suffix=".log") as said:
        stacks = subprocess.Popen(
            [*PYTEST, "-o", "cache_dir=.pytest_cache/stacks", *STACKS],
            stdout=said,
            stderr=subprocess.STDOUT,
        )
        try:
            others = [*PYTEST, *(f"--ignore={each}" for each in STACKS)]
            rest = subprocess.run(["nice", "-n", NICE, *others], check=False)
            print(f"and {', '.join(STACKS)}:", flush=True)
            stacks.wait()
        except KeyboardInterrupt:
            stacks.wait()  # the terminal's signal has reached it, too
            return 130
        print(Path(said.name).read_text(), end="")
        return rest.returncode or stacks.returncode


if __name__ == "__main__":
    raise SystemExit(main())
