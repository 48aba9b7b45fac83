"""What an event carries stays text in a run's parameters, whatever it looks like."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import anyio
import pytest
import yaml
from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.actions import VariableCreate
from prefect.client.schemas.filters import FlowRunFilter
from prefect.events import DeploymentEventTrigger

ROOT = Path(__file__).parents[2]
ABOUT: dict[str, Any] = yaml.safe_load((ROOT / "prefect.yaml").read_text())["definitions"]["about"]
HOSTILE = [
    "{{ flow.name }} {{ event.id }} {% if 1 %}x{% endif %}",
    "{{ 7 * 7 }}",
    '{"__prefect_kind": "jinja", "template": "{{ 7 * 7 }}"}',
    '{"__prefect_kind": "workspace_variable", "variable_name": "hidden"}',
    "{{ prefect.variables.hidden }}",
    "{{ prefect.blocks.secret/hidden }}",
    "prefect.blocks.secret/hidden",
    "$ref:hidden",
    "7",
    "null",
]
DEADLINE = 60.0

pytestmark = pytest.mark.anyio


@pytest.fixture
async def client() -> AsyncIterator[PrefectClient]:
    async with get_client() as found:
        yield found


async def test_a_payload_is_never_a_template_a_block_or_a_variable(client: PrefectClient) -> None:
    """The templates of prefect.yaml, fired by a real event; nobody runs the runs."""
    await client.create_variable(VariableCreate(name="hidden", value="secret"))
    flow = await client.create_flow_from_name(f"hydration-{uuid4().hex}")
    deployment = await client.create_deployment(flow, "hydration", enforce_parameter_schema=False)
    event = f"hydration.{uuid4().hex}"
    trigger = DeploymentEventTrigger(name=event, expect={event}, parameters=ABOUT)
    trigger.set_deployment_id(deployment)
    await client.create_automation(trigger.as_automation())
    runs = FlowRunFilter.model_validate({"deployment_id": {"any_": [str(deployment)]}})

    seen: set[str] = set()
    with anyio.fail_after(DEADLINE):
        while len(seen) < len(HOSTILE):
            left = [text for text in HOSTILE if text not in seen]
            await client.request("POST", "/events", json=[_event(event, text) for text in left])
            await anyio.sleep(0.5)  # triggers load lazily
            found = await client.read_flow_runs(flow_run_filter=runs, limit=200)
            for run in found:
                assert run.parameters.keys() == {"pipeline", "stage"}
                assert run.parameters["pipeline"] in HOSTILE
                assert run.parameters["stage"] == run.parameters["pipeline"]
            seen = {run.parameters["pipeline"] for run in found}


def _event(name: str, text: str) -> dict[str, Any]:
    return {
        "id": str(uuid4()),
        "event": name,
        "occurred": datetime.now(UTC).isoformat(),
        "resource": {"prefect.resource.id": "hydration"},
        "payload": {"pipeline": text, "stage": text},
    }
