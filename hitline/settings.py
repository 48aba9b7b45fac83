"""Where everything is: the only place in hitline that reads the environment."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from pathlib import Path

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from hitline.clock import RunningClock
from hitline.errors import InvalidSettings


class Settings(BaseSettings):
    """Each field is read from HITLINE_<NAME>."""

    model_config = SettingsConfigDict(env_prefix="HITLINE_", extra="ignore")

    database_url: str = Field(default="sqlite:///var/hitline.db", repr=False)  # has a password
    pipelines: Path = Path("pipelines")
    endpoint_url: str | None = None
    region: str = "us-east-1"
    queue_url: str | None = None
    sqs_endpoint: str | None = None
    sns_endpoint: str | None = None
    transport: str = "sqs"
    topic_arn: str | None = None
    source_account: str | None = None
    fees: str = "mturk"
    clock_speed: float = 1.0
    clock_anchor: datetime = datetime(2026, 1, 1, tzinfo=UTC)
    clock_wall_anchor: datetime = datetime(2026, 1, 1, tzinfo=UTC)
    chunk: int = 50
    calls_per_second: int | None = None
    keep_days: int = 30

    @field_validator("clock_anchor", "clock_wall_anchor")
    @classmethod
    def _aware(cls, value: datetime) -> datetime:
        if value.tzinfo is None:
            raise ValueError("needs a time zone, like 2026-01-01T00:00:00Z")
        return value

    @field_validator("clock_speed", "chunk", "keep_days", "calls_per_second")
    @classmethod
    def _positive(cls, value: float | None) -> float | None:
        if value is not None and not 0 < value < math.inf:
            raise ValueError("must be more than 0, and finite")
        return value

    @field_validator("transport")
    @classmethod
    def _transport(cls, value: str) -> str:
        if value not in ("sqs", "sns"):
            raise ValueError('is "sqs" or "sns"')
        return value

    @field_validator("fees")
    @classmethod
    def _fees(cls, value: str) -> str:
        if value not in ("mturk", "none"):
            raise ValueError('is "mturk" or "none"')
        return value

    @property
    def clock(self) -> RunningClock:
        return RunningClock(
            wall_anchor=self.clock_wall_anchor, anchor=self.clock_anchor, speed=self.clock_speed
        )


def read_settings() -> Settings:
    """The settings of this process. Raises InvalidSettings naming the variable."""
    try:
        return Settings()
    except ValidationError as wrong:
        first = wrong.errors()[0]
        name = "HITLINE_" + str(first["loc"][0]).upper()
        raise InvalidSettings(f"{name}: {first['msg'].removeprefix('Value error, ')}") from wrong
