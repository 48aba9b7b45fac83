"""The service killed at any moment: nothing that was acknowledged is lost."""

from __future__ import annotations

import json
import random
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from botocore.exceptions import BotoCoreError, ClientError

from tests.chaos.conftest import Start, client, wait_until_serving
from tests.contracts.conftest import HIT, HIT_TYPE, ON_BOTH
from tests.contracts.test_delivery import Aws

ROUNDS = 3
EVENTS = ["HITCreated", "HITReviewable", "AssignmentAccepted", "AssignmentSubmitted"]
EVENTS += ["AssignmentApproved"]
DEADLINE = 60.0


class Requester:
    """Creates HITs and approves work as fast as it is answered; keeps what was acknowledged."""

    def __init__(self, mturk: Any, hit_type_id: str) -> None:
        self.mturk = mturk
        self.hit_type_id = hit_type_id
        self.created: list[str] = []
        self.approved: list[tuple[str, str]] = []
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=self._repeat, args=(work,))
            for work in (self._create, self._create, self._approve)
        ]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _repeat(self, work: Callable[[], None]) -> None:
        while not self._stop.wait(0.02):
            try:
                work()
            except (BotoCoreError, ClientError):
                self._stop.wait(0.1)  # it was killed: nothing is acknowledged

    def _create(self) -> None:
        hit = self.mturk.create_hit_with_hit_type(
            HITTypeId=self.hit_type_id, MaxAssignments=2, **HIT
        )
        self.created.append(hit["HIT"]["HITId"])

    def _approve(self) -> None:
        for hit_id in self.created[-20:]:
            work = self.mturk.list_assignments_for_hit(
                HITId=hit_id, AssignmentStatuses=["Submitted"]
            )
            for assignment in work.get("Assignments", []):
                self.mturk.approve_assignment(AssignmentId=assignment["AssignmentId"])
                self.approved.append((hit_id, assignment["AssignmentId"]))


@pytest.mark.slow
@ON_BOTH
def test_killed_at_any_moment_nothing_acknowledged_is_lost(
    new_database: Callable[[], str], start: Start, aws: Aws, free_port: int, tmp_path: Path
) -> None:
    """Calls, submissions and events; workers are killed too. An event may come more than once."""
    database, queue, chance = new_database(), aws.queue(), random.Random(17)

    def serve() -> subprocess.Popen[str]:
        address = ("--database", database, "--port", str(free_port))
        process = start("marketplace", "serve", *address, "--sqs-endpoint", aws.endpoint)
        wait_until_serving(process)
        return process

    service = serve()
    added, _ = start("marketplace", "requester", "add", "lab", "--database", database).communicate()
    start("marketplace", "deposit", "lab", "1000", "--database", database).communicate()
    mturk = client(f"http://127.0.0.1:{free_port}/", added)
    hit_type_id = mturk.create_hit_type(**HIT_TYPE)["HITTypeId"]
    settings = {"Destination": queue, "Transport": "SQS", "Version": "2014-08-15"}
    mturk.update_notification_settings(
        HITTypeId=hit_type_id, Notification={**settings, "EventTypes": EVENTS}
    )
    requester = Requester(mturk, hit_type_id)
    log = (tmp_path / "workers.log").open("w")
    for _ in range(ROUNDS):
        workers = start("tests.chaos.working", "submit", database, stdout=log)
        threading.Event().wait(chance.uniform(1.5, 3))
        service.kill()
        service.wait()
        threading.Event().wait(chance.uniform(0, 0.5))  # accepts and submissions go on meanwhile
        if chance.random() < 0.5:
            workers.kill()
        service = serve()
    requester.stop()
    workers.kill()
    wait_until_sent(free_port)

    done = [tuple(line.split()) for line in (tmp_path / "workers.log").read_text().splitlines()]
    whole = [line for line in done if len(line) == 3]
    submitted = {(hit, work) for event, hit, work in whole if event == "AssignmentSubmitted"}
    assert len(requester.created) > 10
    assert len(submitted) > 10
    assert len(requester.approved) > 5

    statuses = {
        (hit_id, assignment["AssignmentId"]): assignment["AssignmentStatus"]
        for hit_id in {*requester.created, *(hit for hit, _ in submitted)}
        for assignment in mturk.list_assignments_for_hit(HITId=hit_id).get("Assignments", [])
    }
    assert submitted <= statuses.keys()
    assert {statuses[pair] for pair in requester.approved} == {"Approved"}

    received = [event for document in aws.documents(queue) for event in document["Events"]]
    told = {(e["EventType"], e["HITId"], e.get("AssignmentId")) for e in received}
    assert {("HITCreated", hit, None) for hit in requester.created} <= told
    assert {*whole} <= told
    assert {("AssignmentApproved", *pair) for pair in requester.approved} <= told
    complete = {hit for hit in requester.created if sum(hit == h for h, _ in statuses) == 2}
    assert {("HITReviewable", hit, None) for hit in complete} <= told


