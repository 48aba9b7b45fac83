"""Review policies: what is scored when, what is done about it, and how it is listed."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

KNOWN = "ScoreMyKnownAnswers/2011-09-01"
PLURALITY = "SimplePlurality/2011-09-01"


def known(**values: object) -> dict[str, Any]:
    """A policy with the known answers p=1 and q=2."""
    entries = [{"Key": "p", "Values": ["1"]}, {"Key": "q", "Values": ["2"]}]
    key = {"Key": "AnswerKey", "MapEntries": entries}
    return {"PolicyName": KNOWN, "Parameters": [key, *parameters(values)]}


def plurality(**values: object) -> dict[str, Any]:
    """A policy on question a, agreed on by more than half."""
    needed = {
        "QuestionIds": "a",
        "QuestionAgreementThreshold": 50,
        "DisregardAssignmentIfRejected": "T",
    }
    return {"PolicyName": PLURALITY, "Parameters": parameters({**needed, **values})}


def parameters(values: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"Key": name, "Values": [str(value)]} for name, value in values.items()]


def results(market: Any, hit_id: str, level: str) -> list[tuple[str, str | None, str, str]]:
    """Subject, question, key, value of every result."""
    report = listed(market, hit_id)[f"{level}ReviewReport"]["ReviewResults"]
    return [(r["SubjectId"], r.get("QuestionId"), r["Key"], r["Value"]) for r in report]


def actions(market: Any, hit_id: str, level: str) -> list[tuple[str, str, str, str | None]]:
    """Name, target, outcome, error code of every action but the review itself."""
    report = listed(market, hit_id)[f"{level}ReviewReport"]["ReviewActions"]
    return [
        (a["ActionName"], a["TargetId"], a["Result"], a.get("ErrorCode"))
        for a in report
        if a["ActionName"] != "review"
    ]


def listed(market: Any, hit_id: str) -> dict[str, Any]:
    listing = market.client.list_review_policy_results_for_hit
    return dict(listing(HITId=hit_id, MaxResults=100))


def assignment_status(market: Any, assignment_id: str) -> Any:
    return market.client.get_assignment(AssignmentId=assignment_id)["Assignment"][
        "AssignmentStatus"
    ]


# Known answers


@pytest.mark.parametrize(
    ("answers", "score", "status", "outcome"),
    [
        ({"p": "1", "q": "2"}, "100", "Approved", "Approved"),
        ({"p": "1", "q": "3"}, "50", "Submitted", None),
        ({"p": " 0", "q": "3"}, "0", "Rejected", "Rejected"),
    ],
)
def test_a_submission_is_judged_by_its_known_answers_at_once(
    market: Any, answers: dict[str, str], score: str, status: str, outcome: str | None
) -> None:
    policy = known(ApproveIfKnownAnswerScoreIsAtLeast=51, RejectIfKnownAnswerScoreIsLessThan=50)
    hit_id = market.create_hit(AssignmentReviewPolicy=policy)["HITId"]
    one = market.submit(hit_id, "A1", **answers)
    assert assignment_status(market, one) == status
    assert results(market, hit_id, "Assignment")[-1] == (one, None, "KnownAnswerScore", score)
    outcomes = [action[2] for action in actions(market, hit_id, "Assignment")]
    assert outcomes == ([outcome] if outcome else [])
    assert market.status(hit_id) == "Reviewable"


def test_money_of_a_judged_submission_is_paid_or_given_back(market: Any) -> None:
    """Two cost 0.12 with fees; one is approved, one rejected."""
    policy = known(ApproveIfKnownAnswerScoreIsAtLeast=100, RejectIfKnownAnswerScoreIsLessThan=100)
    hit = market.create_hit(MaxAssignments=2, AssignmentReviewPolicy=policy)
    assert market.balance() == "99.88"
    market.submit(hit["HITId"], "A1", p="1", q="2")
    assert market.balance() == "99.88"
    market.submit(hit["HITId"], "A2", p="1", q="9")
    assert market.balance() == "99.94"
    market.client.delete_hit(HITId=hit["HITId"])
    assert market.balance() == "99.94"


def test_workers_read_the_reasons(market: Any) -> None:
    policy = known(
        ApproveIfKnownAnswerScoreIsAtLeast=100,
        ApproveReason="Well done.",
        RejectIfKnownAnswerScoreIsLessThan=50,
    )
    hit_id = market.create_hit(MaxAssignments=2, AssignmentReviewPolicy=policy)["HITId"]
    market.submit(hit_id, "A1", p="1", q="2")
    market.submit(hit_id, "A2")
    found = market.client.list_assignments_for_hit(HITId=hit_id)["Assignments"]
    assert [one["RequesterFeedback"] for one in found] == ["Well done.", ""]


def test_an_assignment_that_fails_is_replaced_before_the_hit_is_complete(market: Any) -> None:
    """So there is no HITReviewable in between; the HIT grows up to the policy's maximum."""
    policy = known(ExtendIfKnownAnswerScoreIsLessThan=100, ExtendMaximumAssignments=2)
    hit_type_id = market.create_hit()["HITTypeId"]
    market.subscribe(hit_type_id, "AssignmentSubmitted", "HITExtended", "HITReviewable")
    hit_id = market.create_hit(AssignmentReviewPolicy=policy)["HITId"]
    market.submit(hit_id, "A1", p="0")
    assert market.status(hit_id) == "Assignable"
    market.submit(hit_id, "A2", p="0")
    assert market.status(hit_id) == "Reviewable"
    assert actions(market, hit_id, "Assignment") == [
        ("extend", hit_id, "Extended to 2 assignments", None),
        ("extend", hit_id, "Already extended to 2 assignments", None),
    ]
    assert market.events() == [
        "AssignmentSubmitted",
        "HITExtended",
        "AssignmentSubmitted",
        "HITReviewable",
    ]


