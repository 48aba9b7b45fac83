"""A worker's own record on the site: history, earnings, messages, account, data."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from marketplace.engine import history, messages, people, personal_data, requesters
from marketplace.engine.states import AssignmentStatus
from marketplace.errors import UnknownWorker
from tests.contracts.visiting import PASSWORD, Visitor, add_person

ANN = "AWORKER1"


def lab(market: Any) -> str:
    with market.engine.look() as tx:
        return requesters.named(tx, "lab").requester_id


def work_through_every_state(market: Any) -> dict[str, str]:
    """Six HITs of $0.05 and, two days later, one of $0.30 that is paid at once with a bonus."""
    hits = {
        name: market.create_hit(Title=name, LifetimeInSeconds=864_000)["HITId"]
        for name in ("waiting", "approved", "rejected", "returned", "abandoned", "held")
    }
    done = {
        name: market.submit(hits[name], ANN, breed="pug")
        for name in ("waiting", "approved", "rejected")
    }
    market.client.approve_assignment(AssignmentId=done["approved"], RequesterFeedback="Thank you")
    market.client.reject_assignment(
        AssignmentId=done["rejected"], RequesterFeedback="Not <b>a</b> dog"
    )
    market.engine.give_back(market.accept(hits["returned"], ANN), ANN)
    market.accept(hits["abandoned"], ANN)
    market.advance(days=2)
    paid = market.create_hit(Title="paid", Reward="0.30", AutoApprovalDelayInSeconds=0)["HITId"]
    done["paid"] = market.submit(paid, ANN, breed="pug")
    market.client.send_bonus(
        WorkerId=ANN, AssignmentId=done["paid"], BonusAmount="0.20", Reason="Quick"
    )
    market.accept(hits["held"], ANN)
    return done


def test_earnings_are_added_up_by_what_became_of_the_work(market: Any) -> None:
    work_through_every_state(market)
    with market.engine.look() as tx:
        earned = history.earnings(tx, ANN)
    assert (earned.pending, earned.pending_rewards) == (1, Decimal("0.05"))
    assert (earned.approved, earned.approved_rewards) == (2, Decimal("0.35"))
    assert (earned.rejected, earned.rejected_rewards) == (1, Decimal("0.05"))
    assert (earned.bonuses, earned.total) == (Decimal("0.20"), Decimal("0.55"))
    assert [(day.day, day.approved, day.rewards, day.bonuses) for day in earned.days] == [
        ("2026-01-07", 1, Decimal("0.30"), Decimal("0.20")),
        ("2026-01-05", 1, Decimal("0.05"), Decimal("0.00")),
    ]


def test_the_earnings_page_shows_them(market: Any) -> None:
    work_through_every_state(market)
    page = Visitor(market, ANN).get("/earnings")
    assert page.texts("//dl[@class='figures']//dd") == ["$0.55", "$0.35", "$0.20", "$0.05", "$0.05"]
    assert page.texts("(//tbody)[1]/tr[1]/*") == ["2026-01-07", "1", "$0.30", "$0.20", "$0.50"]
    assert "Quick" in page.main


def test_days_long_past_count_in_all_but_not_one_by_one(market: Any) -> None:
    work_through_every_state(market)
    market.advance(days=29)
    with market.engine.look() as tx:
        earned = history.earnings(tx, ANN)
    # The waiting one was approved by the clock, 30 days after it was submitted.
    assert [day.day for day in earned.days] == ["2026-02-04", "2026-01-07"]
    assert earned.total == Decimal("0.60")


@pytest.mark.parametrize(
    ("state", "titles"),
    [
        ("all", ["held", "paid", "abandoned", "returned", "rejected", "approved", "waiting"]),
        ("pending", ["waiting"]),
        ("approved", ["paid", "approved"]),
        ("rejected", ["rejected"]),
        ("unfinished", ["abandoned", "returned"]),
        ("nonsense", ["held", "paid", "abandoned", "returned", "rejected", "approved", "waiting"]),
    ],
)
def test_history_is_filtered_by_state(market: Any, state: str, titles: list[str]) -> None:
    work_through_every_state(market)
    page = Visitor(market, ANN).get(f"/history?state={state}")
    assert page.texts("//tbody//th/a") == titles


def test_a_rejection_shows_the_requesters_reason_as_text(market: Any) -> None:
    done = work_through_every_state(market)
    ann = Visitor(market, ANN)
    assert "“Not <b>a</b> dog”" in ann.get("/history?state=rejected").main
    page = ann.get(f"/work/{done['rejected']}")
    assert page.h1 == "Rejected"
    assert "Not <b>a</b> dog" in page.main


def test_history_is_paged(market: Any) -> None:
    for number in range(27):
        market.submit(market.create_hit(Title=f"HIT {number}")["HITId"], ANN, breed="pug")
    ann = Visitor(market, ANN)
    first = ann.get("/history?state=pending")
    assert first.texts("//tbody//th/a") == [f"HIT {number}" for number in range(26, 1, -1)]
    (later,) = first.tree.xpath("//a[@rel='next']/@href")
    assert ann.get(later).texts("//tbody//th/a") == ["HIT 1", "HIT 0"]


def test_the_history_of_others_is_not_seen(market: Any) -> None:
    work_through_every_state(market)
    market.engine.register_worker("AWORKER2")
    with market.engine.look() as tx:
        assert history.listing(tx, "AWORKER2", tuple(AssignmentStatus)) == []
        assert history.earnings(tx, "AWORKER2").total == 0


def test_a_message_from_a_requester_is_read_and_answered(market: Any) -> None:
    market.submit(market.create_hit(AutoApprovalDelayInSeconds=0)["HITId"], ANN, breed="pug")
    ann = Visitor(market, ANN)
    ann.get("/hits")
    market.client.notify_workers(
        Subject="More <i>dogs</i>", MessageText="Next week.", WorkerIds=[ANN]
    )
    assert "You have 1 new message" in ann.get("/hits").main
    page = ann.get("/messages")
    assert page.texts("//main//li//h2") == ["More <i>dogs</i>"]
    (address,) = page.tree.xpath("//main//li//h2/a/@href")
    opened = ann.get(address)
    assert "Next week." in opened.main
    assert "new message" not in ann.get("/hits").main
    (answer,) = opened.tree.xpath("//a[text()='Answer']/@href")
    form = ann.get(answer)
    assert form.form("/messages/write")["subject"] == "Re: More <i>dogs</i>"
    sent = ann.send(form, "/messages/write", body="Gladly.\r\nAnn")
    assert "Your message was sent." in sent.main
    with market.engine.look() as tx:
        (received,) = messages.inbox_of_requester(tx, lab(market))
    assert (received.subject, received.body) == ("Re: More <i>dogs</i>", "Gladly.\nAnn")
    assert Visitor(market, "AWORKER2").get(address).status == 404


def test_a_worker_writes_to_the_requester_about_a_hit(market: Any) -> None:
    hit = market.create_hit()
    ann = Visitor(market, ANN)
    form = ann.get(f"/messages/write?hit={hit['HITId']}")
    assert form.h1 == "Write to lab"
    ann.send(form, "/messages/write", subject="Is it a pug?", body="I cannot see it.")
    with market.engine.look() as tx:
        (received,) = messages.inbox_of_requester(tx, lab(market))
    assert (received.worker_id, received.hit_id) == (ANN, hit["HITId"])
    empty = ann.send(form, "/messages/write", subject="Still there?", body=" ")
    assert empty.status == 422
    assert empty.form("/messages/write")["subject"] == "Still there?"


@pytest.mark.parametrize("query", ["", "?hit=3NONE", "?to=ANONE"])
def test_nobody_can_be_written_to_who_is_not_there(market: Any, query: str) -> None:
    assert Visitor(market, ANN).get(f"/messages/write{query}").status == 404


def test_what_a_worker_says_of_themselves_can_be_changed(market: Any) -> None:
    worker_id = add_person(market)
    ann = Visitor(market)
    ann.sign_in("ann@example.org")
    page = ann.send(
        ann.get("/account"), "/account", name="Anna", country="us", subdivision="ca", adult="yes"
    )
    assert "Your changes were saved." in page.main
    with market.engine.look() as tx:
        person = people.existing(tx, worker_id)
    assert (person.name, person.country, person.subdivision, person.adult) == (
        "Anna",
        "US",
        "CA",
        True,
    )


@pytest.mark.parametrize(
    ("email", "password", "status"),
    [
        ("new@example.org", PASSWORD, 200),
        ("new@example.org", "wrong", 422),
        ("new@example.org", "", 422),
        ("bob@example.org", PASSWORD, 422),
        ("ANN@example.org", "", 200),
    ],
)
def test_another_email_needs_the_password_and_must_be_free(
    market: Any, email: str, password: str, status: int
) -> None:
    add_person(market)
    add_person(market, "bob@example.org")
    ann = Visitor(market)
    ann.sign_in("ann@example.org")
    page = ann.send(
        ann.get("/account"), "/account", email=email, name="Ann", current_for_email=password
    )
    assert page.status == status


def test_another_password_needs_the_present_one_and_signs_out_elsewhere(market: Any) -> None:
    add_person(market)
    ann, thief = Visitor(market), Visitor(market)
    for visitor in (ann, thief):
        visitor.sign_in("ann@example.org")
    page = ann.get("/account")
    wrong = ann.send(page, "/account/password", current="wrong", password="another long one")
    assert (wrong.status, "This is not your password." in wrong.main) == (422, True)
    right = ann.send(page, "/account/password", current=PASSWORD, password="another long one")
    assert "Your password was changed." in right.main
    assert thief.get("/work").path.startswith("/sign-in")
    assert ann.get("/work").status == 200


def test_everything_stored_of_a_worker_can_be_downloaded_but_no_secret(market: Any) -> None:
    worker_id = add_person(market)
    ann = Visitor(market)
    ann.sign_in("ann@example.org")
    market.submit(market.create_hit()["HITId"], worker_id, breed="pug")
    answer = ann.http.get("/account/data.json")
    assert answer.headers["content-disposition"] == f'attachment; filename="{worker_id}.json"'
    content = answer.json()
    assert content["login"][0]["email"] == "ann@example.org"
    assert "<FreeText>pug</FreeText>" in content["assignments"][0]["answer"]
    assert len(content["sessions"]) == 1
    for secret in ("argon2", dict(ann.http.cookies)["worker"]):
        assert secret not in answer.text


def test_an_erased_worker_is_an_id_in_the_books_and_nothing_more(market: Any) -> None:
    worker_id = add_person(market)
    ann = Visitor(market)
    ann.sign_in("ann@example.org")
    market.submit(market.create_hit(AutoApprovalDelayInSeconds=0)["HITId"], worker_id, breed="pug")
    held = market.create_hit()
    market.accept(held["HITId"], worker_id)
    with market.engine.act() as tx:
        messages.send_to_requester(tx, worker_id, lab(market), "Hello", "I am Ann.")
        personal_data.erase(tx, worker_id)
    assert ann.get("/work").path.startswith("/sign-in")
    assert market.status(held["HITId"]) == "Assignable"
    with market.engine.look() as tx:
        assert people.find(tx, worker_id) is None
        assert history.earnings(tx, worker_id).total == Decimal("0.05")
        left = personal_data.export(tx, worker_id)
    assert [name for name, rows in left.items() if rows] == [
        "worker_id",
        "exported_at",
        "worker",
        "assignments",
    ]
    assert ann.sign_in("ann@example.org").status == 403
    assert add_person(market) != worker_id


@pytest.mark.parametrize("act", [personal_data.export, personal_data.erase, people.close])
def test_an_unknown_worker_is_named(market: Any, act: Any) -> None:
    with pytest.raises(UnknownWorker, match="ANOBODY"), market.engine.act() as tx:
        act(tx, "ANOBODY")
