"""The requester's adapter on a client of the marketplace."""

from __future__ import annotations

from typing import Any

import pytest

from hitline.mturk.client import Requester
from tests.contracts.requester.asking import make_type


@pytest.fixture
def client(market: Any) -> Any:
    """It tries once, so that no test waits for botocore's pauses."""
    return market.client


@pytest.fixture
def requester(client: Any) -> Requester:
    return Requester(client)


@pytest.fixture
def hit_type_id(requester: Requester) -> str:
    return make_type(requester)
