"""Finding work: which groups of HITs a worker sees, in which order, and what they may do."""

from __future__ import annotations

from typing import Any

import pytest

from marketplace.engine import blocks, browsing, requesters
from tests.contracts.visiting import Page, Visitor

ANN = "AWORKER1"
NEVER = "00000000000000000040"  # HITs approved, of which a newcomer has none


def titles(page: Page) -> list[str]:
    return page.texts("//main//li//h2")


def require(guard: str) -> list[dict[str, Any]]:
    return [
        {
            "QualificationTypeId": NEVER,
            "Comparator": "GreaterThan",
            "IntegerValues": [5],
            "ActionsGuarded": guard,
        }
    ]


def test_a_group_shows_what_a_worker_wants_to_know(market: Any) -> None:
    hit = market.create_hit(Keywords="dogs, pictures")
    market.create_hit(Keywords="dogs, pictures")
    page = Visitor(market, ANN).get(f"/groups/{hit['HITGroupId']}")
    assert page.h1 == "Which breed?"
    shown = dict(zip(page.texts("//dt"), page.texts("//dd"), strict=True))
    assert shown == {
        "Reward": "$0.05",
        "Time allotted": "10 minutes",
        "HITs for you": "2",
        "Posted": "5 Jan 2026, 10:00 UTC",
        "Offered until": "5 Jan 2026, 11:00 UTC",
    }
    for text in ("By lab", "Look at a picture.", "Keywords: dogs, pictures"):
        assert text in page.main


def test_groups_come_in_the_order_that_is_asked_for(market: Any) -> None:
    market.create_hit(Title="First, and two", Reward="0.05")
    market.create_hit(Title="First, and two", Reward="0.05")
    market.advance(seconds=5)
    market.create_hit(Title="Best paid", Reward="0.90")
    market.advance(seconds=5)
    market.create_hit(Title="Newest", Reward="0.10")
    ann = Visitor(market, ANN)
    orders = {
        "newest": ["Newest", "Best paid", "First, and two"],
        "reward": ["Best paid", "Newest", "First, and two"],
        "available": ["First, and two", "Newest", "Best paid"],
        "nonsense": ["Newest", "Best paid", "First, and two"],
    }
    for order, expected in orders.items():
        assert titles(ann.get(f"/hits?sort={order}")) == expected, order


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("", ["Cats", "Dogs"]),
        ("DOGS", ["Dogs"]),
        ("picture cats", ["Cats"]),
        ("feline", ["Cats"]),
        ("lab", ["Cats", "Dogs"]),
        ("dogs cats", []),
        ("%", []),
        ("<b>", []),
    ],
)
def test_every_word_of_a_search_must_occur(market: Any, search: str, found: list[str]) -> None:
    market.create_hit(Title="Dogs")
    market.create_hit(Title="Cats", Keywords="feline")
    page = Page(Visitor(market, ANN).http.get("/hits", params={"search": search}))
    assert titles(page) == found
    assert page.tree.xpath("//input[@id='search']/@value") == [search]


def test_groups_are_paged(market: Any) -> None:
    for number in range(23):
        market.create_hit(Title=f"Group {number}")
    ann = Visitor(market, ANN)
    first = ann.get("/hits")
    assert titles(first) == [f"Group {number}" for number in range(22, 2, -1)]
    assert first.texts("//*[@id='count']") == ["1–20 of 23 groups"]  # noqa: RUF001
    (later,) = first.tree.xpath("//a[@rel='next']/@href")
    second = ann.get(later)
    assert titles(second) == ["Group 2", "Group 1", "Group 0"]
    assert second.tree.xpath("//a[@rel='next']") == []
    for senseless in ("0", "-1", "x", "9" * 40):
        assert ann.get(f"/hits?page={senseless}").status == 200


@pytest.mark.parametrize(
    ("guard", "listed", "previewed", "accepted"),
    [
        (None, True, True, True),
        ("Accept", True, True, False),
        ("PreviewAndAccept", True, False, False),
        ("DiscoverPreviewAndAccept", False, False, False),
    ],
)
def test_a_requirement_guards_what_its_owner_said(
    market: Any, guard: str | None, listed: bool, previewed: bool, accepted: bool
) -> None:
    hit = market.create_hit(QualificationRequirements=require(guard) if guard else [])
    ann = Visitor(market, ANN)
    assert titles(ann.get("/hits")) == (["Which breed?"] if listed else [])
    assert titles(ann.get("/hits?qualified=yes")) == (["Which breed?"] if accepted else [])
    page = ann.get(f"/groups/{hit['HITGroupId']}")
    assert page.status == (200 if listed else 404)
    assert bool(page.tree.xpath("//iframe")) is previewed
    accept = f"/groups/{hit['HITGroupId']}/accept"
    assert bool(page.tree.xpath(f"//form[@action='{accept}']")) is accepted
    if not accepted and listed:
        assert "more than 5" in page.main
    token = ann.get("/hits").form("/sign-out")["form_token"]
    answer = ann.http.post(accept, data={"form_token": token})
    assert (answer.status_code == 200) is accepted