def test_killed_while_it_sends_it_sends_again(
    new_database: Callable[[], str], start: Start, aws: Aws
) -> None:
    """A queue that takes the message and never answers; after the restart the real one."""
    database, queue = new_database(), aws.queue()
    serve = ("marketplace", "serve", "--database", database, "--port", "0")
    service = start(*serve, "--sqs-endpoint", aws.endpoint)
    url = wait_until_serving(service)
    added, _ = start("marketplace", "requester", "add", "lab", "--database", database).communicate()
    start("marketplace", "deposit", "lab", "1000", "--database", database).communicate()
    mturk = client(url, added)
    hit_type_id = mturk.create_hit_type(**HIT_TYPE)["HITTypeId"]
    settings = {"Destination": queue, "Transport": "SQS", "Version": "2014-08-15"}
    mturk.update_notification_settings(
        HITTypeId=hit_type_id, Notification={**settings, "EventTypes": ["HITCreated"]}
    )
    aws.stop()
    with socket.create_server((aws.host, aws.port)) as silent:
        hit = mturk.create_hit_with_hit_type(HITTypeId=hit_type_id, **HIT)["HIT"]
        silent.settimeout(DEADLINE)
        connection, _ = silent.accept()
        assert connection.recv(1)
        service.kill()
        service.wait()
        connection.close()
    aws.start_again()
    again = start(*serve, "--sqs-endpoint", aws.endpoint)
    wait_until_sent(httpx.URL(wait_until_serving(again)).port or 0)
    received = [event for document in aws.documents(queue) for event in document["Events"]]
    assert [(event["EventType"], event["HITId"]) for event in received] == [
        ("HITCreated", hit["HITId"])
    ]


@ON_BOTH
def test_a_slot_goes_to_one_worker_and_a_worker_gets_one_slot(
    new_database: Callable[[], str], start: Start, aws: Aws
) -> None:
    """Two processes of eight threads each, all for the same thirty workers and twenty slots."""
    database = new_database()
    service = start("marketplace", "serve", "--database", database, "--port", "0")
    url = wait_until_serving(service)
    added, _ = start("marketplace", "requester", "add", "lab", "--database", database).communicate()
    start("marketplace", "deposit", "lab", "1000", "--database", database).communicate()
    mturk = client(url, added)
    hit_id = mturk.create_hit(MaxAssignments=20, **HIT_TYPE, **HIT)["HIT"]["HITId"]
    names = [f"AWORKER{number:02}" for number in range(30)]
    register(database, names)
    racers = [start("tests.chaos.working", "race", database, hit_id, *names) for _ in range(2)]
    for racer in racers:
        assert racer.stdout is not None
        assert racer.stdout.readline() == "ready\n"
    got = [pair for told in together(racers) for pair in json.loads(told)]
    assert len(got) == 20
    assert len({worker for worker, _ in got}) == 20
    assert len({assignment for _, assignment in got}) == 20
    hit = mturk.get_hit(HITId=hit_id)["HIT"]
    assert hit["HITStatus"] == "Unassignable"
    assert (hit["NumberOfAssignmentsPending"], hit["NumberOfAssignmentsAvailable"]) == (20, 0)


def together(racers: list[subprocess.Popen[str]]) -> Iterator[str]:
    """Let all go before any is waited for."""
    for racer in racers:
        assert racer.stdin is not None
        racer.stdin.write("go\n")
        racer.stdin.flush()
    for racer in racers:
        yield racer.communicate(timeout=DEADLINE)[0]


def register(database: str, names: list[str]) -> None:
    from marketplace.cli.opening import opened

    with opened(database) as engine:
        for name in names:
            engine.register_worker(name)


def wait_until_sent(port: int) -> None:
    deadline = time.monotonic() + DEADLINE
    while httpx.get(f"http://127.0.0.1:{port}/-/facts").json()["notifications"]["pending"]:
        assert time.monotonic() < deadline
        threading.Event().wait(0.2)
