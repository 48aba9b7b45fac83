"""How well a group of workers answers: the part of the script that says it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

Share = Annotated[float, Field(ge=0, le=1)]
AtLeastZero = Annotated[float, Field(ge=0)]


class Ability(BaseModel):
    """A table of the script; unknown keys are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Around(Ability):
    """A share that differs between workers: a beta distribution."""

    mean: Share
    concentration: Annotated[float, Field(gt=0)] = 20
    """Sum of the two parameters: the higher, the more alike the workers are."""


class Confusion(Ability):
    """What is answered given what is true; a worker's rows are drawn around these."""

    rows: Mapping[str, Mapping[str, Share]]
    """Truth -> answer -> probability; answers that are left out have none."""
    concentration: Annotated[float, Field(gt=0)] = 20
    """Sum of the Dirichlet's parameters."""

    @field_validator("rows")
    @classmethod
    def _rows_add_up(
        cls, rows: Mapping[str, Mapping[str, float]]
    ) -> Mapping[str, Mapping[str, float]]:
        for truth, row in rows.items():
            total = sum(row.values())
            if abs(total - 1) > 0.001:
                raise ValueError(f"row {truth!r} adds up to {total:g}, it must to 1")
        return rows


class Numbers(Ability):
    """answer = truth + the worker's bias + noise, in the field's own unit."""

    bias: float = 0
    bias_spread: AtLeastZero = 0
    """Standard deviation between workers."""
    noise: AtLeastZero = 0
    """Standard deviation between answers."""


class Words(Ability):
    """What goes wrong in a text: word errors against the true one."""

    error_rate: Around = Around(mean=0.1, concentration=20)
    """Errors for each word of the true text."""
    substitutions: AtLeastZero = 0.6
    """Weights of the three kinds of error."""
    deletions: AtLeastZero = 0.2
    insertions: AtLeastZero = 0.2

    @model_validator(mode="after")
    def _some_kind(self) -> Words:
        if not self.substitutions + self.deletions + self.insertions:
            raise ValueError("one of substitutions, deletions and insertions must be above zero")
        return self


class Rectangles(Ability):
    """What goes wrong in boxes."""

    jitter: AtLeastZero = 0.05
    """Standard deviation of each edge, as a share of the box's width or height."""
    missed: Share = 0.05
    """Share of true boxes that are not drawn."""


class Group(Ability):
    """Workers of one kind."""

    name: Annotated[str, Field(min_length=1)]
    share: Annotated[float, Field(gt=0, le=1)] = 1
    answers: Literal["by skill", "at random", "always the first"] = "by skill"
    """The two others are spam: each answer at random, or always a choice's first option."""
    faster: Annotated[float, Field(gt=0)] = 1
    """Working times are divided by this."""
    accuracy: Around = Around(mean=0.85, concentration=20)
    """Of choices without a confusion matrix: errors fall on the other options alike."""
    confusion: Mapping[str, Confusion] = {}
    """Set or field -> matrix."""
    number: Mapping[str, Numbers] = {}
    """Set or field -> errors of numbers; without one, noise of a tenth of the field's range."""
    words: Words = Words()
    boxes: Rectangles = Rectangles()
