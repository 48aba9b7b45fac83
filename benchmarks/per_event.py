"""What hitline is measured against: the AWS guide's handler, and one Prefect run for each event."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
from lxml import etree
from prefect import flow

EVENT = "benchmark.HITReviewable"
POOL = "benchmark-process"
SAFE = etree.XMLParser(resolve_entities=False, no_network=True)


def client(service: str, endpoint: str, env: Mapping[str, str]) -> Any:
    """A boto3 client with the credentials of `env`."""
    import boto3

    return boto3.client(
        service,  # type: ignore[call-overload]
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id=env["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=env["AWS_SECRET_ACCESS_KEY"],
    )


def handle(mturk: Any, hit_id: str) -> list[str]:
    """List a HIT's assignments to the last page, and parse each: what the guide's handler does."""
    said: list[str] = []
    pages = mturk.get_paginator("list_assignments_for_hit").paginate(HITId=hit_id)
    for page in pages:
        for assignment in page["Assignments"]:
            root = etree.fromstring(assignment["Answer"].encode(), SAFE)
            said += (str(text) for text in root.itertext() if str(text).strip())
    return said


def fill(sqs: Any, queue_url: str, hit_ids: Sequence[str]) -> None:
    """A document of ten events a message, as the marketplace sends them."""
    for start in range(0, len(hit_ids), 10):
        events = [
            {
                "EventType": "HITReviewable",
                "EventTimestamp": "2026-01-05T10:00:00Z",
                "HITId": hit_id,
                "HITTypeId": "3TYPE",
            }
            for hit_id in hit_ids[start : start + 10]
        ]
        body = json.dumps({"Events": events, "EventDocId": uuid4().hex})
        sqs.send_message(QueueUrl=queue_url, MessageBody=body)


def bare_loop(sqs: Any, queue_url: str, mturk: Any, count: int) -> float:
    """HITs a second: receive, list, parse, delete; nothing is stored."""
    done, began = 0, time.monotonic()
    while done < count:
        got = sqs.receive_message(QueueUrl=queue_url, MaxNumberOfMessages=10, WaitTimeSeconds=5)
        for message in got.get("Messages", []):
            for event in json.loads(message["Body"])["Events"]:
                handle(mturk, event["HITId"])
                done += 1
            sqs.delete_message(QueueUrl=queue_url, ReceiptHandle=message["ReceiptHandle"])
    return count / (time.monotonic() - began)


@flow
async def one(hit_id: str) -> int:
    """One run for one event."""
    mturk = client("mturk", os.environ["HITLINE_ENDPOINT_URL"], os.environ)
    return len(handle(mturk, hit_id))


@contextmanager
def process_worker(env: Mapping[str, str], log: Path) -> Iterator[None]:
    """Prefect's own process worker, with `one` deployed and triggered by each event."""
    environment = {**os.environ, **env}
    for arguments in (
        ("work-pool", "create", POOL, "--type", "process"),
        ("--no-prompt", "deploy", "benchmarks/per_event.py:one", "--name", "one", "--pool", POOL),
    ):
        _prefect(arguments, environment)
    _automate(env)
    with log.open("w") as output:
        worker = subprocess.Popen(
            [sys.executable, "-m", "prefect", "worker", "start", "--pool", POOL],
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            time.sleep(10)  # it polls each few seconds; its start is not what is measured
            yield
        finally:
            worker.terminate()
            worker.wait()


def one_run_per_event(env: Mapping[str, str], log: Path, hit_ids: Sequence[str]) -> float:
    """HITs a second: an event each, a flow run each, through a process worker."""
    api = env["PREFECT_API_URL"]
    with process_worker(env, log), httpx.Client(timeout=60, trust_env=False) as prefect:
        began = time.monotonic()
        now = _now()
        events = [
            {
                "id": str(uuid4()),
                "event": EVENT,
                "occurred": now,
                "resource": {"prefect.resource.id": f"benchmark.{hit_id}"},
                "payload": {"hit_id": hit_id},
            }
            for hit_id in hit_ids
        ]
        prefect.post(f"{api}/events", json=events).raise_for_status()
        wanted = {
            "flows": {"name": {"any_": ["one"]}},
            "flow_runs": {"state": {"type": {"any_": ["COMPLETED"]}}},
        }
        while True:
            done = prefect.post(f"{api}/flow_runs/count", json=wanted).raise_for_status().json()
            if done >= len(hit_ids):
                return len(hit_ids) / (time.monotonic() - began)
            if time.monotonic() - began > 900:
                raise SystemExit(f"{done} of {len(hit_ids)} runs in 15 minutes; see {log}")
            time.sleep(0.5)


def _automate(env: Mapping[str, str]) -> None:
    api = env["PREFECT_API_URL"]
    with httpx.Client(timeout=60, trust_env=False) as prefect:
        deployment = prefect.get(f"{api}/deployments/name/one/one").raise_for_status().json()
        prefect.post(
            f"{api}/automations/",
            json={
                "name": "one run for each event",
                "trigger": {
                    "type": "event",
                    "posture": "Reactive",
                    "expect": [EVENT],
                    "threshold": 1,
                    "within": 0,
                },
                "actions": [
                    {
                        "type": "run-deployment",
                        "source": "selected",
                        "deployment_id": deployment["id"],
                        "parameters": {
                            "hit_id": {
                                "__prefect_kind": "jinja",
                                "template": "{{ event.payload.hit_id }}",
                            }
                        },
                    }
                ],
            },
        ).raise_for_status()


def _prefect(arguments: Sequence[str], env: Mapping[str, str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "prefect", *arguments],
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"prefect {' '.join(arguments)}: {done.stdout}{done.stderr}")


def _now() -> str:
    from datetime import UTC, datetime

    return datetime.now(UTC).isoformat()
