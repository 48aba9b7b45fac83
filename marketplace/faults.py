"""What can go wrong, or late: off by default, and changed while the service runs.

The defaults are those of a day on which nothing goes wrong. How MTurk misbehaves was seen by its
clients; how often, and for how long, nobody measured: hence the knobs.
"""

from __future__ import annotations

import json

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from marketplace.errors import InvalidSettings


class Faults(BaseModel):
    """Every fault that can be switched on; a share is between 0, never, and 1, always."""

    model_config = ConfigDict(extra="forbid")

    index_lag: float = Field(
        default=0, ge=0, description="business seconds until a new object is listed"
    )
    hit_mutable_after: float = Field(
        default=0,
        ge=0,
        description="business seconds in which a new HIT can be expired, but not extended or moved "
        "to another HIT type",
    )
    approve_consistency_delay: float = Field(
        default=0,
        ge=0,
        description="business seconds after a submission in which it cannot be got, approved, "
        "rejected or paid a bonus for",
    )
    counter_lag: float = Field(
        default=0,
        ge=0,
        description="business seconds by which GetHIT's counters lag behind submissions and "
        "judgements",
    )

    notify_delay_min: float = Field(default=0, ge=0, description="wall seconds until an event left")
    notify_delay_max: float = Field(default=2, ge=0, description="wall seconds, at most")
    notify_late: float = Field(
        default=0, ge=0, le=1, description="share of documents that come later still"
    )
    notify_late_min: float = Field(default=60, ge=0, description="wall seconds on top of the delay")
    notify_late_max: float = Field(default=300, ge=0, description="wall seconds, at most")
    notify_duplicates: float = Field(
        default=0, ge=0, le=1, description="share of documents sent in two messages"
    )
    notify_rebatched: float = Field(
        default=0, ge=0, le=1, description="share of events sent again under another EventDocId"
    )
    notify_loss: float = Field(default=0, ge=0, le=1, description="share of documents never sent")
    notification_spec_lag: float = Field(
        default=0,
        ge=0,
        description="business seconds until changed notification settings act; MTurk spoke of five "
        "minutes at most",
    )
    drop_events_after_forced_expiry: bool = Field(
        default=False,
        description="a HIT that its requester expired tells no more of the work that was held",
    )

    throttle_rate: float = Field(
        default=0, ge=0, description="calls a wall second and account; 0: as many as come"
    )
    throttle_burst: int = Field(default=20, ge=1, description="calls at once, when throttled")
    api_throttled: float = Field(
        default=0, ge=0, le=1, description="share of calls that are throttled, however few come"
    )
    api_fault_before: float = Field(
        default=0, ge=0, le=1, description="share of calls that fail with HTTP 500, undone"
    )
    api_fault_after: float = Field(
        default=0, ge=0, le=1, description="share of calls that fail with HTTP 500 once done"
    )
    api_slow: float = Field(default=0, ge=0, le=1, description="share of calls that take longer")
    api_slow_seconds: float = Field(default=5, ge=0, description="wall seconds, by which they do")


def read(text: str | None) -> dict[str, float | bool]:
    """The faults that differ from the start's, from the JSON that `written` made."""
    return {} if text is None else json.loads(text)


def written(kept: str | None, changes: dict[str, str]) -> str:
    """The JSON of what was kept and what is changed now; raises `InvalidSettings`."""
    try:
        faults = Faults.model_validate({**read(kept), **changes})
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0])
        if first["type"] == "extra_forbidden":
            raise InvalidSettings(
                f"{name}: there is no such fault. `marketplace faults show` lists them all."
            ) from error
        raise InvalidSettings(f"{name}: {first['msg']}.") from error
    return faults.model_dump_json(exclude_unset=True)
