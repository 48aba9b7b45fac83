"""`python -m deployments.webhook`: take a topic's notifications over HTTP, behind a TLS proxy.

Subscribe the proxy's HTTPS address to the topic of HITLINE_TOPIC_ARN; the confirmation that SNS
asks for is given by itself. The bell is rung by the intake, so one runs beside it.
"""

from __future__ import annotations

import logging
import sys
from typing import Annotated

import httpx
import uvicorn
from cyclopts import App, Parameter

from deployments.webhook.app import Hook, application, fetcher
from hitline.errors import HitlineError, InvalidSettings
from hitline.settings import read_settings
from hitline.store import open_store

app = App(name="deployments.webhook", help=__doc__)


@app.default
def webhook(
    *,
    host: Annotated[str, Parameter(help="The address to listen at.")] = "127.0.0.1",
    port: Annotated[int, Parameter(help="The port to listen at.")] = 8018,
) -> None:
    """Listen until SIGTERM or SIGINT."""
    settings = read_settings()
    if settings.topic_arn is None:
        raise InvalidSettings("HITLINE_TOPIC_ARN is not set; it names the topic to be believed")
    hook = Hook(
        store=open_store(settings.database_url),
        clock=settings.clock,
        topic_arn=settings.topic_arn,
        fetch=fetcher(httpx.Client(timeout=10)),
    )
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    uvicorn.run(application(hook), host=host, port=port, log_level="warning")


if __name__ == "__main__":
    try:
        app(result_action="return_none")
    except HitlineError as wrong:
        print(f"webhook: {wrong}", file=sys.stderr)
        sys.exit(1)
