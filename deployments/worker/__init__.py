"""A Prefect worker that runs flows inside its own process, for many short runs.

Prefect's process worker starts an interpreter for each run, which costs seconds; here a run costs
about a tenth of one. The price: a crash of this process takes its runs along, and code is loaded
once, from where the worker was started (pull steps and job variables do nothing here). So: async
flows only, work that keeps a processor busy elsewhere, and a restart after new code.

`prefect worker start --type hitline-inprocess` finds it by the `prefect.collections` entry point.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import anyio
from anyio.abc import TaskStatus
from prefect._flow_run_suspension import FlowRunSuspensionRequest
from prefect.client.schemas.filters import FlowRunFilter
from prefect.client.schemas.objects import Flow as FlowRecord
from prefect.client.schemas.objects import FlowRun, State, WorkPool
from prefect.client.schemas.responses import DeploymentResponse
from prefect.context import AsyncClientContext
from prefect.exceptions import Abort, Pause
from prefect.flow_engine import AsyncFlowRunEngine
from prefect.flows import Flow, load_flow_from_entrypoint
from prefect.states import Cancelled
from prefect.utilities.callables import get_call_parameters, parameters_to_args_kwargs
from prefect.workers.base import (
    BaseJobConfiguration,
    BaseVariables,
    BaseWorker,
    BaseWorkerResult,
)
from pydantic import PrivateAttr

from deployments.worker.orphans import crash, find_orphans, place
from hitline.errors import HitlineError

GRACE_SECONDS = 5.0
"""How long runs may go on after the worker was told to stop."""

REPORT_SECONDS = 3.0
"""How long reporting those that were cut off may take."""

CANCELLATION_SECONDS = 3.0
"""How often the worker asks whether somebody cancelled one of its runs."""

ORPHANS_SECONDS = 15.0
"""How often the worker looks for runs that a killed worker left behind."""


Over = Callable[[list[str]], Awaitable[object]]
"""Takes the ids of runs that are over."""


class InProcessConfiguration(BaseJobConfiguration):
    """Carries the deployment's entrypoint from submission to the run."""

    _entrypoint: str | None = PrivateAttr(default=None)

    @property
    def entrypoint(self) -> str:
        """Raises ValueError for a run without a deployment, or a deployment without code."""
        if self._entrypoint is None:
            raise ValueError("this run belongs to no deployment with an entrypoint")
        return self._entrypoint

    def prepare_for_flow_run(
        self,
        flow_run: FlowRun,
        deployment: DeploymentResponse | None = None,
        flow: FlowRecord | None = None,
        work_pool: WorkPool | None = None,
        worker_name: str | None = None,
        worker_id: UUID | None = None,
    ) -> None:
        super().prepare_for_flow_run(
            flow_run, deployment, flow, work_pool, worker_name, worker_id=worker_id
        )
        self._entrypoint = deployment.entrypoint if deployment else None


class InProcessResult(BaseWorkerResult):
    """Where a run ran. The engine reports its state; the exit status is always 0."""


class Engine(AsyncFlowRunEngine[..., Any]):
    """Prefect's engine without suspension from outside.

    To notice that, each run would get a thread with an event loop and a websocket of its own, and
    the worker's loop would stand still at its start and its end until those are up, and down.
    """

    @contextmanager
    def setup_flow_run_suspension_request(self) -> Iterator[FlowRunSuspensionRequest]:
        yield self._get_flow_run_suspension_request()


@dataclass(frozen=True, kw_only=True)
class InFlight:
    engine: Engine
    scope: anyio.CancelScope