def test_an_extension_gives_an_expired_hit_more_time(market: Any) -> None:
    policy = known(
        ExtendIfKnownAnswerScoreIsLessThan=100,
        ExtendMaximumAssignments=2,
        ExtendMinimumTimeInSeconds=7200,
    )
    hit = market.create_hit(AssignmentReviewPolicy=policy)
    held = market.accept(hit["HITId"], "A1")
    market.client.update_expiration_for_hit(HITId=hit["HITId"], ExpireAt=0)
    market.advance(minutes=5)
    market.engine.submit(held, "A1", {"p": "0"})
    found = market.client.get_hit(HITId=hit["HITId"])["HIT"]
    assert found["HITStatus"] == "Assignable"
    assert (found["Expiration"] - hit["CreationTime"]).total_seconds() == 300 + 7200


@pytest.mark.parametrize(
    ("deposit", "maximum", "code"),
    [("100", 9, "InvalidMaximumAssignmentsIncrease"), ("0.12", 1, "InsufficientFunds")],
    ids=["the wall of nine", "no money"],
)
def test_an_extension_that_cannot_be_fails_alone(
    market: Any, deposit: str, maximum: int, code: str
) -> None:
    """The submission stands, and so does the rest of the review."""
    market.client = market.client_of(market.add_requester("poor", Decimal(deposit)))
    policy = known(
        RejectIfKnownAnswerScoreIsLessThan=1,
        ExtendIfKnownAnswerScoreIsLessThan=100,
        ExtendMaximumAssignments=25,
        ExtendMinimumTimeInSeconds=7200,
    )
    if maximum == 1:
        market.create_hit()  # leaves 0.06 for the other
    hit = market.create_hit(MaxAssignments=maximum, AssignmentReviewPolicy=policy)
    hit_id = hit["HITId"]
    one = market.submit(hit_id, "A1", p="0")
    extend, reject = actions(market, hit_id, "Assignment")
    assert (extend[0], extend[3]) == ("extend", f"AWS.MechanicalTurk.{code}")
    assert reject == ("reject", one, "Rejected", None)
    found = market.client.get_hit(HITId=hit_id)["HIT"]
    assert (found["MaxAssignments"], found["Expiration"]) == (maximum, hit["Expiration"])
    statuses = listed(market, hit_id)["AssignmentReviewReport"]["ReviewActions"]
    assert [action["Status"] for action in statuses] == ["Succeeded", "Failed", "Succeeded"]


# Plurality


def test_a_hit_is_scored_when_it_becomes_reviewable(market: Any) -> None:
    policy = plurality(
        ApproveIfWorkerAgreementScoreIsAtLeast=100,
        RejectIfWorkerAgreementScoreIsLessThan=50,
        RejectReason="The others say otherwise.",
    )
    hit_id = market.create_hit(MaxAssignments=3, HITReviewPolicy=policy)["HITId"]
    one = market.submit(hit_id, "A1", a="cat")
    two = market.submit(hit_id, "A2", a="dog")
    assert listed(market, hit_id)["HITReviewReport"] == {"ReviewResults": [], "ReviewActions": []}
    three = market.submit(hit_id, "A3", a="cat ")
    assert results(market, hit_id, "HIT") == [
        (hit_id, "a", "AgreedAnswerFound", "true"),
        (hit_id, "a", "AgreedAnswer", "cat"),
        (hit_id, "a", "AnswerAgreementScore", "66"),
        (one, None, "WorkerAgreementScore", "100"),
        (one, None, "PluralityAnswersCorrect", "1"),
        (one, None, "PluralityAnswersIncorrect", "0"),
        (two, None, "WorkerAgreementScore", "0"),
        (two, None, "PluralityAnswersCorrect", "0"),
        (two, None, "PluralityAnswersIncorrect", "1"),
        (three, None, "WorkerAgreementScore", "100"),
        (three, None, "PluralityAnswersCorrect", "1"),
        (three, None, "PluralityAnswersIncorrect", "0"),
        (hit_id, None, "HitAgreementScore", "100"),
    ]
    assert actions(market, hit_id, "HIT") == [
        ("approve", one, "Approved", None),
        ("reject", two, "Rejected", None),
        ("approve", three, "Approved", None),
    ]
    assert assignment_status(market, two) == "Rejected"


