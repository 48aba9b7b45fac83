"""`aws mturk`, unchanged, calls every operation once, in an order that makes sense.

The program takes most of a second to start, so all but a few calls run its driver inside this
process: the same code from the arguments on. Processes of their own show that the program as
installed, which knows of the service by its environment alone, works too.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from awscli.clidriver import create_clidriver
from botocore import xform_name

from marketplace.api.app import OPERATIONS
from marketplace.engine import qualification_requests

AWS = Path(sys.executable).with_name("aws")
REFUSED = (254, 255)  # by version
DEADLINE = 60


class Cli:
    """`aws mturk` with a requester's credentials; keeps which commands it was given."""

    def __init__(
        self, environment: dict[str, str], capsys: pytest.CaptureFixture[str], *, apart: bool
    ) -> None:
        self.environment = environment
        self.walked: set[str] = set()
        self._capsys = capsys
        self._driver = None if apart else create_clidriver()

    def __call__(self, command: str, **options: Any) -> Any:
        """What the command prints, as JSON; options as in Python, values as JSON where not text."""
        code, out, err = self.run(command, **options)
        assert code == 0, err
        return json.loads(out) if out.strip() else None

    def refusal(self, command: str, **options: Any) -> str:
        """What the command says when it is refused."""
        code, _, err = self.run(command, **options)
        assert code in REFUSED, err
        return err

    def run(self, command: str, **options: Any) -> tuple[int, str, str]:
        self.walked.add(command)
        words = ["mturk", command]
        for name, value in options.items():
            option = f"--{name.replace('_', '-')}"
            if value is True or value is False:
                words.append(option if value else option.replace("--", "--no-", 1))
            else:
                words += [option, value if isinstance(value, str) else json.dumps(value)]
        if self._driver is None:
            done = subprocess.run(
                [str(AWS), *words],
                env=self.environment,
                capture_output=True,
                text=True,
                timeout=DEADLINE,
            )
            return done.returncode, done.stdout, done.stderr
        code = self._driver.main(words)
        printed = self._capsys.readouterr()
        return code, printed.out, printed.err


