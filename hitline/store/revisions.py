"""The revision of a stage's evidence: a number that grows with each change to its answers.

Whoever takes a number keeps others of the same stage waiting until the transaction ends. So numbers
become visible in their order: who has read all rows up to one will find what is new above it.
"""

from __future__ import annotations

from sqlalchemy import Connection

from hitline.store.database import Store
from hitline.store.schema import revisions


def next_of(store: Store, connection: Connection, pipeline: str, stage: str) -> int:
    """The next number of the stage; the answers that are written now bear it."""
    statement = store.insert(revisions).values(pipeline=pipeline, stage=stage, revision=1)
    taken: int = connection.execute(
        statement.on_conflict_do_update(
            index_elements=[revisions.c.pipeline, revisions.c.stage],
            set_={"revision": revisions.c.revision + 1},
        ).returning(revisions.c.revision)
    ).scalar_one()
    return taken