def test_without_agreement_the_hit_is_extended_and_scored_again(market: Any) -> None:
    policy = plurality(
        ApproveIfWorkerAgreementScoreIsAtLeast=100,
        ExtendIfHITAgreementScoreIsLessThan=100,
        ExtendMaximumAssignments=3,
        ExtendMinimumTimeInSeconds=3600,
    )
    hit_id = (hit := market.create_hit(MaxAssignments=2, HITReviewPolicy=policy))["HITId"]
    one, _ = market.submit(hit_id, "A1", a="cat"), market.submit(hit_id, "A2", a="dog")
    assert actions(market, hit_id, "HIT") == [("extend", hit_id, "Extended to 3 assignments", None)]
    found = market.client.get_hit(HITId=hit_id)["HIT"]
    assert (found["HITStatus"], found["MaxAssignments"]) == ("Assignable", 3)
    assert (found["Expiration"] - hit["Expiration"]).total_seconds() == 3600
    three = market.submit(hit_id, "A3", a="cat")
    assert actions(market, hit_id, "HIT")[1:] == [
        ("approve", one, "Approved", None),
        ("approve", three, "Approved", None),
    ]
    found_agreement = [r[3] for r in results(market, hit_id, "HIT") if r[2] == "AgreedAnswerFound"]
    assert found_agreement == ["false", "true"]
    assert market.status(hit_id) == "Reviewable"


def test_a_hit_that_expires_is_scored_by_what_there_is(market: Any) -> None:
    policy = plurality(ApproveIfWorkerAgreementScoreIsAtLeast=1)
    hit_id = market.create_hit(MaxAssignments=3, HITReviewPolicy=policy)["HITId"]
    one = market.submit(hit_id, "A1", a="cat")
    market.advance(hours=1)
    assert actions(market, hit_id, "HIT") == [("approve", one, "Approved", None)]


def test_a_hit_that_expires_without_submissions_is_left_alone(market: Any) -> None:
    policy = plurality(
        ExtendIfHITAgreementScoreIsLessThan=100,
        ExtendMaximumAssignments=9,
        ExtendMinimumTimeInSeconds=3600,
    )
    hit_id = market.create_hit(HITReviewPolicy=policy)["HITId"]
    market.advance(hours=1)
    assert market.status(hit_id) == "Reviewable"
    assert results(market, hit_id, "HIT") == []


@pytest.mark.parametrize(
    ("disregarded", "agreement"),
    [({}, "0"), ({"DisregardAssignmentIfKnownAnswerScoreIsLessThan": 50}, "100")],
)
def test_workers_who_miss_the_known_answers_can_be_disregarded(
    market: Any, disregarded: dict[str, int], agreement: str
) -> None:
    """Also the one whose submission completes the HIT."""
    hit_id = market.create_hit(
        MaxAssignments=2,
        AssignmentReviewPolicy=known(),
        HITReviewPolicy=plurality(**disregarded),
    )["HITId"]
    market.submit(hit_id, "A1", a="cat", p="1", q="2")
    market.submit(hit_id, "A2", a="dog", p="0")
    scores = {r[2]: r[3] for r in results(market, hit_id, "HIT") if r[0] == hit_id}
    assert scores["HitAgreementScore"] == agreement


@pytest.mark.parametrize(("flag", "agreed"), [("T", "true"), ("F", "false")])
def test_rejected_work_can_be_disregarded(market: Any, flag: str, agreed: str) -> None:
    policy = plurality(DisregardAssignmentIfRejected=flag)
    hit_id = market.create_hit(MaxAssignments=2, HITReviewPolicy=policy)["HITId"]
    one = market.submit(hit_id, "A1", a="cat")
    market.client.reject_assignment(AssignmentId=one, RequesterFeedback="")
    market.submit(hit_id, "A2", a="dog")
    assert results(market, hit_id, "HIT")[0] == (hit_id, "a", "AgreedAnswerFound", agreed)


