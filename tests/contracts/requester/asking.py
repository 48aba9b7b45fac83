"""What a requester asks, and an endpoint that does not answer as it should."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.exceptions import ReadTimeoutError
from botocore.httpsession import URLLib3Session
from urllib3 import HTTPResponse

from hitline.model import Hit
from hitline.mturk.client import Requester

QUESTION = (
    '<HTMLQuestion xmlns="http://mechanicalturk.amazonaws.com/AWSMechanicalTurkDataSchemas/'
    '2011-11-11/HTMLQuestion.xsd"><HTMLContent><![CDATA[<!DOCTYPE html><html><body><form>'
    '<input name="breed"></form></body></html>]]></HTMLContent><FrameHeight>0</FrameHeight>'
    "</HTMLQuestion>"
)
HOUR = timedelta(hours=1)
UNKNOWN = "3UNKNOWN" + "0" * 22
QUEUE_URL = "https://sqs.us-east-1.amazonaws.com/123456789012/hitline-notifications"
TOPIC_ARN = "arn:aws:sns:us-east-1:123456789012:hitline-notifications"


def make_type(requester: Requester, **changed: Any) -> str:
    attributes: dict[str, Any] = {
        "title": "Which breed is the dog?",
        "description": "Look at a picture and say which breed it shows.",
        "keywords": "dog, picture",
        "reward": Decimal("0.05"),
        "duration": timedelta(minutes=5),
        "auto_approval": timedelta(days=3),
    }
    return requester.create_hit_type(**{**attributes, **changed})


def post(requester: Requester, hit_type_id: str, token: str = "t", **changed: Any) -> Hit:
    arguments: dict[str, Any] = {
        "question": QUESTION,
        "max_assignments": 2,
        "lifetime": HOUR,
        "annotation": "dogs/breed/i1/0/0",
    }
    return requester.create_hit(hit_type_id=hit_type_id, token=token, **{**arguments, **changed})


def work(market: Any, hit: Hit, workers: int) -> None:
    """That many workers accept and submit."""
    for number in range(workers):
        market.submit(hit.hit_id, f"AWORKER{number:03}", breed=f"terrier {number}")


def calls(client: Any) -> list[str]:
    """The operations that `client` sends from now on."""
    sent: list[str] = []

    def note(request: Any, event_name: str, **_: Any) -> None:
        sent.append(event_name.rpartition(".")[2])

    client.meta.events.register("before-send.mturk", note)
    return sent


def answering(status: int, document: dict[str, str]) -> Callable[..., AWSResponse]:
    """A handler of botocore's `before-send` that answers in the endpoint's place."""

    def answer(request: Any, **_: Any) -> AWSResponse:
        body = io.BytesIO(json.dumps(document).encode())
        return AWSResponse(
            request.url, status, HTTPHeaders(), HTTPResponse(body, preload_content=False)
        )

    return answer


class LosesTheResponse:
    """A handler of `before-send` that sends the first request, but loses what is answered."""

    def __init__(self) -> None:
        self.lost = 0

    def __call__(self, request: Any, **_: Any) -> None:
        if self.lost == 0:
            self.lost += 1
            URLLib3Session().send(request)
            raise ReadTimeoutError(endpoint_url=request.url)
