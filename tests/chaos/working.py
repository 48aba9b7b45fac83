"""Workers in a process of their own: `python -m tests.chaos.working submit|race …`."""

from __future__ import annotations

import json
import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from itertools import count

from marketplace.cli.opening import opened
from marketplace.engine import CannotAccept, Engine


def submit(engine: Engine) -> None:
    """Do whatever is open, for ever; says what is done once it is done."""
    for number in count():
        for hit in engine.open_hits():
            worker = f"A{os.getpid()}N{number}"
            engine.register_worker(worker)
            try:
                assignment_id = engine.accept(hit.hit_id, worker)
            except CannotAccept:
                continue
            print("AssignmentAccepted", hit.hit_id, assignment_id, flush=True)
            engine.submit(assignment_id, worker, {"breed": "norwich"})
            print("AssignmentSubmitted", hit.hit_id, assignment_id, flush=True)


def race(engine: Engine, hit_id: str, workers: list[str]) -> None:
    """After a word on standard input, every worker tries to accept, in eight threads at once."""
    gate = threading.Barrier(8)

    def attempt(turn: int) -> list[tuple[str, str]]:
        got = []
        gate.wait()
        for worker in workers[turn:] + workers[:turn]:
            try:
                got.append((worker, engine.accept(hit_id, worker)))
            except CannotAccept:
                continue
        return got

    print("ready", flush=True)
    sys.stdin.readline()
    with ThreadPoolExecutor(8) as pool:
        print(json.dumps([pair for pairs in pool.map(attempt, range(8)) for pair in pairs]))


if __name__ == "__main__":
    what, database, *rest = sys.argv[1:]
    with opened(database) as engine:
        if what == "submit":
            submit(engine)
        else:
            race(engine, rest[0], rest[1:])