def test_a_requester_who_blocks_a_worker_is_not_seen(market: Any) -> None:
    hit = market.create_hit()
    ann = Visitor(market, ANN)
    with market.engine.act() as tx:
        lab = requesters.named(tx, "lab").requester_id
        blocks.block(tx, lab, ANN, "spam")
    assert titles(ann.get("/hits")) == []
    assert ann.get(f"/groups/{hit['HITGroupId']}").status == 404
    assert titles(Visitor(market, "AWORKER2").get("/hits")) == ["Which breed?"]


def test_what_one_did_or_holds_is_not_offered_again(market: Any) -> None:
    hit = market.create_hit(MaxAssignments=3)
    market.create_hit(MaxAssignments=3)
    other = market.create_hit(MaxAssignments=3)
    ann = Visitor(market, ANN)
    market.submit(hit["HITId"], ANN, breed="pug")
    assert "2 HITs for you" in ann.get("/hits").main
    held = market.accept(other["HITId"], ANN)
    assert "1 HIT for you" in ann.get("/hits").main
    assert "3 HITs for you" in Visitor(market, "AWORKER2").get("/hits").main
    market.engine.give_back(held, ANN)
    assert "2 HITs for you" in ann.get("/hits").main


@pytest.mark.parametrize("how", ["expired", "taken", "deleted"])
def test_a_hit_that_nobody_can_accept_is_not_offered(market: Any, how: str) -> None:
    hit = market.create_hit()
    ann = Visitor(market, ANN)
    if how == "taken":
        market.accept(hit["HITId"], "AWORKER2")
    else:
        market.client.update_expiration_for_hit(HITId=hit["HITId"], ExpireAt=0)
    if how == "deleted":
        market.client.delete_hit(HITId=hit["HITId"])
    assert titles(ann.get("/hits")) == []
    page = ann.get(f"/groups/{hit['HITGroupId']}")
    assert "no HITs of this group left for you" in page.main
    assert page.tree.xpath("//iframe") == []


def test_the_next_hit_is_the_oldest_that_is_left(market: Any) -> None:
    first, second, third = (market.create_hit(MaxAssignments=2) for _ in range(3))
    market.engine.register_worker(ANN)
    market.submit(first["HITId"], ANN, breed="pug")
    market.accept(second["HITId"], "AWORKER2")
    market.accept(second["HITId"], "AWORKER3")
    with market.engine.look() as tx:
        found = browsing.next_hit(tx, ANN, third["HITTypeId"])
    assert found is not None
    assert found.hit_id == third["HITId"]


@pytest.mark.parametrize(
    "address", ["/groups/{type}", "/mturk/preview?groupId={group}", "/projects/{group}/tasks"]
)
def test_the_addresses_that_clients_print_lead_to_the_group(market: Any, address: str) -> None:
    hit = market.create_hit()
    ids = {"type": hit["HITTypeId"], "group": hit["HITGroupId"]}
    assert Visitor(market, ANN).get(address.format(**ids)).h1 == "Which breed?"


def test_what_requesters_write_is_shown_as_text(market: Any) -> None:
    hostile = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>"
    hit = market.create_hit(Title=hostile, Description=hostile, Keywords=hostile)
    ann = Visitor(market, ANN)
    assert titles(ann.get("/hits")) == [hostile]
    for path in ("/hits", f"/groups/{hit['HITGroupId']}"):
        page = ann.get(path)
        assert page.tree.xpath("//script[not(@src)] | //img | //*[@onerror]") == [], path


def test_somebody_not_signed_in_is_shown_what_needs_no_qualification(market: Any) -> None:
    market.create_hit(Title="Open")
    market.create_hit(Title="Hidden", QualificationRequirements=require("DiscoverPreviewAndAccept"))
    with market.engine.look() as tx:
        found = browsing.groups(tx, None, limit=10)
    assert [group.type.attributes.title for group in found.groups] == ["Open"]
