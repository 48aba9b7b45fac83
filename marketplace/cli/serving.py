"""`marketplace serve`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from marketplace.cli.opening import Database, settings_from


def serve(
    *,
    database: Database = None,
    key_file: Path | None = None,
    host: str | None = None,
    port: int | None = None,
    public_url: str | None = None,
    sign_up: Literal["open", "invitation", "closed"] | None = None,
    sandbox: Annotated[bool | None, Parameter(negative="")] = None,
    fees: Literal["mturk", "none"] | None = None,
    wall_of_nine: Literal["on", "off"] | None = None,
    media_folder: Path | None = None,
    clock_speed: float | None = None,
    clock_anchor: str | None = None,
    clock_wall_anchor: str | None = None,
    sqs_endpoint: str | None = None,
    sns_endpoint: str | None = None,
) -> int:
    """Serve the Requester API, and send its notifications.

    Example: marketplace serve --database var/marketplace.db --port 8017

    Parameters
    ----------
    key_file
        What the secrets of access keys are encrypted under; by default a file beside the database.
    host
        Address to listen on.
    port
        Port to listen on; 0 takes a free one.
    public_url
        How browsers reach the service, where a proxy stands before it.
    sign_up
        Who may become a worker on the site: anybody, the invited, or nobody.
    sandbox
        Constant balance, no money, errors marked as the sandbox's.
    fees
        What Amazon charged on top of rewards, or nothing.
    wall_of_nine
        Whether a HIT posted with fewer than ten assignments can never reach ten.
    media_folder
        Where pictures and sound lie; by default a folder beside the database.
    clock_speed
        Business seconds per wall second; changes without a jump in business time.
    clock_anchor
        Business time at the wall anchor, ISO 8601 with zone.
    clock_wall_anchor
        Wall time of the anchor, ISO 8601 with zone.
    sqs_endpoint
        Where SQS is, if not at Amazon.
    sns_endpoint
        Where SNS is, if not at Amazon.
    """
    given = locals()
    from marketplace.serve import serve as run

    return 0 if run(settings_from(**given)) else 1
