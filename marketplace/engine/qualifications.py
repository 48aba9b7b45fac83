"""Qualification requirements of HIT types, and which workers meet them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Select, bindparam, exists, insert, select

from marketplace.engine import qualification_types, requirement_texts, system_qualifications
from marketplace.engine.system_qualifications import LOCALE, MASTERS
from marketplace.engine.transaction import Transaction
from marketplace.engine.worker_records import Place, Value, WorkerRecord
from marketplace.errors import ParameterValidationError
from marketplace.store import schema

MOST_REQUIREMENTS = 10
MOST_INTEGERS = 15
MOST_LOCALES = 30
COUNTRY = re.compile("[A-Z]{2}")
SUBDIVISION = re.compile("[A-Z0-9]{2}")

Requirement = Mapping[str, Any]
Guard = Literal["Accept", "PreviewAndAccept", "DiscoverPreviewAndAccept"]

COMPARATORS: Mapping[str, Callable[[int, Sequence[int]], bool]] = {
    "LessThan": lambda score, values: score < values[0],
    "LessThanOrEqualTo": lambda score, values: score <= values[0],
    "GreaterThan": lambda score, values: score > values[0],
    "GreaterThanOrEqualTo": lambda score, values: score >= values[0],
    "EqualTo": lambda score, values: score == values[0],
    "NotEqualTo": lambda score, values: score != values[0],
    "In": lambda score, values: score in values,
    "NotIn": lambda score, values: score not in values,
}
OF_PLACES = ("EqualTo", "NotEqualTo", "In", "NotIn", "Exists", "DoesNotExist")

_uses = schema.hit_type_requirements
_types = schema.qualification_types
USES_DELETED = select(
    exists().where(
        _uses.c.hit_type_id == bindparam("hit_type"),
        _types.c.qualification_type_id == _uses.c.qualification_type_id,
        _types.c.deleted_at.is_not(None),
    )
)


@dataclass(frozen=True, kw_only=True)
class Unmet:
    """A requirement that a worker does not meet: the qualification's name, and why, for people."""

    requirement: Requirement
    name: str
    sentence: str

    @property
    def guards(self) -> Guard:
        return guards(self.requirement)


def check(tx: Transaction, requirements: Sequence[Requirement]) -> None:
    """Refuse requirements that no HIT type may have (MTurk's API, QualificationRequirement)."""
    if len(requirements) > MOST_REQUIREMENTS:
        raise ParameterValidationError(
            f"There are {len(requirements)} qualification requirements. "
            f"The most a HIT type may have is {MOST_REQUIREMENTS}."
        )
    system = system_qualifications.of(sandbox=tx.settings.sandbox)
    for requirement in requirements:
        type_id = requirement["QualificationTypeId"]
        if type_id not in system:
            found = qualification_types.find(tx, type_id)
            if found.status != qualification_types.ACTIVE:
                raise qualification_types.invalid_state(qualification_types.ACTIVE)
        _check_values(requirement)


def _check_values(requirement: Requirement) -> None:
    type_id, comparator = requirement["QualificationTypeId"], requirement["Comparator"]
    integers = requirement.get("IntegerValues", [])
    locales = requirement.get("LocaleValues", [])
    of_places = type_id == LOCALE
    values, most = (locales, MOST_LOCALES) if of_places else (integers, MOST_INTEGERS)
    if comparator in ("Exists", "DoesNotExist"):
        fits = not values
    elif comparator in ("In", "NotIn"):
        fits = 1 <= len(values) <= most
    else:
        fits = len(values) == 1
    if (integers if of_places else locales) or (of_places and comparator not in OF_PLACES):
        fits = False
    if not fits:
        raise ParameterValidationError(
            f"The requirement for qualification {type_id} has {len(integers)} integer and "
            f"{len(locales)} locale values, which the comparator {comparator} does not take."
        )
    for locale in locales:
        country, subdivision = locale["Country"], locale.get("Subdivision")
        if not COUNTRY.fullmatch(country):
            raise _invalid("Country", country)
        if subdivision is not None and not SUBDIVISION.fullmatch(subdivision):
            raise _invalid("Subdivision", subdivision)


