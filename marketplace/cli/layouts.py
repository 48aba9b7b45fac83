"""`marketplace layout`: HTML with placeholders, for CreateHIT's HITLayoutId."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from marketplace.cli.opening import Database, opened
from marketplace.engine import layouts, requesters
from marketplace.errors import InvalidLayout

layout_app = App(name="layout", help="HTML with ${placeholders}, for CreateHIT's HITLayoutId.")

Owner = Annotated[str, Parameter(help="name of the requester who posts HITs with it")]
Height = Annotated[int, Parameter(help="pixels; 0 fits the frame to its content")]


@layout_app.command(name="add")
def add_layout(
    name: str, file: Path, *, requester: Owner, frame_height: Height = 0, database: Database = None
) -> None:
    """Keep a file of HTML as a layout; prints its id and its placeholders.

    Example: marketplace layout add breeds breeds.html --requester lab
    """
    content = _text(file)
    with opened(database) as engine, engine.act() as tx:
        owner = requesters.named(tx, requester).requester_id
        layout = layouts.add(tx, owner, name, content, frame_height)
    print(f"{layout.layout_id}\t{layout.name}\t{', '.join(layout.placeholders)}")


@layout_app.command(name="list")
def list_layouts(*, requester: Owner, database: Database = None) -> None:
    """Show a requester's layouts: id, name, placeholders."""
    with opened(database) as engine, engine.look() as tx:
        owner = requesters.named(tx, requester).requester_id
        for layout in layouts.listing(tx, owner):
            print(f"{layout.layout_id}\t{layout.name}\t{', '.join(layout.placeholders)}")


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except OSError as error:
        raise InvalidLayout(f"FILE: {str(file)!r} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise InvalidLayout(f"FILE: {str(file)!r} is no UTF-8 text.") from error
