"""A process of ours that may die at a named point.

`python -m deployments.chaos.mortal FOLDER JOURNAL SPARED MODULE …` runs the module as `python -m`
would. Points are armed in the folder, and none acts for the first SPARED seconds; the journal takes
deaths, and which process runs which flow run.
"""

from __future__ import annotations

import os
import runpy
import sys
from pathlib import Path
from typing import Any

from deployments import worker
from deployments.chaos.points import Points, install


def main() -> None:
    _, folder, journal, spared, *sys.argv = sys.argv
    points = Points(Path(folder), Path(journal), spared=float(spared))
    install(points)
    _tell_runs(points)
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)


def _tell_runs(points: Points) -> None:
    plain = worker.InProcessWorker.run

    async def run(self: Any, flow_run: Any, *arguments: Any, **options: Any) -> Any:
        points.note(run=str(flow_run.id), pid=os.getpid())
        return await plain(self, flow_run, *arguments, **options)

    vars(worker)["InProcessWorker"].run = run


if __name__ == "__main__":
    main()