def _invalid(name: str, value: str) -> ParameterValidationError:
    return ParameterValidationError(f'The value "{value}" is not valid for the parameter {name}.')


def guards(requirement: Requirement) -> Guard:
    """What a worker who does not meet the requirement is kept from.

    RequiredToPreview, the deprecated member, counts where ActionsGuarded is missing.
    """
    older: Guard = "PreviewAndAccept" if requirement.get("RequiredToPreview") else "Accept"
    guarded: Guard = requirement.get("ActionsGuarded", older)
    return guarded


def asks_for_masters(requirements: Sequence[Requirement]) -> bool:
    """Whether Amazon's fee for Masters applies."""
    return any(
        requirement["QualificationTypeId"] in MASTERS.values()
        and requirement["Comparator"] == "Exists"
        for requirement in requirements
    )


def record_uses(tx: Transaction, hit_type_id: str, requirements: Sequence[Requirement]) -> None:
    """Note which qualifications a new HIT type requires."""
    used = {requirement["QualificationTypeId"] for requirement in requirements}
    if used:
        tx.connection.execute(
            insert(_uses),
            [{"qualification_type_id": type_id, "hit_type_id": hit_type_id} for type_id in used],
        )


def uses_deleted(tx: Transaction, hit_type_id: str) -> bool:
    """Whether a HIT type went with a qualification type that it requires."""
    return bool(tx.connection.scalar(USES_DELETED, {"hit_type": hit_type_id}))


def requiring(type_id: str) -> Select[tuple[str]]:
    """The ids of the HIT types that require a qualification."""
    return select(_uses.c.hit_type_id).where(_uses.c.qualification_type_id == type_id)


def load_record(tx: Transaction, worker_id: str) -> WorkerRecord:
    """What requirements ask about one worker; it serves any number of HIT types."""
    return WorkerRecord(tx, worker_id)


def unmet(
    tx: Transaction,
    worker_id: str,
    requirements: Sequence[Requirement],
    *,
    record: WorkerRecord | None = None,
) -> str | None:
    """The id of a qualification that keeps the worker from accepting, or None."""
    record = record or load_record(tx, worker_id)
    for requirement in requirements:
        if not is_met(requirement, record.value(requirement["QualificationTypeId"])):
            return str(requirement["QualificationTypeId"])
    return None


def unmet_all(
    tx: Transaction,
    worker_id: str,
    requirements: Sequence[Requirement],
    *,
    record: WorkerRecord | None = None,
) -> list[Unmet]:
    """Every requirement that the worker does not meet; give `record` to ask about many HIT types.

    The worker may do what none of them guards.
    """
    record = record or load_record(tx, worker_id)
    found = []
    for requirement in requirements:
        type_id = requirement["QualificationTypeId"]
        value = record.value(type_id)
        if not is_met(requirement, value):
            name = record.name(type_id)
            sentence = requirement_texts.sentence(requirement, name, value)
            found.append(Unmet(requirement=requirement, name=name, sentence=sentence))
    return found


def is_met(requirement: Requirement, value: Value | None) -> bool:
    """Whether the value, None where there is none, satisfies the comparator.

    Without a value only DoesNotExist is satisfied, neither NotEqualTo nor NotIn.
    """
    comparator = requirement["Comparator"]
    if comparator in ("Exists", "DoesNotExist"):
        return (value is None) is (comparator == "DoesNotExist")
    if value is None:
        return False
    if isinstance(value, Place):
        wanted = [Place.from_locale(locale) for locale in requirement.get("LocaleValues", [])]
        inside = any(value.lies_in(place) for place in wanted)
        return inside is (comparator in ("EqualTo", "In"))
    return COMPARATORS[comparator](value, requirement.get("IntegerValues", []))
