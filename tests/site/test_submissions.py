"""What is posted to externalSubmit: which fields become answers, and what does not count."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from tests.site.conftest import Site, external_question, html_question

QUESTION = html_question("<form action='/mturk/externalSubmit'><input name='a'></form>")
PLAIN = "/mturk/externalSubmit"


def hold(site: Site, worker: str = "AWORKER", **hit: Any) -> tuple[str, str]:
    hit_id = site.create_hit(**{"Question": QUESTION, **hit})["HITId"]
    return hit_id, site.accept(hit_id, worker)


def frame_address(site: Site, assignment_id: str, worker: str) -> str:
    """Where the work page's frame leads that worker; the pass is in it."""
    answer = httpx.get(
        f"{site.url}/frames/work/{assignment_id}", cookies={"worker": site.cookie(worker)["value"]}
    )
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def under_pass(site: Site, assignment_id: str, worker: str = "AWORKER") -> str:
    path = urlsplit(frame_address(site, assignment_id, worker)).path
    return f"{path}/mturk/externalSubmit"


def said(answer: httpx.Response) -> str:
    found = re.search(r"<p>(.*?)</p>", answer.text)
    assert found is not None
    return found[1]


FIELDS = [
    (
        "every field but two becomes an answer",
        b"assignmentId=ID&hitId=3X&breed=terrier&workerId=AW&submit=",
        {"breed": "terrier", "workerId": "AW", "submit": ""},
    ),
    ("of a repeated name one value survives", b"assignmentId=ID&a=1&a=2", {"a": "1"}),
    ("line ends arrive as the browser sent them", b"assignmentId=ID&a=x%0D%0Ay", {"a": "x\r\ny"}),
    ("UTF-8 in any script", "assignmentId=ID&ж=%E2%82%AC+é".encode(), {"ж": "€ é"}),
    ("a form without a field of its own", b"assignmentId=ID", {}),
    (
        "JSON stays as it is",
        b'assignmentId=ID&taskAnswers=[{"a":{"b":true}}]',
        {"taskAnswers": '[{"a":{"b":true}}]'},
    ),
]


@pytest.mark.parametrize(
    ("body", "expected"), [row[1:] for row in FIELDS], ids=[row[0] for row in FIELDS]
)
def test_fields_become_answers(site: Site, body: bytes, expected: dict[str, str]) -> None:
    hit_id, assignment_id = hold(site)
    answer = httpx.post(
        f"{site.url}{PLAIN}",
        content=body.replace(b"ID", assignment_id.encode(), 1),
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )
    assert answer.status_code == 200
    assert f'data-submitted="{assignment_id}"' in answer.text
    assert site.answers(hit_id) == expected


def test_a_multipart_form_is_read_too(site: Site) -> None:
    """Of a file only the name arrives, as from a form that is not multipart."""
    hit_id, assignment_id = hold(site)
    files = {"assignmentId": (None, assignment_id), "a": (None, "x\r\ny"), "f": ("cat.png", b"PNG")}
    assert httpx.post(f"{site.url}{PLAIN}", files=files).status_code == 200
    assert site.answers(hit_id) == {"a": "x\r\ny", "f": "cat.png"}


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_data_in_the_address_counts(site: Site, method: str) -> None:
    """As libraries do that lead the frame to the address instead of posting a form."""
    hit_id, assignment_id = hold(site)
    query = {"assignmentId": assignment_id, "a": "1"}
    assert httpx.request(method, f"{site.url}{PLAIN}", params=query).status_code == 200
    assert site.answers(hit_id) == {"a": "1"}


@pytest.mark.parametrize("slashes", ["/", "//"])
@pytest.mark.parametrize("passed", [False, True])
def test_the_address_may_have_a_slash_too_many(site: Site, slashes: str, passed: bool) -> None:
    hit_id, assignment_id = hold(site)
    address = under_pass(site, assignment_id) if passed else PLAIN
    address = address.replace("/mturk/", f"{slashes}mturk/")
    answer = httpx.post(f"{site.url}{address}", data={"assignmentId": assignment_id, "a": "1"})
    assert answer.status_code == 200
    assert site.answers(hit_id) == {"a": "1"}