@pytest.fixture
def environment(market: Any, tmp_path: Path) -> dict[str, str]:
    """Nothing but what the client needs, and no file of the person who runs the tests."""
    return {
        "PATH": "/usr/bin:/bin",
        "HOME": str(tmp_path),
        "AWS_CONFIG_FILE": str(tmp_path / "config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "credentials"),
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_ACCESS_KEY_ID": market.credentials.access_key_id,
        "AWS_SECRET_ACCESS_KEY": market.credentials.secret_access_key,
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_DEFAULT_OUTPUT": "json",
        "AWS_ENDPOINT_URL_MTURK": market.url,
    }


@pytest.fixture
def aws(
    environment: dict[str, str],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Cli:
    for name in ("AWS_PROFILE", "AWS_REGION", "AWS_ENDPOINT_URL", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return Cli(environment, capsys, apart=False)


def test_every_operation_is_walked_once(market: Any, aws: Cli) -> None:
    assert aws("get-account-balance") == {"AvailableBalance": "100.00"}
    for worker in ("A1", "A2", "A3"):
        market.engine.register_worker(worker)
    type_id = qualifications(market, aws)
    hit_type_id = hit_types(aws)
    first, second = posting(market, aws, hit_type_id, type_id)
    submissions(market, aws, first)
    workers(aws)
    ending(market, aws, first, second, type_id)
    assert aws.walked == {xform_name(operation, "-") for operation in OPERATIONS}


def qualifications(market: Any, aws: Cli) -> str:
    """One worker is granted one, one asks and gets it, one asks in vain."""
    made = aws(
        "create-qualification-type",
        name="Breeds",
        description="Knows terriers.",
        qualification_type_status="Active",
    )["QualificationType"]
    kind = {"qualification_type_id": made["QualificationTypeId"]}
    aws("update-qualification-type", **kind, description="Knows all terriers.")
    found = aws("get-qualification-type", **kind)["QualificationType"]
    assert found == {**made, "Description": "Knows all terriers."}
    # --query is the program's own; the operation's goes in as JSON.
    query = {"Query": "breeds", "MustBeRequestable": True}
    listed = aws("list-qualification-types", must_be_requestable=True, cli_input_json=query)
    assert listed == {"QualificationTypes": [found]}
    aws("associate-qualification-with-worker", **kind, worker_id="A1", integer_value=7)
    score = aws("get-qualification-score", **kind, worker_id="A1")["Qualification"]
    assert (score["IntegerValue"], score["Status"]) == (7, "Granted")
    with market.engine.act() as tx:
        for worker in ("A2", "A3"):
            qualification_requests.request(tx, worker, made["QualificationTypeId"])
    asked = aws("list-qualification-requests", **kind)["QualificationRequests"]
    assert [request["WorkerId"] for request in asked] == ["A2", "A3"]
    ids = [request["QualificationRequestId"] for request in asked]
    aws("accept-qualification-request", qualification_request_id=ids[0], integer_value=3)
    aws("reject-qualification-request", qualification_request_id=ids[1], reason="Too many.")
    holders = aws("list-workers-with-qualification-type", **kind, status="Granted")
    assert [(q["WorkerId"], q["IntegerValue"]) for q in holders["Qualifications"]] == [
        ("A1", 7),
        ("A2", 3),
    ]
    aws("disassociate-qualification-from-worker", **kind, worker_id="A2", reason="Retired.")
    error = aws.refusal("get-qualification-score", **kind, worker_id="A2")
    assert "This operation can be called with a status of: Granted" in error
    return str(made["QualificationTypeId"])


def hit_types(aws: Cli) -> str:
    hit_type_id = aws("create-hit-type", **attributes("0.10"))["HITTypeId"]
    notification = {
        "Destination": "https://sqs.us-east-1.amazonaws.com/123456789012/hits",
        "Transport": "SQS",
        "Version": "2014-08-15",
        "EventTypes": ["HITReviewable"],
    }
    aws("update-notification-settings", hit_type_id=hit_type_id, notification=notification)
    notification |= {"Destination": "lab@example.org", "Transport": "Email"}  # goes nowhere
    aws("send-test-event-notification", notification=notification, test_event_type="Ping")
    return str(hit_type_id)


def posting(market: Any, aws: Cli, hit_type_id: str, type_id: str) -> tuple[str, str]:
    """One HIT by its type, with a review policy, and one with a requirement that changes type."""
    question = {"lifetime_in_seconds": 3600, "question": market.html_question}
    key = {"Key": "AnswerKey", "MapEntries": [{"Key": "breed", "Values": ["norfolk"]}]}
    policy = {"PolicyName": "ScoreMyKnownAnswers/2011-09-01", "Parameters": [key]}
    first = aws(
        "create-hit-with-hit-type",
        hit_type_id=hit_type_id,
        max_assignments=2,
        assignment_review_policy=policy,
        **question,
    )["HIT"]
    requirement = [{"QualificationTypeId": type_id, "Comparator": "Exists"}]
    second = aws(
        "create-hit", **attributes("0.05"), **question, qualification_requirements=requirement
    )["HIT"]
    assert (second["Reward"], second["HITStatus"]) == ("0.05", "Assignable")
    used = aws("list-hits-for-qualification-type", qualification_type_id=type_id)
    assert [hit["HITId"] for hit in used["HITs"]] == [second["HITId"]]
    aws("update-hit-type-of-hit", hit_id=second["HITId"], hit_type_id=hit_type_id)
    aws(
        "create-additional-assignments-for-hit",
        hit_id=first["HITId"],
        number_of_additional_assignments=1,
    )
    found = aws("get-hit", hit_id=first["HITId"])["HIT"]
    assert (found["MaxAssignments"], found["Question"]) == (3, market.html_question)
    listed = aws("list-hits")
    assert [hit["HITId"] for hit in listed["HITs"]] == [second["HITId"], first["HITId"]]
    return first["HITId"], second["HITId"]


def submissions(market: Any, aws: Cli, hit_id: str) -> None:
    one = market.submit(hit_id, "A1", breed="norfolk")
    two = market.submit(hit_id, "A2", breed="cat")
    listed = aws("list-assignments-for-hit", hit_id=hit_id, assignment_statuses=["Submitted"])
    assert [found["AssignmentId"] for found in listed["Assignments"]] == [one, two]
    report = aws("list-review-policy-results-for-hit", hit_id=hit_id)["AssignmentReviewReport"]
    scores = [r["Value"] for r in report["ReviewResults"] if r["Key"] == "KnownAnswerScore"]
    assert scores == ["100", "0"]
    aws("approve-assignment", assignment_id=one, requester_feedback="Thanks.")
    aws("reject-assignment", assignment_id=two, requester_feedback="It is a dog.")
    found = aws("get-assignment", assignment_id=one)["Assignment"]
    assert (found["AssignmentStatus"], found["RequesterFeedback"]) == ("Approved", "Thanks.")
    aws("send-bonus", worker_id="A1", assignment_id=one, bonus_amount="0.50", reason="Quick.")
    (bonus,) = aws("list-bonus-payments", hit_id=hit_id)["BonusPayments"]
    assert (bonus["WorkerId"], bonus["BonusAmount"], bonus["Reason"]) == ("A1", "0.50", "Quick.")
    error = aws.refusal("get-file-upload-url", assignment_id=one, question_identifier="breed")
    assert "ParameterValidationError" in error


def workers(aws: Cli) -> None:
    message = {"subject": "Thanks", "message_text": "More soon.", "worker_ids": ["A1", "A3"]}
    (failure,) = aws("notify-workers", **message)["NotifyWorkersFailureStatuses"]
    assert (failure["WorkerId"], failure["NotifyWorkersFailureCode"]) == ("A3", "HardFailure")
    aws("create-worker-block", worker_id="A3", reason="Guesses.")
    assert aws("list-worker-blocks")["WorkerBlocks"] == [{"WorkerId": "A3", "Reason": "Guesses."}]
    aws("delete-worker-block", worker_id="A3", reason="Learnt.")


def ending(market: Any, aws: Cli, first: str, second: str, type_id: str) -> None:
    aws("update-expiration-for-hit", hit_id=first, expire_at="0")
    assert aws("list-reviewable-hits")["HITs"] == [{"HITId": first}]
    aws("update-hit-review-status", hit_id=first)
    assert aws("get-hit", hit_id=first)["HIT"]["HITStatus"] == "Reviewing"
    aws("delete-hit", hit_id=first)
    error = aws.refusal("delete-hit", hit_id=second)
    assert "This HIT is currently in the state 'Assignable'.  This operation can be" in error
    aws("delete-qualification-type", qualification_type_id=type_id)
    # One answer at 0.10 with 0.02 of fees, a bonus of 0.50 with 0.10; the other HIT holds 0.12.
    assert aws("get-account-balance") == {"AvailableBalance": "99.16"}


def attributes(reward: str) -> dict[str, Any]:
    return {
        "title": "Which breed?",
        "description": "Look at a picture.",
        "reward": reward,
        "assignment_duration_in_seconds": 600,
    }


def test_the_program_as_installed_reads_page_after_page(
    market: Any, environment: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    """By itself to the end, or as far as it is told and on from there."""
    aws = Cli(environment, capsys, apart=True)
    ids = [market.create_hit()["HITId"] for _ in range(3)][::-1]
    every = aws("list-hits", page_size=1)
    assert [hit["HITId"] for hit in every["HITs"]] == ids
    assert "NextToken" not in every
    some = aws("list-hits", max_items=2)
    rest = aws("list-hits", starting_token=some["NextToken"])
    assert [hit["HITId"] for hit in some["HITs"] + rest["HITs"]] == ids


def test_the_program_as_installed_prints_refusals(
    environment: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    aws = Cli(environment, capsys, apart=True)
    error = aws.refusal("get-hit", hit_id="3NONE")
    assert "(RequestError) when calling the GetHIT operation: Hit 3NONE does not exist." in error
    wrong = Cli({**environment, "AWS_SECRET_ACCESS_KEY": "x" * 40}, capsys, apart=True)
    assert "(InvalidSignatureException)" in wrong.refusal("get-account-balance")
