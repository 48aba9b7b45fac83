"""Which workers meet the requirements of a HIT type, and what those who do not are kept from."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import event, insert

from marketplace.engine import qualification_grants, qualifications
from marketplace.errors import CannotAccept
from marketplace.store.schema import logins
from tests.contracts.qualifying import create, other_client

LOCALE = "00000000000000000071"
ADULT = "00000000000000000060"
APPROVED = "00000000000000000040"
PERCENT = "000000000000000000L0"
MASTERS = "2F1QJWKUDD8XADTFD2Q0G6UTO95ALH"
COUNT, KNOWN = "IntegerValues", "LocaleValues"


def sign_up(market: Any, worker: str = "A1", **login: Any) -> None:
    market.engine.register_worker(worker)
    with market.engine.act() as tx:
        tx.connection.execute(
            insert(logins).values(
                worker_id=worker,
                email=f"{worker}@example.org",
                name=worker,
                password="",
                adult=login.pop("adult", False),
                created_at=datetime(2026, 1, 1, tzinfo=UTC),
                **login,
            )
        )


def unmet(market: Any, *requirements: dict[str, Any]) -> list[qualifications.Unmet]:
    with market.engine.look() as tx:
        return qualifications.unmet_all(tx, "A1", requirements)


def needs(type_id: str, comparator: str, **values: Any) -> dict[str, Any]:
    return {"QualificationTypeId": type_id, "Comparator": comparator, **values}


def places(*codes: str) -> list[dict[str, str]]:
    """Locales from codes such as US or US-CA."""
    return [dict(zip(("Country", "Subdivision"), code.split("-"), strict=False)) for code in codes]


@pytest.mark.parametrize(
    ("home", "comparator", "wanted", "met"),
    [
        ("US-PA", "EqualTo", ["US-PA"], True),
        ("US-NY", "EqualTo", ["US-PA"], False),
        ("IN", "EqualTo", ["US-PA"], False),
        ("US-NY", "NotEqualTo", ["US-CA"], True),
        ("IN", "NotEqualTo", ["US-CA"], True),
        ("US-CA", "NotEqualTo", ["US-CA"], False),
        ("US-CA", "EqualTo", ["US"], True),  # a country contains its parts
        ("US", "EqualTo", ["US-CA"], False),
        ("US-CA", "NotEqualTo", ["US"], False),
        ("DE", "In", ["US", "DE"], True),
        ("FR", "In", ["US", "DE"], False),
        ("FR", "NotIn", ["US", "DE"], True),
        ("US-TX", "NotIn", ["US", "DE"], False),
        ("US", "Exists", None, True),
        (None, "Exists", None, False),
        (None, "DoesNotExist", None, True),
        (None, "NotEqualTo", ["US"], False),  # nobody knows where they are
    ],
)
def test_the_locale_is_where_the_worker_lives(
    market: Any, home: str | None, comparator: str, wanted: list[str] | None, met: bool
) -> None:
    country, _, subdivision = (home or "").partition("-")
    sign_up(market, country=country or None, subdivision=subdivision or None)
    values = {} if wanted is None else {KNOWN: places(*wanted)}
    required = needs(LOCALE, comparator, **values)
    hit_id = market.create_hit(QualificationRequirements=[required])["HITId"]
    assert (unmet(market, required) == []) is met
    if met:
        market.accept(hit_id, "A1")
    else:
        with pytest.raises(CannotAccept):
            market.accept(hit_id, "A1")


@pytest.mark.parametrize("adult", [True, False])
def test_adult_content_is_for_those_who_agreed(market: Any, adult: bool) -> None:
    sign_up(market, adult=adult)
    assert (unmet(market, needs(ADULT, "EqualTo", IntegerValues=[1])) == []) is adult
    assert (unmet(market, needs(ADULT, "EqualTo", IntegerValues=[0])) != []) is adult


def test_masters_are_whom_the_operator_names(market: Any) -> None:
    market.engine.register_worker("A1")
    required = needs(MASTERS, "Exists")
    [found] = unmet(market, required)
    assert found.name == "Masters"
    with market.engine.act() as tx:
        qualification_grants.name_master(tx, "A1")
    assert unmet(market, required) == []
    with market.engine.act() as tx:
        qualification_grants.name_master(tx, "A1", is_master=False)
    assert unmet(market, required) == [found]


@pytest.mark.parametrize(
    ("comparator", "values", "met"),
    [
        ("LessThan", [80], False),
        ("LessThan", [81], True),
        ("LessThanOrEqualTo", [79], False),
        ("LessThanOrEqualTo", [80], True),
        ("GreaterThan", [80], False),
        ("GreaterThan", [79], True),
        ("GreaterThanOrEqualTo", [81], False),
        ("GreaterThanOrEqualTo", [80], True),
        ("EqualTo", [80], True),
        ("EqualTo", [79], False),
        ("NotEqualTo", [80], False),
        ("NotEqualTo", [79], True),
        ("In", [79, 80], True),
        ("In", [78, 79], False),
        ("NotIn", [79, 80], False),
        ("NotIn", [78, 79], True),
        ("Exists", None, True),
        ("DoesNotExist", None, False),
    ],
)
def test_a_custom_value_is_compared(
    market: Any, comparator: str, values: list[int] | None, met: bool
) -> None:
    """Of those who do not hold it, or no longer, DoesNotExist alone is true."""
    market.engine.register_worker("A1")
    type_id = create(market.client)["QualificationTypeId"]
    required = needs(type_id, comparator, **({} if values is None else {COUNT: values}))
    given = {"QualificationTypeId": type_id, "WorkerId": "A1"}
    without = comparator == "DoesNotExist"
    assert (unmet(market, required) == []) is without
    market.client.associate_qualification_with_worker(**given, IntegerValue=80)
    assert (unmet(market, required) == []) is met
    market.client.disassociate_qualification_from_worker(**given)
    assert (unmet(market, required) == []) is without


def test_past_workers_are_kept_out_by_a_qualification_that_they_were_given(market: Any) -> None:
    """The usual idiom for one go per worker over many HITs."""
    type_id = create(other_client(market))["QualificationTypeId"]  # anybody's type can be required
    mine = create(market.client)["QualificationTypeId"]
    excluded = [
        needs(kind, "DoesNotExist", ActionsGuarded="DiscoverPreviewAndAccept")
        for kind in (mine, type_id)
    ]
    first, second = (
        market.create_hit(QualificationRequirements=excluded, MaxAssignments=2)["HITId"]
        for _ in range(2)
    )
    market.submit(first, "A1")
    market.client.associate_qualification_with_worker(QualificationTypeId=mine, WorkerId="A1")
    with pytest.raises(CannotAccept, match=mine):
        market.accept(second, "A1")
    market.accept(second, "A2")


@pytest.mark.parametrize(
    ("given", "guarded", "to_preview"),
    [
        ({}, "Accept", False),
        ({"RequiredToPreview": False}, "Accept", False),
        ({"RequiredToPreview": True}, "PreviewAndAccept", True),
        ({"ActionsGuarded": "Accept"}, "Accept", False),
        ({"ActionsGuarded": "PreviewAndAccept"}, "PreviewAndAccept", True),
        ({"ActionsGuarded": "DiscoverPreviewAndAccept"}, "DiscoverPreviewAndAccept", True),
    ],
)
def test_a_requirement_guards_actions(
    market: Any, given: dict[str, Any], guarded: str, to_preview: bool
) -> None:
    required = needs(MASTERS, "Exists", **given)
    hit = market.create_hit(QualificationRequirements=[required])
    [echoed] = hit["QualificationRequirements"]
    assert (echoed["ActionsGuarded"], echoed["RequiredToPreview"]) == (guarded, to_preview)
    assert [found.guards for found in unmet(market, required)] == [guarded]
    assert qualifications.guards(echoed) == guarded


@pytest.mark.parametrize(
    ("required", "sentence"),
    [
        (needs("CATS", "Exists"), "You need the qualification “Cats”."),
        (
            needs("CATS", "GreaterThanOrEqualTo", IntegerValues=[80]),
            "You need the qualification “Cats” with a value of at least 80; you do not have it.",
        ),
        (
            needs("CATS", "In", IntegerValues=[1, 2, 3]),
            "You need the qualification “Cats” with a value of 1, 2 or 3; you do not have it.",
        ),
        (
            needs("DOGS", "LessThan", IntegerValues=[5]),
            "You need the qualification “Dogs” with a value of less than 5; yours is 6.",
        ),
        (
            needs("DOGS", "DoesNotExist"),
            "This work is for people without the qualification “Dogs”.",
        ),
        (
            needs(LOCALE, "EqualTo", LocaleValues=places("US-CA")),
            "You must live in US-CA; yours is DE.",
        ),
        (
            needs(LOCALE, "NotIn", LocaleValues=places("FR", "DE")),
            "You must live outside FR or DE; yours is DE.",
        ),
        (
            needs(APPROVED, "GreaterThan", IntegerValues=[100]),
            "Your approved assignments must number more than 100; they number 0.",
        ),
        (
            needs(PERCENT, "LessThan", IntegerValues=[95]),
            "Your approval rate in per cent must be less than 95; it is 100.",
        ),
        (needs(MASTERS, "Exists"), "This work is for Masters."),
        (
            needs(ADULT, "EqualTo", IntegerValues=[1]),
            "This work is for people who agreed to see content for adults.",
        ),
    ],
)
def test_people_are_told_what_they_lack(
    market: Any, required: dict[str, Any], sentence: str
) -> None:
    sign_up(market, country="DE")
    ids = {name: create(market.client, name)["QualificationTypeId"] for name in ("Cats", "Dogs")}
    market.client.associate_qualification_with_worker(
        QualificationTypeId=ids["Dogs"], WorkerId="A1", IntegerValue=6
    )
    named = {"CATS": ids["Cats"], "DOGS": ids["Dogs"]}
    type_id = required["QualificationTypeId"]
    required = {**required, "QualificationTypeId": named.get(type_id, type_id)}
    assert [found.sentence for found in unmet(market, required)] == [sentence]


@pytest.mark.parametrize(
    "required",
    [
        needs(LOCALE, "EqualTo", IntegerValues=[1]),
        needs(LOCALE, "LessThan", LocaleValues=places("US")),
        needs(LOCALE, "EqualTo", LocaleValues=places("US", "DE")),
        needs(LOCALE, "EqualTo", LocaleValues=places("us")),
        needs(LOCALE, "EqualTo", LocaleValues=places("US-c!")),
        needs(LOCALE, "In", LocaleValues=[]),
        needs(APPROVED, "EqualTo", LocaleValues=places("US")),
        needs(APPROVED, "In", IntegerValues=list(range(16))),
        needs(APPROVED, "NotIn", IntegerValues=[]),
        needs(APPROVED, "GreaterThan", IntegerValues=[1, 2]),
        needs(MASTERS, "DoesNotExist", IntegerValues=[1]),
    ],
)
def test_values_must_fit_the_qualification_and_the_comparator(
    market: Any, required: dict[str, Any]
) -> None:
    error = market.refusal(market.create_hit, QualificationRequirements=[required])
    assert error["code"] == "ParameterValidationError"


def test_an_inactive_type_cannot_be_required(market: Any) -> None:
    type_id = create(market.client, QualificationTypeStatus="Inactive")["QualificationTypeId"]
    required = [needs(type_id, "Exists")]
    assert market.refusal(market.create_hit, QualificationRequirements=required) == {
        "code": "RequestError",
        "turk": "AWS.MechanicalTurk.InvalidQualificationTypeState",
        "message": "This operation can be called with a status of: Active",
    }


@contextmanager
def statements(market: Any) -> Iterator[list[str]]:
    """What the database is asked inside."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        seen.append(statement)

    with market.engine.look() as tx:
        engine = tx.connection.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)


def test_one_record_serves_a_whole_page_of_hit_types(market: Any) -> None:
    """Three queries for the worker, and one for each qualification that must be named."""
    sign_up(market, country="DE")
    type_id = create(market.client)["QualificationTypeId"]
    required = [
        needs(type_id, "Exists"),
        needs(LOCALE, "EqualTo", LocaleValues=places("US")),
        needs(PERCENT, "LessThan", IntegerValues=[95]),
    ]
    with market.engine.look() as tx:
        record = qualifications.load_record(tx, "A1")
        with statements(market) as seen:
            for _ in range(50):
                assert len(qualifications.unmet_all(tx, "A1", required, record=record)) == 3
                assert qualifications.unmet(tx, "A1", required, record=record) == type_id
            mine = [line for line in seen if "due_at" not in line and "SELECT" in line]
    assert len(mine) == 4


def test_without_requirements_nothing_is_asked(market: Any) -> None:
    with market.engine.look() as tx, statements(market) as seen:
        del seen[:]
        assert qualifications.unmet(tx, "A1", []) is None
        assert seen == []
