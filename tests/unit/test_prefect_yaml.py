"""prefect.yaml, the flows it deploys and the events it waits for: three lists that agree."""

from __future__ import annotations

import inspect
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from prefect.flows import Flow, load_flow_from_entrypoint

from hitline.model import Door
from tasks.ring import EVENTS

ROOT = Path(__file__).resolve().parents[2]
DEPLOYMENTS: list[dict[str, Any]] = yaml.safe_load((ROOT / "prefect.yaml").read_text())[
    "deployments"
]
NAMES = [deployment["name"] for deployment in DEPLOYMENTS]
TRIGGERED = {d["name"]: d["triggers"] for d in DEPLOYMENTS if "triggers" in d}
BELLS = {name: triggers for name, triggers in TRIGGERED.items() if name != "sweep"}


def loaded(deployment: dict[str, Any]) -> Flow[..., Any]:
    path, _, name = deployment["entrypoint"].partition(":")
    flow: Flow[..., Any] = load_flow_from_entrypoint(
        f"{ROOT / path}:{name}", use_placeholder_flow=False
    )
    return flow


@pytest.mark.parametrize("deployment", DEPLOYMENTS, ids=NAMES)
def test_every_entrypoint_is_an_async_flow_of_the_deployments_name(
    deployment: dict[str, Any],
) -> None:
    """A flow that is not async costs the in-process worker its loop."""
    flow = loaded(deployment)
    assert flow.name == deployment["name"]
    assert flow.isasync


@pytest.mark.parametrize("deployment", DEPLOYMENTS, ids=NAMES)
def test_triggers_and_schedules_give_a_flow_what_it_asks_for(deployment: dict[str, Any]) -> None:
    """Every parameter without a default, and none that the flow does not have."""
    parameters = inspect.signature(loaded(deployment).fn).parameters
    needed = {name for name, p in parameters.items() if p.default is inspect.Parameter.empty}
    given = [trigger.get("parameters", {}) for trigger in deployment.get("triggers", [])]
    given += [{} for _ in deployment.get("schedules", [])]
    assert given
    for each in given:
        assert needed <= set(each) <= set(parameters)


@pytest.mark.parametrize("deployment", DEPLOYMENTS, ids=NAMES)
def test_what_every_deployment_has(deployment: dict[str, Any]) -> None:
    assert deployment["work_pool"] == {"name": "hitline"}
    assert deployment["tags"] == ["hitline"]
    assert deployment["description"].endswith(".")


def test_the_bell_and_the_triggers_name_the_same_events() -> None:
    """One deployment a door, of the door's name, waiting for that door's event alone."""
    expected = {
        name: [event for t in triggers for event in t["expect"]] for name, triggers in BELLS.items()
    }
    assert expected == {str(door): [event] for door, event in EVENTS.items()}
    assert set(EVENTS) == set(Door)


def test_a_trigger_takes_text_as_text() -> None:
    """An explicit template: one written bare would turn a stage called "7" into a number."""
    for triggers in BELLS.values():
        for trigger in triggers:
            assert trigger["parameters"] == {
                name: {"__prefect_kind": "jinja", "template": f"{{{{ event.payload.{name} }}}}"}
                for name in ("pipeline", "stage")
            }


def test_every_flow_is_deployed_and_every_deployment_has_its_file() -> None:
    flows = {path.stem for path in (ROOT / "flows").glob("*.py") if "@flow(" in path.read_text()}
    assert flows == set(NAMES)
    assert {d["entrypoint"] for d in DEPLOYMENTS} == {f"flows/{n}.py:{n}" for n in NAMES}


def test_no_file_in_flows_hides_a_module_of_pythons() -> None:
    """Prefect puts that folder first on the path: flows/queue.py would break half the library."""
    names = {path.stem for path in (ROOT / "flows").iterdir()} - {"__init__", "__pycache__"}
    assert not names & (sys.stdlib_module_names | {"prefect", "hitline", "tasks", "deployments"})
