"""What an operator can set: environment variables `MARKETPLACE_…`, or options of `serve`."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from marketplace import faults
from marketplace.faults import Faults


class Settings(Faults, BaseSettings):
    """Every knob of the service, with MTurk's behaviour as the default where it is known."""

    model_config = SettingsConfigDict(env_prefix="MARKETPLACE_", extra="ignore")

    database: str = Field(
        default=f"sqlite:///{Path('var') / 'marketplace.db'}", description="SQLAlchemy URL"
    )
    key_file: Path | None = Field(
        default=None, description="what access keys are encrypted under; None: beside the database"
    )
    host: str = Field(default="127.0.0.1", description="address to listen on")
    port: int = Field(default=8017, ge=0, le=65535, description="0 takes a free one")

    public_url: str | None = Field(
        default=None,
        pattern="^https?://[^/?#]+/?$",
        description="how browsers reach the service, where a proxy stands before it",
    )
    sign_up: Literal["open", "invitation", "closed"] = Field(
        default="invitation", description="who may become a worker on the site"
    )

    sandbox: bool = Field(default=False, description="constant balance, no money, ` s)` in errors")
    fees: Literal["mturk", "none"] = Field(default="mturk", description="what Amazon charged")
    wall_of_nine: Literal["on", "off"] = Field(
        default="on", description="a HIT posted with fewer than ten assignments never reaches ten"
    )

    clock_speed: float | None = Field(
        default=None, gt=0, description="business seconds per wall second"
    )
    clock_anchor: datetime | None = Field(default=None, description="business time at …")
    clock_wall_anchor: datetime | None = Field(default=None, description="… this wall time")

    held_limit: int = Field(
        default=25, ge=1, description="assignments one worker may hold unfinished"
    )
    reuse_assignment_ids: bool = Field(
        default=True, description="a returned assignment's id goes to the next worker"
    )
    answer_prologue: Literal["ascii", "utf8"] = Field(
        default="ascii", description="both were seen on MTurk"
    )
    event_fields: Literal["documented", "full"] = Field(
        default="documented",
        description="full: with the members that MTurk's events were seen to have in 2025",
    )
    notify_batch: int = Field(
        default=10, ge=1, le=10, description="events that share a document, at most"
    )

    qualification_deletion: float = Field(
        default=172_800,
        ge=0,
        description="business seconds that deleting a qualification type takes, or longer",
    )

    media_folder: Path | None = Field(
        default=None, description="where pictures and sound lie; None: beside the database"
    )
    media_largest: int = Field(
        default=100 * 2**20, ge=1, description="bytes that one of their files may have"
    )

    sqs_endpoint: str | None = Field(default=None, description="None: Amazon's own")
    sns_endpoint: str | None = Field(default=None, description="None: Amazon's own")
    seed: int | None = Field(default=None, description="of all faults; not of ids")

    def under(self, kept: str | None) -> Settings:
        """These, with the faults that were set since the start in place of their own."""
        return self if kept is None else self.model_copy(update=faults.read(kept))