class InProcessWorker(BaseWorker[InProcessConfiguration, BaseVariables, InProcessResult]):
    """Runs each flow run as a task of the worker's event loop. One run's failure stays its own."""

    type = "hitline-inprocess"
    job_configuration = InProcessConfiguration
    _display_name = "hitline in-process"
    _description = "Runs async flows inside the worker's own process, from its own code."

    def __init__(self, *args: Any, over: Over | None = None, **kwargs: Any) -> None:
        """`over` is told which runs ended otherwise than well, and again until it does not raise a
        HitlineError."""
        super().__init__(*args, **kwargs)
        self._over = over
        self._flows: dict[str, Flow[..., Any]] = {}
        self._loading = asyncio.Lock()
        self._in_flight: dict[UUID, InFlight] = {}
        self._cancellations_seen_at = 0.0
        self._orphans_seen_at = 0.0
        self._doubtful: dict[UUID, int] = {}
        self._ended_badly: set[UUID] = set()

    async def setup(self) -> None:
        # The runs inherit it: one connection pool for all instead of one each.
        await self._exit_stack.enter_async_context(AsyncClientContext.get_or_create())
        await super().setup()

    async def run(
        self,
        flow_run: FlowRun,
        configuration: InProcessConfiguration,
        task_status: TaskStatus[Any] | None = None,
    ) -> InProcessResult:
        """Run it to its end. What cannot be loaded raises, and the run is marked Crashed."""
        engine = _engine(await self._flow(configuration.entrypoint), flow_run)
        here = place(self.name)
        # Prefect says so only while the run goes on. Should this process die before, nobody would
        # know whose run it was, and what it had leased would stay so for as long as a lease is.
        await self.client.update_flow_run(flow_run.id, infrastructure_pid=here)
        if task_status is not None:
            task_status.started(here)
        with anyio.CancelScope() as scope:
            self._in_flight[flow_run.id] = InFlight(engine=engine, scope=scope)
            try:
                await self._drive(engine, flow_run)
            finally:
                del self._in_flight[flow_run.id]
                if not engine.state.is_completed():
                    self._ended_badly.add(flow_run.id)
        return InProcessResult(identifier=here, status_code=0)

    async def _drive(self, engine: Engine, flow_run: FlowRun) -> None:
        try:
            async with engine.start():
                while engine.is_running():
                    async with engine.run_context():
                        await engine.call_flow_fn()  # type: ignore[unused-coroutine]
        except (Abort, Pause, SystemExit):
            # The server took the run away, or the engine has already reported the exit.
            pass
        except Exception as error:
            await self._propose_crashed_state(flow_run, f"{type(error).__name__}: {error}")

    async def _flow(self, entrypoint: str) -> Flow[..., Any]:
        async with self._loading:
            if entrypoint not in self._flows:
                try:
                    self._flows[entrypoint] = await anyio.to_thread.run_sync(_load, entrypoint)
                except SystemExit as exit:
                    raise ImportError(f"{entrypoint} exits while it is imported") from exit
            return self._flows[entrypoint]

    async def get_and_submit_flow_runs(self) -> list[FlowRun]:
        """One round of the polling loop: take what waits, stop what was cancelled, end orphans."""
        submitted = await super().get_and_submit_flow_runs()
        now = time.monotonic()
        if now - self._orphans_seen_at >= ORPHANS_SECONDS:
            self._orphans_seen_at = now
            await self._end_orphans()
        if (told := sorted(self._ended_badly)) and await self._tell_over(told):
            self._ended_badly.difference_update(told)
        if self._in_flight and now - self._cancellations_seen_at >= CANCELLATION_SECONDS:
            self._cancellations_seen_at = now
            await self._stop_cancelled_runs()
        return submitted

    def _under_way(self) -> set[UUID]:
        return {*self._in_flight, *self._submitting_flow_run_ids}

    async def _end_orphans(self) -> None:
        """Told before they are marked: should this worker die in between, the next finds them."""
        orphans = await find_orphans(
            self.client,
            self._work_pool_name,
            place(self.name),
            self._under_way,
            self._doubtful,
        )
        if orphans and await self._tell_over(orphans):
            await crash(self.client, orphans)

    async def _tell_over(self, run_ids: list[UUID]) -> bool:
        """Whether it was taken note of that these runs are over."""
        if self._over is not None:
            try:
                await self._over([str(run_id) for run_id in run_ids])
            except HitlineError:
                return False  # such as a database that is away: with the next round
        return True

    async def _stop_cancelled_runs(self) -> None:
        """Prefect's worker leaves runs that have started to their own process: we are that one."""
        cancelling = FlowRunFilter.model_validate(
            {"id": {"any_": list(self._in_flight)}, "state": {"type": {"any_": ["CANCELLING"]}}}
        )
        for flow_run in await self.client.read_flow_runs(flow_run_filter=cancelling):
            if in_flight := self._in_flight.get(flow_run.id):
                in_flight.engine.short_circuit = True  # or it would report a crash
                in_flight.scope.cancel()
                cancelled: State[Any] = Cancelled(message="Cancelled while it ran.")
                await self.client.set_flow_run_state(flow_run.id, cancelled, force=True)

    # Submission is a function call here, and not worth two state changes and two events a run.

    async def _propose_submitting_state(self, flow_run: FlowRun) -> None:
        pass

    async def _give_worker_labels_to_flow_run(self, flow_run_id: UUID) -> None:
        pass

    def _emit_flow_run_submitted_event(self, configuration: BaseJobConfiguration) -> None:
        pass

    async def teardown(self, *exc_info: Any) -> None:
        """Let runs finish for a while; what is left then is cancelled, and so marked Crashed."""
        await self._idle(within=GRACE_SECONDS)
        for in_flight in self._in_flight.values():
            in_flight.scope.cancel()
        await self._idle(within=REPORT_SECONDS)
        # Nobody looks for what is marked already: what those runs held is given back here.
        if told := sorted(self._ended_badly):
            with anyio.move_on_after(REPORT_SECONDS):
                await self._tell_over(told)
        await super().teardown(*exc_info)

    async def _idle(self, *, within: float) -> None:
        with anyio.move_on_after(within):
            while self._in_flight or self._submitting_flow_run_ids:
                await anyio.sleep(0.02)


def _load(entrypoint: str) -> Flow[..., Any]:
    flow: Flow[..., Any] = load_flow_from_entrypoint(entrypoint, use_placeholder_flow=False)
    if not flow.isasync or flow.isgenerator:
        raise TypeError(
            f"{entrypoint} is not a plain async flow, which is all that a {InProcessWorker.type} "
            "worker runs: make it `async def`, or deploy it to a pool of type process"
        )
    return flow


def _engine(flow: Flow[..., Any], flow_run: FlowRun) -> Engine:
    args, kwargs = parameters_to_args_kwargs(flow.fn, flow_run.parameters)
    parameters = get_call_parameters(flow.fn, args, kwargs)
    return Engine(flow=flow, flow_run=flow_run, parameters=parameters)
