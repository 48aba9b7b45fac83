"""Reading what workers submitted: QuestionFormAnswers XML, then typed values per item.

Answers are hostile text. The XML is read without entities, document types or network, the JSON
that crowd-form elements send inside it strictly, and both within limits.
"""

from __future__ import annotations

import json
import math
import re
import reprlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from hitline.errors import UnreadableAnswer
from hitline.fields import Field, Given

MAX_BYTES = 1024 * 1024
MAX_DEPTH = 32
CROWD_FORM = "taskAnswers"
"""The identifier under which a crowd-form element sends all its fields, as one JSON text."""

Submission = dict[str, Given]
"""What one worker submitted: question identifier → what they gave. Empty for an empty answer."""

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


@dataclass(frozen=True, kw_only=True, slots=True)
class SlotAnswer:
    """What a submission says of the item in one slot (1-based): all its values, or why none."""

    slot: int
    values: dict[str, Any] = field(default_factory=dict)
    problem: str | None = None


def read(
    submission: Mapping[str, Given], fields: Sequence[Field], slots: int = 1
) -> tuple[SlotAnswer, ...]:
    """The typed values of each of a HIT's items, in the order of the slots.

    One item answers to `field` or `field.1`, several to `field.1` … `field.N`. Other identifiers
    are ignored: pages post more than was asked. A bad slot does not spoil the others.
    """
    return tuple(_read_slot(submission, fields, slot, slots) for slot in range(1, slots + 1))


def parse(xml: str | bytes | None) -> Submission:
    """The submission that QuestionFormAnswers XML holds.

    Namespaces are not compared, only local names. An answer that is absent or empty is an empty
    submission: MTurk's API reference, Assignment, allows for it. Raises UnreadableAnswer.
    """
    submission: Submission = {}
    for identifier, given in as_submitted(xml).items():
        if identifier == CROWD_FORM and given.text is not None:
            submission |= _crowd_form(given.text)
        else:
            submission[identifier] = given
    return submission


def as_submitted(xml: str | bytes | None) -> Submission:
    """As `parse`, but what a crowd-form sent stays the one JSON text that it is."""
    root = _root(xml)
    if root is None:
        return {}
    return dict(_answer(answer) for answer in root if _local(answer) == "Answer")


def _root(xml: str | bytes | None) -> etree._Element | None:
    """The QuestionFormAnswers element, or None where there is nothing at all."""
    try:
        # MTurk declares ASCII or UTF-8, and the one is a part of the other; boto3 has decoded the
        # text already, so the declaration is overridden either way.
        text = xml.encode() if isinstance(xml, str) else xml or b""
        text.decode()
    except UnicodeError:
        raise UnreadableAnswer("the answer is not UTF-8 text") from None
    text = text.removeprefix(b"\xef\xbb\xbf").strip()
    if not text:
        return None
    if len(text) > MAX_BYTES:
        raise UnreadableAnswer(f"the answer is {len(text):,} bytes, more than {MAX_BYTES:,}")
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(text, parser)
    except etree.XMLSyntaxError as error:
        raise UnreadableAnswer(
            f"the answer is not XML (line {error.lineno}, column {error.offset})"
        ) from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise UnreadableAnswer("the answer declares a document type, which is not accepted")
    if _local(root) != "QuestionFormAnswers":
        raise UnreadableAnswer(
            f"the answer is {reprlib.repr(_local(root))}, not QuestionFormAnswers"
        )
    return root


def _local(element: etree._Element) -> str:
    return etree.QName(element).localname


def _answer(answer: etree._Element) -> tuple[str, Given]:
    """The identifier and content of one Answer element."""
    parts: dict[str, list[str]] = {}
    for child in answer:
        parts.setdefault(_local(child), []).append(str(child.xpath("string()")))
    identifier = "".join(parts.get("QuestionIdentifier", [])).strip()
    if not identifier:
        raise UnreadableAnswer("an Answer element has no QuestionIdentifier")
    return identifier, Given(
        text=_last(parts, "FreeText"),
        selections=tuple(parts.get("SelectionIdentifier", ())),
        other=_last(parts, "OtherSelectionText"),
        upload=_last(parts, "UploadedFileKey"),
    )


def _last(parts: Mapping[str, list[str]], name: str) -> str | None:
    return parts[name][-1] if name in parts else None


def _crowd_form(text: str) -> Submission:
    """Each field of a crowd-form's JSON: an array of one object, or that object bare."""
    if not text.strip():
        return {}
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UnreadableAnswer(f"{CROWD_FORM} is not JSON: {error}") from None
    _vet(data)
    if data in ([], None):
        return {}
    form = data[0] if isinstance(data, list) and len(data) == 1 else data
    if not isinstance(form, dict):
        raise UnreadableAnswer(
            f"{CROWD_FORM} is not an array with one object: {reprlib.repr(data)}"
        )
    return {
        name: Given(text=value) if isinstance(value, str) else Given(value=value)
        for name, value in form.items()
    }


def _vet(value: Any, depth: int = 0) -> None:
    """Refuse what Python's parser lets pass but a database or another reader would not."""
    if depth > MAX_DEPTH:
        raise UnreadableAnswer(f"{CROWD_FORM} is nested more than {MAX_DEPTH} deep")
    match value:
        case float() if not math.isfinite(value):
            raise UnreadableAnswer(f"{CROWD_FORM} holds {value}, which is no number in JSON")
        case str() if _UNSTORABLE.search(value):
            raise UnreadableAnswer(f"{CROWD_FORM} holds a character that no form can send")
        case dict():
            for part in (*value.keys(), *value.values()):
                _vet(part, depth + 1)
        case list():
            for part in value:
                _vet(part, depth + 1)


def _read_slot(
    submission: Mapping[str, Given], fields: Sequence[Field], slot: int, slots: int
) -> SlotAnswer:
    where = f"slot {slot}: " if slots > 1 else ""
    values: dict[str, Any] = {}
    for asked in fields:
        given = _given(submission, asked.name, slot, slots)
        try:
            values[asked.name] = asked.read(given or Given())
        except UnreadableAnswer as error:
            problem = f"{where}{error}"
            if given is None:
                named = reprlib.repr(sorted(submission)) if submission else "nothing"
                problem += f"; the answer names {named}"
            return SlotAnswer(slot=slot, problem=problem)
    return SlotAnswer(slot=slot, values=values)


def _given(submission: Mapping[str, Given], name: str, slot: int, slots: int) -> Given | None:
    """What was given for a field of one slot, or None where the answer does not name it.

    A crowd-form with `answer-format="flatten-objects"` posts an object's members one by one, as
    `field.member`; they are put together again. A member may be called 1, like a slot.
    """
    numbered = f"{name}.{slot}"
    if slots == 1 and name in submission:
        return submission[name]
    if slots == 1:
        members = _members(submission, name)
        if members and not all(re.match(r"1(\.|$)", member) for member in members):
            return Given(value=members)
    if numbered in submission:
        return submission[numbered]
    members = _members(submission, numbered)
    return Given(value=members) if members else None


def _members(submission: Mapping[str, Given], root: str) -> dict[str, Any]:
    flattened = {"true": True, "false": False}
    return {
        identifier.removeprefix(f"{root}."): flattened.get(given.text or "", given.text)
        for identifier, given in submission.items()
        if identifier.startswith(f"{root}.")
    }
