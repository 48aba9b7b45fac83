"""Qualification types: defining, changing, finding and deleting them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.contracts.qualifying import KEY, SCHEMAS, TEST, create, other_client, requires

TESTED = {"Test": TEST, "TestDurationInSeconds": 300}
EXTERNAL = (
    f'<ExternalQuestion xmlns="{SCHEMAS}2006-07-14/ExternalQuestion.xsd"><ExternalURL>'
    "https://example.org/</ExternalURL><FrameHeight>0</FrameHeight></ExternalQuestion>"
)
BOMB = '<!DOCTYPE a [<!ENTITY b "bbbbbbbb">]>'

NO_TYPE = "AWS.MechanicalTurk.QualificationTypeDoesNotExist"
WRONG_STATE = {
    "code": "RequestError",
    "turk": "AWS.MechanicalTurk.InvalidQualificationTypeState",
    "message": "This operation can be called with a status of: Active,Inactive",
}
NAME_TAKEN = {
    "code": "RequestError",
    "turk": "AWS.MechanicalTurk.QualificationTypeAlreadyExists",
    "message": "You have already created a QualificationType with this name. A "
    "QualificationType's name must be unique among all of the QualificationTypes created by the "
    "same user.",
}


def names(client: Any, **query: Any) -> list[str]:
    pages = client.get_paginator("list_qualification_types").paginate(
        **{"MustBeRequestable": False, "MustBeOwnedByCaller": True, **query}
    )
    return [found["Name"] for page in pages for found in page["QualificationTypes"]]


def test_a_new_type_comes_back_with_its_defaults(market: Any) -> None:
    created = create(market.client)
    type_id = created.pop("QualificationTypeId")
    assert len(type_id) == 30
    assert type_id[0] == "3"
    assert created.pop("CreationTime") == market.clock.now()
    assert created == {
        "Name": "Cats",
        "Description": "Knows cats",
        "QualificationTypeStatus": "Active",
        "IsRequestable": True,
        "AutoGranted": False,
    }


@pytest.mark.parametrize(
    ("members", "echoed"),
    [
        ({"Keywords": "cats, pets"}, {"Keywords": "cats, pets"}),
        ({"RetryDelayInSeconds": 0}, {"RetryDelayInSeconds": 0}),
        ({"AutoGranted": True}, {"AutoGranted": True, "AutoGrantedValue": 1}),
        (
            {"AutoGranted": True, "AutoGrantedValue": -5},
            {"AutoGranted": True, "AutoGrantedValue": -5},
        ),
        (TESTED, TESTED),
        ({**TESTED, "AnswerKey": KEY}, {**TESTED, "AnswerKey": KEY}),
        # Used only if AutoGranted is true.
        ({"AutoGrantedValue": 5}, {}),
        ({"QualificationTypeStatus": "Inactive"}, {"IsRequestable": False}),
    ],
)
def test_what_a_type_was_made_with_is_echoed(
    market: Any, members: dict[str, Any], echoed: dict[str, Any]
) -> None:
    plain = create(market.client, "Dogs")
    created = create(market.client, **members)
    type_id = created["QualificationTypeId"]
    found = market.client.get_qualification_type(QualificationTypeId=type_id)["QualificationType"]
    assert found == created
    status = members.get("QualificationTypeStatus", "Active")
    assert created == {
        **plain,
        **echoed,
        "Name": "Cats",
        "QualificationTypeStatus": status,
        "QualificationTypeId": type_id,
    }


@pytest.mark.parametrize(
    ("members", "part"),
    [
        ({"Name": ""}, 'The value "" is not valid for the parameter Name.'),
        ({"Name": "x" * 201}, "is not valid for the parameter Name."),
        ({"Description": "x" * 2001}, "is not valid for the parameter Description."),
        ({"Keywords": "x" * 1001}, "is not valid for the parameter Keywords."),
        ({"RetryDelayInSeconds": -1}, "The value -1 is invalid for RetryDelayInSeconds."),
        ({**TESTED, "TestDurationInSeconds": 0}, "is invalid for TestDurationInSeconds."),
        ({"Test": TEST}, "TestDurationInSeconds must be given"),
        ({"AnswerKey": KEY}, "together with a Test"),
        ({**TESTED, "AutoGranted": True}, "cannot be AutoGranted"),
        ({**TESTED, "Test": TEST.replace("Is it", "x" * 65_536)}, "65535 bytes"),
        ({**TESTED, "AnswerKey": KEY + " " * 65_536}, "65535 bytes"),
        ({**TESTED, "Test": EXTERNAL}, "There was an error parsing the XML"),
        ({**TESTED, "Test": BOMB + TEST}, "There was an error parsing the XML"),
        ({**TESTED, "AnswerKey": BOMB + KEY}, "There was an error parsing the XML"),
        ({**TESTED, "AnswerKey": "<AnswerKey/>"}, "There was an error parsing the XML"),
        ({**TESTED, "AnswerKey": TEST}, "There was an error parsing the XML"),
    ],
)
def test_what_no_type_may_be_is_refused(market: Any, members: dict[str, Any], part: str) -> None:
    given = {"Name": "Cats", "Description": "d", "QualificationTypeStatus": "Active", **members}
    error = market.refusal(market.client.create_qualification_type, **given)
    assert error["code"] == "ParameterValidationError"
    assert part in error["message"]


def test_a_name_is_unique_for_its_requester_alone(market: Any) -> None:
    create(market.client)
    error = market.refusal(lambda: create(market.client))
    assert error == NAME_TAKEN
    create(market.client, "cats")
    create(other_client(market))


@pytest.mark.parametrize(
    ("members", "changes", "echoed"),
    [
        ({}, {}, {}),
        ({}, {"Description": "Sees cats"}, {"Description": "Sees cats"}),
        (
            {},
            {"QualificationTypeStatus": "Inactive"},
            {"QualificationTypeStatus": "Inactive", "IsRequestable": False},
        ),
        ({}, {"RetryDelayInSeconds": 60}, {"RetryDelayInSeconds": 60}),
        ({}, {"AutoGranted": True}, {"AutoGranted": True, "AutoGrantedValue": 1}),
        (
            {"AutoGranted": True},
            {"AutoGrantedValue": 9},
            {"AutoGranted": True, "AutoGrantedValue": 9},
        ),
        ({"AutoGranted": True}, {"AutoGranted": False, **TESTED}, TESTED),
        ({**TESTED, "AnswerKey": KEY}, {"Description": "x"}, {**TESTED, "AnswerKey": KEY}),
        # A new test comes without a key, unless one is given.
        ({**TESTED, "AnswerKey": KEY}, TESTED, TESTED),
        (TESTED, {**TESTED, "AnswerKey": KEY}, {**TESTED, "AnswerKey": KEY}),
    ],
)
def test_a_type_changes(
    market: Any, members: dict[str, Any], changes: dict[str, Any], echoed: dict[str, Any]
) -> None:
    bare = create(market.client, "Plain")
    type_id = create(market.client, **members)["QualificationTypeId"]
    changed = market.client.update_qualification_type(QualificationTypeId=type_id, **changes)
    found = market.client.get_qualification_type(QualificationTypeId=type_id)
    assert found["QualificationType"] == changed["QualificationType"]
    description = changes.get("Description", "Knows cats")
    assert changed["QualificationType"] == {
        **bare,
        "Name": "Cats",
        "QualificationTypeId": type_id,
        "Description": description,
        **echoed,
    }


@pytest.mark.parametrize(
    ("members", "changes", "part"),
    [
        (TESTED, {"AutoGranted": True}, "cannot be AutoGranted"),
        ({"AutoGranted": True}, TESTED, "cannot be AutoGranted"),
        (TESTED, {"TestDurationInSeconds": 60}, "give the Test too"),
        (TESTED, {"AnswerKey": KEY}, "give the Test too"),
        ({}, {"RetryDelayInSeconds": -1}, "RetryDelayInSeconds"),
        ({}, {"Description": ""}, "Description"),
        ({}, {"Test": TEST}, "TestDurationInSeconds must be given"),
    ],
)
def test_a_change_that_cannot_be_is_refused(
    market: Any, members: dict[str, Any], changes: dict[str, Any], part: str
) -> None:
    type_id = create(market.client, **members)["QualificationTypeId"]
    update = market.client.update_qualification_type
    error = market.refusal(update, QualificationTypeId=type_id, **changes)
    assert error["code"] == "ParameterValidationError"
    assert part in error["message"]


def test_the_key_to_a_test_is_shown_to_its_owner_alone(market: Any) -> None:
    created = create(market.client, **TESTED, AnswerKey=KEY)
    type_id = created["QualificationTypeId"]
    other = other_client(market)
    seen = other.get_qualification_type(QualificationTypeId=type_id)["QualificationType"]
    listed = other.list_qualification_types(MustBeRequestable=True)["QualificationTypes"]
    assert "AnswerKey" in created
    del created["AnswerKey"]
    assert seen == created
    assert listed == [created]


@pytest.mark.parametrize(
    ("operation", "members"),
    [
        ("update_qualification_type", {}),
        ("delete_qualification_type", {}),
        ("associate_qualification_with_worker", {"WorkerId": "A1"}),
        ("disassociate_qualification_from_worker", {"WorkerId": "A1"}),
        ("get_qualification_score", {"WorkerId": "A1"}),
        ("list_workers_with_qualification_type", {}),
        ("list_qualification_requests", {}),
    ],
)
def test_what_owners_do_nobody_else_can(
    market: Any, operation: str, members: dict[str, Any]
) -> None:
    market.engine.register_worker("A1")
    foreign = create(other_client(market))["QualificationTypeId"]
    for type_id in (foreign, "3NONE"):
        call = getattr(market.client, operation)
        assert market.refusal(call, QualificationTypeId=type_id, **members) == {
            "code": "RequestError",
            "turk": NO_TYPE,
            "message": f"QualificationType {type_id} does not exist.",
        }


def test_an_unknown_type_does_not_exist_for_anybody(market: Any) -> None:
    for call in (
        market.client.get_qualification_type,
        market.client.list_hits_for_qualification_type,
    ):
        assert market.refusal(call, QualificationTypeId="3NONE")["turk"] == NO_TYPE


@pytest.mark.parametrize(
    ("query", "found"),
    [
        (None, ["Owls", "Pets at night", "CAT-spotting"]),
        ("", ["Owls", "Pets at night", "CAT-spotting"]),
        ("cat-spotting", ["CAT-spotting"]),
        ("SPOTTING cat", ["CAT-spotting"]),
        ("night", ["Owls", "Pets at night"]),  # in the description of the first
        ("feline", ["CAT-spotting"]),  # a keyword
        ("cat dog", []),
        ("100%", ["Owls"]),
        ("%", ["Owls"]),
        ("ÜBER", ["Owls"]),
    ],
)
def test_the_search_is_fuzzy_and_blind_to_case(
    market: Any, query: str | None, found: list[str]
) -> None:
    create(market.client, "CAT-spotting", Keywords="feline,whiskers")
    create(market.client, "Pets at night")
    create(market.client, "Owls", Description="About the night, über alles, 100%")
    given = {} if query is None else {"Query": query}
    assert names(market.client, MaxResults=1, **given) == found


def test_the_list_may_be_the_callers_own_or_what_can_be_requested(market: Any) -> None:
    """The system's own types are in neither; others' are seen while they are Active."""
    other = other_client(market)
    create(market.client, "Mine")
    create(market.client, "Mine, resting", QualificationTypeStatus="Inactive")
    create(other, "Theirs")
    create(other, "Theirs, resting", QualificationTypeStatus="Inactive")
    system = [
        "Masters",
        "Worker_NumberHITsApproved",
        "Worker_Locale",
        "Worker_Adult",
        "Worker_PercentAssignmentsApproved",
    ]
    everything = ["Theirs", "Mine, resting", "Mine", *system]
    for size in (1, 2, 5, 100):
        page = {"MustBeOwnedByCaller": False, "MaxResults": size}
        assert names(market.client, **page) == everything
    assert names(market.client) == ["Mine, resting", "Mine"]
    assert names(market.client, MustBeRequestable=True) == ["Mine"]
    requestable = {"MustBeRequestable": True, "MustBeOwnedByCaller": False}
    assert names(market.client, **requestable) == ["Theirs", "Mine"]
    assert names(market.client, MustBeOwnedByCaller=False, Query="approved")[-2:] == [
        "Worker_NumberHITsApproved",
        "Worker_PercentAssignmentsApproved",
    ]


def test_system_types_can_be_looked_at(market: Any) -> None:
    get = market.client.get_qualification_type
    found = get(QualificationTypeId="00000000000000000071")["QualificationType"]
    assert (found["Name"], found["IsRequestable"]) == ("Worker_Locale", False)
    sandboxes = "2ARFPLSP75KLA8M8DH1HTEQVJT3SY6"
    assert market.refusal(get, QualificationTypeId=sandboxes)["turk"] == NO_TYPE


def test_a_new_type_may_be_listed_late_but_is_found_at_once(
    open_market: Callable[..., Any],
) -> None:
    market = open_market(index_lag=60)
    type_id = create(market.client)["QualificationTypeId"]
    assert names(market.client) == []
    assert market.client.get_qualification_type(QualificationTypeId=type_id)
    market.advance(seconds=60)
    assert names(market.client) == ["Cats"]


def test_a_type_that_is_being_deleted_is_in_the_wrong_state_until_that_is_done(
    market: Any,
) -> None:
    """For up to 48 hours: its name stays taken, and it is found no more."""
    client = market.client
    type_id = create(client)["QualificationTypeId"]
    client.delete_qualification_type(QualificationTypeId=type_id)
    for call in (
        client.delete_qualification_type,
        client.get_qualification_type,
        client.update_qualification_type,
    ):
        assert market.refusal(call, QualificationTypeId=type_id) == WRONG_STATE
    assert names(client) == []
    market.advance(hours=47)
    assert market.refusal(lambda: create(client)) == NAME_TAKEN
    market.advance(hours=1)
    delete = client.delete_qualification_type
    assert market.refusal(delete, QualificationTypeId=type_id)["turk"] == NO_TYPE
    assert create(client)["QualificationTypeId"] != type_id


def test_deletion_waits_for_the_hits_that_use_the_type(open_market: Callable[..., Any]) -> None:
    market = open_market(qualification_deletion=0)
    client = market.client
    type_id = create(client)["QualificationTypeId"]
    hit = market.create_hit(QualificationRequirements=requires(type_id))
    client.delete_qualification_type(QualificationTypeId=type_id)
    assert market.refusal(lambda: create(client)) == NAME_TAKEN
    listed = client.list_hits_for_qualification_type(QualificationTypeId=type_id)["HITs"]
    assert [found["HITId"] for found in listed] == [hit["HITId"]]
    client.update_expiration_for_hit(HITId=hit["HITId"], ExpireAt=0)
    client.delete_hit(HITId=hit["HITId"])
    create(client)


def test_hit_types_go_with_the_qualification_type_that_they_require(market: Any) -> None:
    client = market.client
    type_id = create(client)["QualificationTypeId"]
    hit = market.create_hit(QualificationRequirements=requires(type_id))
    client.delete_qualification_type(QualificationTypeId=type_id)
    error = market.refusal(
        client.create_hit_with_hit_type,
        HITTypeId=hit["HITTypeId"],
        LifetimeInSeconds=60,
        Question=market.html_question,
    )
    assert error["message"] == f"HITType {hit['HITTypeId']} does not exist."
    error = market.refusal(market.create_hit, QualificationRequirements=requires(type_id))
    assert error == WRONG_STATE
    assert market.status(hit["HITId"]) == "Assignable"


def test_hits_are_listed_by_the_qualification_that_they_require(market: Any) -> None:
    """The caller's, newest first, of any status but deleted; the type may be another's."""
    other = other_client(market)
    type_id = create(other)["QualificationTypeId"]
    market.create_hit()
    hits = [
        market.create_hit(QualificationRequirements=requires(type_id), Reward=reward)["HITId"]
        for reward in ("0.01", "0.01", "0.02", "0.03")
    ]
    market.client.update_expiration_for_hit(HITId=hits[0], ExpireAt=0)
    market.client.update_expiration_for_hit(HITId=hits[1], ExpireAt=0)
    market.client.delete_hit(HITId=hits[1])
    pages = market.client.get_paginator("list_hits_for_qualification_type").paginate(
        QualificationTypeId=type_id, MaxResults=2
    )
    found = [hit["HITId"] for page in pages for hit in page["HITs"]]
    assert found == [hits[3], hits[2], hits[0]]
    assert other.list_hits_for_qualification_type(QualificationTypeId=type_id)["HITs"] == []
