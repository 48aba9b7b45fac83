"""What a question's page is told, and which pages are foreign."""

from __future__ import annotations

import pytest

from marketplace.frames.addresses import appended, is_ours, told

ACCEPTED = {"assignment_id": "3A", "hit_id": "3H", "worker_id": "AW", "submit_to": "https://w.org"}


def test_an_accepted_hit_says_who_works_on_it() -> None:
    assert told(**ACCEPTED) == "assignmentId=3A&hitId=3H&turkSubmitTo=https://w.org&workerId=AW"


def test_a_preview_names_neither_assignment_nor_worker() -> None:
    query = told(**{**ACCEPTED, "assignment_id": None})
    assert query == "assignmentId=ASSIGNMENT_ID_NOT_AVAILABLE&hitId=3H&turkSubmitTo=https://w.org"


def test_what_could_end_a_parameter_is_escaped() -> None:
    assert told(**{**ACCEPTED, "worker_id": "A&b=c#"}).endswith("&workerId=A%26b%3Dc%23")


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://a.org/x", "https://a.org/x?q=1"),
        ("https://a.org/x?", "https://a.org/x?q=1"),
        ("https://a.org/x?game=01523", "https://a.org/x?game=01523&q=1"),
        ("https://a.org/x?game=1&", "https://a.org/x?game=1&q=1"),
        ("https://a.org/x?a=%26&b=é#part", "https://a.org/x?a=%26&b=é&q=1#part"),
        ("https://a.org", "https://a.org?q=1"),
    ],
)
def test_parameters_are_appended_to_those_that_are_there(url: str, expected: str) -> None:
    assert appended(url, "q=1") == expected


@pytest.mark.parametrize(
    ("url", "base", "ours"),
    [
        ("https://survey.org/x", "https://work.org", False),
        ("https://work.org/x", "https://work.org", True),
        ("https://WORK.org:8443/x", "https://work.org", True),
        ("https://work.org:443/", "http://work.org", True),
        ("https://a.work.org/", "https://work.org", False),
        ("http://localhost:8017/", "http://127.0.0.1:8017", True),
        ("http://localhost:9000/", "http://127.0.0.1:8017", False),
        ("http://127.0.0.1:9000/", "http://127.0.0.1:8017", True),
        ("https://work.org:x/", "https://work.org", True),
    ],
)
def test_a_page_that_shares_our_host_is_ours(url: str, base: str, ours: bool) -> None:
    """Cookies go to a host whatever its port; all loopback names at our port are one service."""
    assert is_ours(url, base) is ours