REFUSED = {
    "no assignmentId": ({}, 400, "did not say which assignment"),
    "another spelling of it": ({"assignmentID": "3X"}, 400, "did not say which assignment"),
    "a preview": ({"assignmentId": "ASSIGNMENT_ID_NOT_AVAILABLE"}, 400, "accept the HIT"),
    "an unknown id": ({"assignmentId": "3UNKNOWN"}, 404, "do not hold"),
    "a hostile id": ({"assignmentId": "<script>\x00'"}, 404, "do not hold"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_names_no_assignment_is_refused(site: Site, case: str) -> None:
    fields, status, words = REFUSED[case]
    answer = httpx.post(f"{site.url}{PLAIN}", data={**fields, "a": "1"})
    assert answer.status_code == status
    assert words in said(answer)


@pytest.mark.parametrize("passed", [False, True])
def test_a_second_submission_changes_nothing(site: Site, passed: bool) -> None:
    hit_id, assignment_id = hold(site)
    address = under_pass(site, assignment_id) if passed else PLAIN
    for text, status in (("first", 200), ("second", 409)):
        fields = {"assignmentId": assignment_id, "a": text}
        answer = httpx.post(f"{site.url}{address}", data=fields)
        assert answer.status_code == status
    assert "submitted before" in said(answer)
    assert site.answers(hit_id) == {"a": "first"}


def test_a_late_submission_is_refused(site: Site) -> None:
    """The HIT allows 600 seconds; both addresses say that the time is up."""
    hit_id, assignment_id = hold(site)
    address = under_pass(site, assignment_id)
    site.advance(seconds=600)
    fields = {"assignmentId": assignment_id, "a": "1"}
    late = httpx.post(f"{site.url}{address}", data=fields)
    assert (late.status_code, "time for this HIT is up" in said(late)) == (409, True)
    assert httpx.post(f"{site.url}{PLAIN}", data=fields).status_code == 404
    assert site.client.list_assignments_for_hit(HITId=hit_id)["NumResults"] == 0


class TestTheIdPassedOn:
    """One worker returned the HIT, and the next got the same assignment id."""

    @pytest.fixture
    def ids(self, site: Site) -> tuple[str, str, str]:
        hit_id, assignment_id = hold(site, "AFIRST")
        self.old = under_pass(site, assignment_id, "AFIRST")
        site.engine.give_back(assignment_id, "AFIRST")
        assert site.accept(hit_id, "ASECOND") == assignment_id
        return hit_id, assignment_id, under_pass(site, assignment_id, "ASECOND")

    def test_who_returned_it_cannot_submit_for_the_next(
        self, site: Site, ids: tuple[str, str, str]
    ) -> None:
        """Neither by the old pass nor by the id alone, with or without a session."""
        hit_id, assignment_id, _ = ids
        fields = {"assignmentId": assignment_id, "a": "stolen"}
        cookies = {"worker": site.cookie("AFIRST")["value"]}
        for address, words in ((self.old, "returned this HIT"), (PLAIN, "Somebody else held")):
            for given in ({}, cookies):
                answer = httpx.post(f"{site.url}{address}", data=fields, cookies=given)
                assert answer.status_code in (403, 409)
                assert words in said(answer)
        assert site.client.list_assignments_for_hit(HITId=hit_id)["NumResults"] == 0

    def test_who_holds_it_now_submits_under_the_pass(
        self, site: Site, ids: tuple[str, str, str]
    ) -> None:
        hit_id, assignment_id, address = ids
        fields = {"assignmentId": assignment_id, "a": "mine"}
        assert httpx.post(f"{site.url}{address}", data=fields).status_code == 200
        assert site.answers(hit_id) == {"a": "mine"}


def test_a_session_that_is_sent_must_be_the_holders(site: Site) -> None:
    hit_id, assignment_id = hold(site)
    cookies = {"worker": site.cookie("AOTHER")["value"]}
    fields = {"assignmentId": assignment_id, "a": "1"}
    for address in (PLAIN, under_pass(site, assignment_id)):
        assert httpx.post(f"{site.url}{address}", data=fields, cookies=cookies).status_code == 403
    assert site.client.list_assignments_for_hit(HITId=hit_id)["NumResults"] == 0


@pytest.mark.parametrize("made", ["x", "A" * 100, "gAAAAA" + "B" * 94, "%00", "é"], ids=range(5))
def test_a_pass_that_we_did_not_issue_opens_nothing(site: Site, made: str) -> None:
    _, assignment_id = hold(site)
    assert httpx.get(f"{site.url}/frames/page/{made}").status_code == 404
    answer = httpx.post(
        f"{site.url}/frames/page/{made}/mturk/externalSubmit", data={"assignmentId": assignment_id}
    )
    assert answer.status_code == 403


def test_a_pass_submits_its_own_assignment_only(site: Site) -> None:
    _, mine = hold(site, "AFIRST")
    hit_id, other = hold(site, "ASECOND")
    answer = httpx.post(
        f"{site.url}{under_pass(site, mine, 'AFIRST')}", data={"assignmentId": other}
    )
    assert answer.status_code == 403
    assert site.client.list_assignments_for_hit(HITId=hit_id)["NumResults"] == 0


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"assignmentId=ID&a=" + b"x" * 4 * 2**20, 413),
        (b"assignmentId=ID" + b"&a=1" * 5000, 413),
        (b"assignmentId=ID&a=" + b"x" * 2**20, 200),
    ],
    ids=["too long", "too many fields", "a megabyte"],
)
def test_too_much_is_refused(site: Site, body: bytes, status: int) -> None:
    _, assignment_id = hold(site)
    answer = httpx.post(
        f"{site.url}{PLAIN}",
        content=body.replace(b"ID", assignment_id.encode(), 1),
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )
    assert answer.status_code == status


