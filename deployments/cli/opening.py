"""What the commands work on: the database, the pipelines, the endpoint, as the settings say."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection

from hitline.errors import HitlineError, InvalidSettings, StoreError
from hitline.mturk.client import Transport
from hitline.settings import Settings, read_settings
from hitline.store import Store, open_store, pipelines, upgrade
from hitline.wiring import Hitline, wire

_SQLITE = "sqlite:///"


def opened() -> Hitline:
    """The requester's side on a database that is there."""
    settings = read_settings()
    return wire(settings, store=open_database(settings))


def opened_for(pipeline: str, stage: str | None) -> Hitline:
    """The requester's side; the pipeline was launched before, and has such a stage."""
    hitline = opened()
    with hitline.store.reading() as connection:
        chosen(connection, pipeline)
    if stage is not None:
        hitline.pipeline(pipeline).stage(stage)
    return hitline


def opened_or_created() -> Hitline:
    """The requester's side; a SQLite database that is not there yet is created."""
    settings = read_settings()
    if _missing_file(settings) is not None:
        upgrade(settings.database_url)
    return opened()


def open_database(settings: Settings) -> Store:
    """The database. Raises StoreError naming the way out where there is none, or an older one."""
    missing = _missing_file(settings)
    if missing is not None:
        raise StoreError(
            f'there is no database {missing} yet; "hitline run" creates it with the first items'
        )
    return open_store(settings.database_url)


def database_if_any(settings: Settings) -> Store | None:
    """The database, or None where none was made yet."""
    return None if _missing_file(settings) is not None else open_store(settings.database_url)


def chosen(connection: Connection, pipeline: str | None) -> str:
    """The pipeline that is meant: the one that is named, or the only one that was ever launched."""
    known = pipelines.names(connection)
    if not known:
        raise HitlineError('nothing was launched yet; "hitline run PIPELINE ITEMS.csv" does it')
    if pipeline is None:
        if len(known) > 1:
            raise HitlineError(f"say which pipeline: {', '.join(known)}")
        return known[0]
    if pipeline not in known:
        raise HitlineError(
            f'the pipeline "{pipeline}" was never launched; launched were {", ".join(known)}'
        )
    return pipeline


def destination_of(settings: Settings) -> tuple[Transport, str]:
    """Where the endpoint is to send notifications."""
    if settings.transport == "sns":
        transport, variable, destination = "SNS", "HITLINE_TOPIC_ARN", settings.topic_arn
    else:
        transport, variable, destination = "SQS", "HITLINE_QUEUE_URL", settings.queue_url
    if not destination:
        raise InvalidSettings(
            f"{variable} is not set; it names where the endpoint sends notifications by {transport}"
        )
    return ("SNS" if transport == "SNS" else "SQS"), destination


def transport_to(destination: str) -> Transport:
    """SNS for a topic's ARN, SQS for a queue's URL. Raises InvalidSettings for anything else."""
    if destination.startswith("arn:aws"):
        return "SNS"
    if destination.startswith(("https://", "http://")):
        return "SQS"
    raise InvalidSettings(
        f'--destination: "{destination}" is neither the URL of an SQS queue nor the ARN of an SNS '
        "topic"
    )


def _missing_file(settings: Settings) -> Path | None:
    url = settings.database_url
    if not url.startswith(_SQLITE):
        return None
    path = Path(url.removeprefix(_SQLITE))
    return None if path.exists() else path
