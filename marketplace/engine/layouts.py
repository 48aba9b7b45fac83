"""HIT layouts: a requester's HTML with placeholders, out of which CreateHIT makes questions.

On MTurk a layout was a project of the requester's site. Values go in as they are, unescaped:
"HITLayoutParameter values with reserved characters or invalid HTML markup may result in an invalid
HTMLQuestion document" (MTurk's API, HITLayoutParameter).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime

from sqlalchemy import exists, insert, select

from marketplace.engine import ids
from marketplace.engine.transaction import Transaction
from marketplace.errors import (
    InvalidLayout,
    NameTaken,
    ParameterValidationError,
    RequestError,
)
from marketplace.store.schema import hit_layouts

PLACEHOLDER = re.compile(r"\$\{([A-Za-z0-9_-]+)\}")
LONGEST_NAME = 128  # characters
TALLEST_FRAME = 10_000  # pixels
MOST_BYTES = 65_535  # of a question, and so of a layout
QUESTION = (
    '<HTMLQuestion xmlns="http://mechanicalturk.amazonaws.com/AWSMechanicalTurkDataSchemas/'
    '2011-11-11/HTMLQuestion.xsd"><HTMLContent><![CDATA[{content}]]></HTMLContent>'
    "<FrameHeight>{height}</FrameHeight></HTMLQuestion>"
)


@dataclass(frozen=True, kw_only=True)
class Layout:
    """HTML with `${name}` placeholders; a `frame_height` of 0 fits the frame to its content."""

    layout_id: str
    requester_id: str
    name: str
    content: str
    frame_height: int
    created_at: datetime

    @property
    def placeholders(self) -> list[str]:
        """Their names, each once, in the order of the text."""
        return list(dict.fromkeys(PLACEHOLDER.findall(self.content)))

    def question(self, values: Mapping[str, str]) -> str:
        """The HTMLQuestion with a value in every placeholder; values are not searched for more.

        Raises ParameterValidationError for names without value and values without placeholder.
        """
        missing = [name for name in self.placeholders if name not in values]
        if missing:
            raise ParameterValidationError(
                "Your request is missing required parameters. Required parameters include "
                "HITLayoutParameter. You have not provided all required HITLayout parameters. "
                f"Missing parameter names: {', '.join(missing)}"
            )
        unused = [name for name in values if name not in self.placeholders]
        if unused:
            raise ParameterValidationError(
                f"The HITLayout {self.layout_id} has no parameters of these names: "
                f"{', '.join(unused)}"
            )
        content = PLACEHOLDER.sub(lambda found: values[found[1]], self.content)
        return QUESTION.format(content=content, height=self.frame_height)


def add(tx: Transaction, requester_id: str, name: str, content: str, frame_height: int) -> Layout:
    """Keep a layout under a name that the requester has not used yet."""
    _check(name, content, frame_height)
    taken = exists().where(hit_layouts.c.requester_id == requester_id, hit_layouts.c.name == name)
    if tx.connection.scalar(select(taken)):
        raise NameTaken(f"There is a layout {name!r} already: choose another name.")
    layout = Layout(
        layout_id=ids.entity_id(),
        requester_id=requester_id,
        name=name,
        content=content,
        frame_height=frame_height,
        created_at=tx.now,
    )
    values = {field.name: getattr(layout, field.name) for field in fields(layout)}
    tx.connection.execute(insert(hit_layouts).values(**values))
    return layout


def find(tx: Transaction, requester_id: str, layout_id: str) -> Layout:
    """The requester's layout; another requester's does not exist for them."""
    row = tx.connection.execute(
        select(hit_layouts).where(
            hit_layouts.c.layout_id == layout_id, hit_layouts.c.requester_id == requester_id
        )
    ).one_or_none()
    if row is None:
        raise RequestError(
            f"HITLayout {layout_id} does not exist.",
            code="AWS.MechanicalTurk.HITLayoutDoesNotExist",
        )
    return Layout(**row._mapping)


def listing(tx: Transaction, requester_id: str) -> list[Layout]:
    """The requester's layouts by name."""
    rows = tx.connection.execute(
        select(hit_layouts)
        .where(hit_layouts.c.requester_id == requester_id)
        .order_by(hit_layouts.c.name)
    )
    return [Layout(**row._mapping) for row in rows]


def _check(name: str, content: str, frame_height: int) -> None:
    if not 1 <= len(name) <= LONGEST_NAME:
        raise InvalidLayout(f"NAME: a layout's name has from 1 to {LONGEST_NAME} characters.")
    if not 0 <= frame_height <= TALLEST_FRAME:
        raise InvalidLayout(
            f"--frame-height: {frame_height} is not from 0 (as high as the content) to "
            f"{TALLEST_FRAME} pixels."
        )
    if not content.strip():
        raise InvalidLayout("FILE: the layout is empty; it needs HTML with a form.")
    if len(content.encode()) > MOST_BYTES:
        raise InvalidLayout(f"FILE: the layout is longer than {MOST_BYTES} bytes.")
    if "]]>" in content:
        raise InvalidLayout(
            "FILE: the layout has ]]>, which would end the question too early: write ]] >."
        )