def test_a_broken_multipart_body_is_refused(site: Site) -> None:
    answer = httpx.post(
        f"{site.url}{PLAIN}",
        content=b"--x\r\nnothing",
        headers={"Content-Type": "multipart/form-data; boundary=x"},
    )
    assert answer.status_code == 400


def test_the_frame_is_for_the_holder_and_only_while_held(site: Site) -> None:
    _, assignment_id = hold(site)
    address = f"{site.url}/frames/work/{assignment_id}"
    other = {"worker": site.cookie("AOTHER")["value"]}
    assert httpx.get(address).status_code == 404
    assert httpx.get(address, cookies=other).status_code == 404
    location = frame_address(site, assignment_id, "AWORKER")
    assert httpx.get(f"{site.url}{location}").status_code == 200
    site.advance(seconds=600)
    assert httpx.get(f"{site.url}{location}").status_code == 404


def test_an_html_question_is_nobodys_page_wherever_it_is_opened(site: Site) -> None:
    _, assignment_id = hold(site)
    answer = httpx.get(f"{site.url}{frame_address(site, assignment_id, 'AWORKER')}")
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("sandbox ")
    assert "allow-same-origin" not in policy
    assert "allow-top-navigation" not in policy
    assert "frame-ancestors 'self'" in policy
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("public", [None, "https://work.example", "https://work.example/"])
def test_an_external_page_is_told_what_mturk_told(open_site: Any, public: str | None) -> None:
    """turkSubmitTo is our address as browsers know it, and the way under the pass."""
    site = open_site(public_url=public)
    url = "https://survey.test/game?id=01523&lang=en"
    hit_id, assignment_id = hold(site, Question=external_question(url))
    location = frame_address(site, assignment_id, "AWORKER")
    query = dict(httpx.URL(location).params)
    base = "https://work.example" if public else site.url
    submit_to = query.pop("turkSubmitTo")
    assert location.startswith(
        f"{url}&assignmentId={assignment_id}&hitId={hit_id}&turkSubmitTo={base}/"
    )
    assert query == {
        "id": "01523",
        "lang": "en",
        "assignmentId": assignment_id,
        "hitId": hit_id,
        "workerId": "AWORKER",
    }
    path = urlsplit(submit_to).path
    answer = httpx.post(
        f"{site.url}{path}/mturk/externalSubmit", data={"assignmentId": assignment_id, "a": "1"}
    )
    assert answer.status_code == 200
    assert site.answers(hit_id) == {"a": "1"}


@pytest.mark.parametrize(
    ("guard", "status"),
    [("Accept", 200), ("PreviewAndAccept", 404), ("DiscoverPreviewAndAccept", 404)],
)
def test_a_preview_is_for_those_who_may_preview(site: Site, guard: str, status: int) -> None:
    requirement = {
        "QualificationTypeId": "00000000000000000040",
        "Comparator": "GreaterThan",
        "IntegerValues": [5],
        "ActionsGuarded": guard,
    }
    hit = site.create_hit(Question=QUESTION, QualificationRequirements=[requirement])
    address = f"{site.url}/frames/preview/{hit['HITId']}"
    cookies = {"worker": site.cookie("AWORKER")["value"]}
    assert httpx.get(address).status_code == status
    assert httpx.get(address, cookies=cookies).status_code == status


def test_a_question_form_is_not_submitted_this_way(site: Site) -> None:
    from tests.unit.marketplace_frames.test_question_forms import form, question

    _, assignment_id = hold(site, Question=form(question()))
    answer = httpx.post(f"{site.url}{PLAIN}", data={"assignmentId": assignment_id, "zzz": "1"})
    assert answer.status_code == 409
    assert "form of its own" in said(answer)


def test_work_may_still_be_submitted_after_the_hit_expired(site: Site) -> None:
    hit_id, assignment_id = hold(site, LifetimeInSeconds=60)
    site.clock.advance(timedelta(seconds=90))
    fields = {"assignmentId": assignment_id, "a": "1"}
    assert httpx.post(f"{site.url}{PLAIN}", data=fields).status_code == 200
    assert site.status(hit_id) == "Reviewable"
