"""Requests of the Requester API, signed beforehand, so that a run measures the service alone."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import httpx
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from benchmarks.service import Keys

TARGET = "MTurkRequesterServiceV20170117"


class Signer:
    """Signs for one requester at one service; a signature is good for five minutes."""

    def __init__(self, url: str, keys: Keys) -> None:
        credentials = Credentials(keys.access_key_id, keys.secret_access_key)
        self._auth = SigV4Auth(credentials, "mturk-requester", "us-east-1")
        self._url = url

    def request(self, operation: str, parameters: Mapping[str, Any]) -> httpx.Request:
        body = json.dumps(parameters).encode()
        headers = {
            "Content-Type": "application/x-amz-json-1.1",
            "X-Amz-Target": f"{TARGET}.{operation}",
        }
        signed = AWSRequest("POST", f"{self._url}/", headers=headers, data=body)
        self._auth.add_auth(signed)
        return httpx.Request("POST", f"{self._url}/", headers=dict(signed.headers), content=body)
