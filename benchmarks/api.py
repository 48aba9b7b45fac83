"""Calls a second of the Requester API, on a small and on a large database in turns."""

from __future__ import annotations

import asyncio
import random
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

import httpx

from benchmarks import loading, service
from benchmarks.figures import latency
from benchmarks.service import Keys, Process
from benchmarks.signing import Signer
from marketplace.cli.opening import opened

MIX = {
    "GetHIT": 40,
    "ListAssignmentsForHIT": 20,
    "CreateHITWithHITType": 15,
    "ApproveAssignment": 10,
    "ListHITs": 5,
    "ListReviewableHITs": 5,
    "CreateAdditionalAssignmentsForHIT": 5,
}
"""Operation -> share of the calls in percent."""
CONNECTIONS = 4
GOAL = 1.2


@dataclass(kw_only=True)
class Subject:
    """A service on a loaded database, and what was measured of it."""

    name: str
    process: Process
    keys: Keys
    loaded: loading.Loaded
    rates: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    seconds: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    errors: list[str] = field(default_factory=list)
    approved: int = 0


def measure(
    folder: Path, *, sizes: tuple[int, int], calls: int, rounds: int, server: str | None
) -> dict[str, Any]:
    """Run the mix on databases of both sizes, `rounds` times in turns."""
    with ExitStack() as stack:
        subjects = [_subject(stack, folder, size, server) for size in sizes]
        chance = random.Random(1)
        for number in range(rounds + 1):
            for subject in subjects:
                requests = list(_requests(subject, calls if number else calls // 4, chance))
                _run(subject, requests, counts=number > 0)  # the first round warms up
    small, large = subjects
    return {
        "mix": MIX,
        "connections": CONNECTIONS,
        "hits": list(sizes),
        "assignments": [size * loading.ANSWERS for size in sizes],
        "calls_per_second": [round(median(one.rates), 1) for one in subjects],
        "service_cpu_ms_per_call": [round(median(one.cpu) * 1000, 2) for one in subjects],
        "slower": round(median(small.rates) / median(large.rates), 3),
        "slower_by_cpu": round(median(large.cpu) / median(small.cpu), 3),
        "goal_slower": GOAL,
        "errors": [len(one.errors) for one in subjects],
        "first_errors": [one.errors[:3] for one in subjects],
        "operations": {
            name: [latency(subject.seconds[name]) for subject in subjects] for name in MIX
        },
    }


def rows(found: dict[str, Any]) -> list[dict[str, Any]]:
    """For the table: a line for each operation, and one for all."""
    small, large = found["hits"]
    lines = [
        {
            "operation (ms)": name,
            f"p50 at {small:,}": one.get("p50", 0.0),
            f"p50 at {large:,}": two.get("p50", 0.0),
            f"p95 at {small:,}": one.get("p95", 0.0),
            f"p95 at {large:,}": two.get("p95", 0.0),
        }
        for name, (one, two) in found["operations"].items()
    ]
    return sorted(lines, key=lambda line: str(line["operation (ms)"]))


def _subject(stack: ExitStack, folder: Path, size: int, server: str | None) -> Subject:
    place = folder / f"api-{size}"
    place.mkdir()
    database = stack.enter_context(service.database(place, f"api_{size}", server))
    keys = service.add_requester(database, place)
    with opened(database) as engine:
        loaded = loading.load(engine, size)
    process = stack.enter_context(service.marketplace(database, place))
    return Subject(name=f"{size:,}", process=process, keys=keys, loaded=loaded)


def _requests(subject: Subject, calls: int, chance: random.Random) -> Iterator[httpx.Request]:
    """The mix in random order, each call about other HITs, signed now."""
    signer = Signer(subject.process.url, subject.keys)
    names = [name for name, share in MIX.items() for _ in range(round(calls * share / 100))]
    chance.shuffle(names)
    for name in names:
        yield signer.request(name, _parameters(name, subject, chance))


def _parameters(name: str, subject: Subject, chance: random.Random) -> dict[str, Any]:
    loaded = subject.loaded
    match name:
        case "GetHIT" | "ListAssignmentsForHIT":
            return {"HITId": chance.choice(loaded.hits)}
        case "CreateHITWithHITType":
            return {
                "HITTypeId": chance.choice(loaded.types),
                "Question": loading.question(chance.randrange(10**6)),
                "LifetimeInSeconds": 86_400,
                "MaxAssignments": 3,
            }
        case "ApproveAssignment":
            subject.approved += 1
            return {"AssignmentId": loaded.submitted[subject.approved - 1]}
        case "CreateAdditionalAssignmentsForHIT":
            # Those of ten HITs that were approved; a few answers, since nine is the wall.
            number = chance.randrange(len(loaded.hits) // 10) * 10 + chance.randrange(7)
            return {"HITId": loaded.hits[number], "NumberOfAdditionalAssignments": 1}
        case _:
            return {"MaxResults": 20}


def _run(subject: Subject, requests: list[httpx.Request], *, counts: bool) -> None:
    before = subject.process.cpu()
    start = time.perf_counter()
    results = asyncio.run(_send(requests))
    rate = len(results) / (time.perf_counter() - start)
    subject.errors += [text for _, _, text in results if text]
    if counts:
        subject.rates.append(rate)
        subject.cpu.append((subject.process.cpu() - before) / len(results))
        for name, seconds, _ in results:
            subject.seconds[name].append(seconds)


async def _send(requests: list[httpx.Request]) -> list[tuple[str, float, str]]:
    """(operation, seconds, what went wrong) of each, over a few connections kept alive."""
    waiting = iter(requests)
    results: list[tuple[str, float, str]] = []
    limits = httpx.Limits(max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS)
    async with httpx.AsyncClient(limits=limits, timeout=60) as client:

        async def work() -> None:
            for request in waiting:
                start = time.perf_counter()
                response = await client.send(request)
                name = request.headers["X-Amz-Target"].rpartition(".")[2]
                wrong = "" if response.is_success else f"{name}: {response.text[:200]}"
                results.append((name, time.perf_counter() - start, wrong))

        await asyncio.gather(*(work() for _ in range(CONNECTIONS)))
    return results
