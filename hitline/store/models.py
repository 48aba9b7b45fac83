"""Models of a stage's workers that labels rest on, kept so that each label can be explained."""

from __future__ import annotations

from datetime import datetime

import numpy as np
from sqlalchemy import Connection, delete, select

from hitline.consensus.calibration import Calibration
from hitline.consensus.grounds import Grounds
from hitline.store.database import Store
from hitline.store.schema import model_workers, models, verdicts


def keep(
    store: Store,
    connection: Connection,
    pipeline: str,
    stage: str,
    grounds: Grounds,
    at: datetime,
) -> None:
    """Keep a version of the model, with these of its workers; what is kept already stays."""
    about = {"pipeline": pipeline, "stage": stage, "version": grounds.version}
    row = {
        **about,
        "at": at,
        "answers": grounds.answers,
        "labels": list(grounds.labels),
        "shares": grounds.shares.tolist(),
        "shift": grounds.calibration.shift,
        "slope": grounds.calibration.slope,
        "by_votes": grounds.by_votes,
    }
    store.insert_new(connection, models, [row])
    workers = [
        {**about, "worker_id": worker, "answers": volume, "confusion": confusion.tolist()}
        for worker, volume, confusion in zip(
            grounds.workers, grounds.volume, grounds.confusion, strict=True
        )
    ]
    store.insert_new(connection, model_workers, workers)


def load(connection: Connection, pipeline: str, stage: str, version: str) -> Grounds | None:
    """A version of the model, with those of its workers that were kept; None if it is not kept."""
    where = models.c.pipeline == pipeline, models.c.stage == stage, models.c.version == version
    row = connection.execute(select(models).where(*where)).one_or_none()
    if row is None:
        return None
    workers = connection.execute(
        select(model_workers)
        .where(
            model_workers.c.pipeline == pipeline,
            model_workers.c.stage == stage,
            model_workers.c.version == version,
        )
        .order_by(model_workers.c.worker_id)
    ).all()
    size = len(row.labels)
    matrices = np.array([one.confusion for one in workers], dtype=float)
    return Grounds(
        version=version,
        answers=row.answers,
        labels=tuple(row.labels),
        shares=np.array(row.shares),
        calibration=Calibration(shift=row.shift, slope=row.slope),
        by_votes=row.by_votes,
        workers=tuple(one.worker_id for one in workers),
        volume=tuple(one.answers for one in workers),
        confusion=matrices.reshape(-1, size, size),
    )


def newest(connection: Connection, pipeline: str, stage: str) -> str | None:
    """The version that was kept last."""
    return connection.scalar(
        select(models.c.version)
        .where(models.c.pipeline == pipeline, models.c.stage == stage)
        .order_by(models.c.at.desc(), models.c.answers.desc(), models.c.version)
        .limit(1)
    )


def prune(connection: Connection, pipeline: str, stage: str) -> int:
    """Delete versions that no verdict names, but for the newest; how many."""
    stay = newest(connection, pipeline, stage)
    named = (
        select(verdicts.c.model)
        .where(
            verdicts.c.pipeline == pipeline,
            verdicts.c.stage == stage,
            verdicts.c.model.is_not(None),
        )
        .distinct()
    )
    gone = list(
        connection.scalars(
            select(models.c.version).where(
                models.c.pipeline == pipeline,
                models.c.stage == stage,
                models.c.version != stay,
                models.c.version.not_in(named),
            )
        )
    )
    for table in (model_workers, models):
        connection.execute(
            delete(table).where(
                table.c.pipeline == pipeline, table.c.stage == stage, table.c.version.in_(gone)
            )
        )
    return len(gone)