def test_what_was_judged_already_is_reported_as_in_mturks_sample(market: Any) -> None:
    policy = plurality(
        DisregardAssignmentIfRejected="F",
        ApproveIfWorkerAgreementScoreIsAtLeast=100,
        RejectIfWorkerAgreementScoreIsLessThan=100,
    )
    hit_id = market.create_hit(MaxAssignments=5, HITReviewPolicy=policy)["HITId"]
    ones = [market.submit(hit_id, f"A{number}", a=answer) for number, answer in enumerate("xxyy")]
    market.client.approve_assignment(AssignmentId=ones[0])
    market.client.reject_assignment(AssignmentId=ones[1], RequesterFeedback="")
    market.client.approve_assignment(AssignmentId=ones[2])
    market.client.reject_assignment(AssignmentId=ones[3], RequesterFeedback="")
    last = market.submit(hit_id, "A9", a="x")
    wrong = (
        "Assignment was in an invalid state for this operation.",
        "AWS.MechanicalTurk.InvalidAssignmentState",
    )
    assert actions(market, hit_id, "HIT") == [
        ("approve", ones[0], "Already approved", None),
        ("approve", ones[1], *wrong),
        ("reject", ones[2], *wrong),
        ("reject", ones[3], "Already rejected", None),
        ("approve", last, "Approved", None),
    ]


# Listing


def test_results_and_actions_come_in_pages_that_end_on_an_empty_one(market: Any) -> None:
    """Of both levels together, in order of time; every page names the policies."""
    hit_id = market.create_hit(
        AssignmentReviewPolicy=known(ApproveIfKnownAnswerScoreIsAtLeast=0),
        HITReviewPolicy=plurality(),
    )["HITId"]
    market.submit(hit_id, "A1", a="cat")
    sizes, arguments = [], {"HITId": hit_id, "MaxResults": 4}
    while True:
        page = market.client.list_review_policy_results_for_hit(**arguments)
        assert page["AssignmentReviewPolicy"] == {"PolicyName": KNOWN}
        assert page["HITReviewPolicy"] == {"PolicyName": PLURALITY}
        sizes.append(
            [
                len(page[f"{level}ReviewReport"][f"Review{kind}"])
                for level in ("Assignment", "HIT")
                for kind in ("Results", "Actions")
            ]
        )
        if "NextToken" not in page:
            break
        arguments["NextToken"] = page["NextToken"]
    assert sizes == [[3, 1, 0, 0], [0, 1, 3, 0], [0, 0, 4, 0], [0, 0, 0, 0]]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"PolicyLevels": ["HIT"]}, {"HIT": (7, 0)}),
        ({"PolicyLevels": ["Assignment"]}, {"Assignment": (3, 2)}),
        ({"PolicyLevels": ["Assignment", "HIT"]}, {"Assignment": (3, 2), "HIT": (7, 0)}),
        ({"RetrieveActions": False}, {"Assignment": (3, 0), "HIT": (7, 0)}),
        ({"RetrieveResults": False}, {"Assignment": (0, 2), "HIT": (0, 0)}),
    ],
)
def test_levels_results_and_actions_are_asked_for(
    market: Any, asked: dict[str, Any], expected: dict[str, tuple[int, int]]
) -> None:
    hit_id = market.create_hit(
        AssignmentReviewPolicy=known(ApproveIfKnownAnswerScoreIsAtLeast=0),
        HITReviewPolicy=plurality(),
    )["HITId"]
    market.submit(hit_id, "A1", a="cat")
    page = market.client.list_review_policy_results_for_hit(HITId=hit_id, MaxResults=100, **asked)
    found = {
        level: (len(report["ReviewResults"]), len(report["ReviewActions"]))
        for level in ("Assignment", "HIT")
        if (report := page.get(f"{level}ReviewReport")) is not None
    }
    assert found == expected


def test_a_hit_without_policies_has_nothing_to_report(market: Any) -> None:
    hit_id = market.create_hit()["HITId"]
    market.submit(hit_id, "A1", a="cat")
    page = listed(market, hit_id)
    assert set(page) == {"HITId", "ResponseMetadata"}


@pytest.mark.parametrize(
    ("policies", "message"),
    [
        (
            {"AssignmentReviewPolicy": plurality()},
            f'The value "{PLURALITY}" is not valid for the parameter PolicyName.',
        ),
        (
            {"HITReviewPolicy": {"PolicyName": PLURALITY}},
            f"The review policy {PLURALITY} needs the parameter QuestionAgreementThreshold.",
        ),
        (
            {"AssignmentReviewPolicy": known(RejectReason="x" * 1025)},
            f'The value "{"x" * 1025}" is not valid for the parameter RequesterFeedback.',
        ),
    ],
)
def test_a_hit_with_a_policy_that_cannot_be_is_not_posted(
    market: Any, policies: dict[str, Any], message: str
) -> None:
    error = market.refusal(market.create_hit, **policies)
    assert error == {"code": "ParameterValidationError", "turk": None, "message": message}
    assert market.balance() == "100.00"
