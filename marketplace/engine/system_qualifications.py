"""The qualifications that the service itself maintains (MTurk's API, QualificationRequirement)."""

from __future__ import annotations

from dataclasses import dataclass

MASTERS = {False: "2F1QJWKUDD8XADTFD2Q0G6UTO95ALH", True: "2ARFPLSP75KLA8M8DH1HTEQVJT3SY6"}
APPROVED_COUNT = "00000000000000000040"
APPROVED_PERCENT = "000000000000000000L0"
LOCALE = "00000000000000000071"
ADULT = "00000000000000000060"


@dataclass(frozen=True, kw_only=True)
class SystemQualification:
    """A type that nobody owns and nobody can request."""

    qualification_type_id: str
    name: str
    description: str


def of(*, sandbox: bool) -> dict[str, SystemQualification]:
    """By id, in the order of the documentation's table; production and sandbox differ in one."""
    return _OF[sandbox]


def _described(sandbox: bool) -> dict[str, SystemQualification]:
    rows = (
        (MASTERS[sandbox], "Masters", "Workers whom the operator has named Masters."),
        (
            APPROVED_COUNT,
            "Worker_NumberHITsApproved",
            "How many of the worker's submitted assignments were approved.",
        ),
        (LOCALE, "Worker_Locale", "Where the worker lives."),
        (
            ADULT,
            "Worker_Adult",
            "Whether the worker is of age and agrees to see content that may offend.",
        ),
        (
            APPROVED_PERCENT,
            "Worker_PercentAssignmentsApproved",
            "Which share of the worker's submitted assignments was approved, in per cent.",
        ),
    )
    return {
        type_id: SystemQualification(
            qualification_type_id=type_id, name=name, description=description
        )
        for type_id, name, description in rows
    }


_OF = {sandbox: _described(sandbox) for sandbox in (False, True)}
