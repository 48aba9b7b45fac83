"""Ten thousand malformed inputs at each parser: read, or refused by its declared error.

They are made from good ones: cut, doubled, swapped and laced with what parsers stumble over. Each
run takes other ones; the seed is in the message of a failure, and HOSTILE_SEED takes it again.
"""

from __future__ import annotations

import copy
import json
import os
import random
import resource
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from sqlalchemy import select

from deployments import lambda_handler
from hitline.answers import parse, read
from hitline.errors import (
    InvalidItems,
    InvalidRecording,
    UnreadableAnswer,
    UnreadableNotification,
)
from hitline.fields import Boxes, Choice, Field, MultiChoice, Number, Text
from hitline.itemsfile import read_items
from hitline.notifications import read as read_notification
from hitline.recorded import read_recorded
from hitline.stafffile import read_labels
from hitline.store import upgrade
from hitline.store.schema import events, unparsed
from marketplace.engine import answer_keys
from marketplace.errors import MarketplaceError
from marketplace.frames import question

GOLDEN = Path(__file__).parents[1] / "golden"
INPUTS = 10_000
SEED = int(os.environ.get("HOSTILE_SEED", random.SystemRandom().randrange(10**6)))
MOST_SECONDS = 6.0
"""Of a processor; one that others use as well takes a little more for the same."""
MOST_KILOBYTES = 150_000
"""On top of what the test holds itself; the largest document is 40 MB, and is encoded once."""

LACES = [
    *(b"\x00", b"\xff\xfe", b"\xed\xa0\x80", b"\xef\xbb\xbf", b"\r", b"\n", b"\x1b]8;;x\x07"),
    *(b"<", b">", b"&", b"&#0;", b"&#xD800;", b"&a;", b"]]>", b"<![CDATA[", b"<!--", b"<?x ?>"),
    *(b'<!DOCTYPE a [<!ENTITY b "c">]>', b"<Answer/>", b"<FreeText>", b' xmlns="x"', b"xml:id='1'"),
    *(b'"', b"'", b"\\", b"\\u0000", b"\\ud800", b"{", b"}", b"[", b"]", b",", b":", b"null"),
    *(b"NaN", b"1e999", b"-0", b"1" * 5000, b"{}", b"[[]]", b"{" * 2000, b"[" * 2000, b'""'),
    *(b"2026-99-99T99:99:99Z", b"0001-01-01T00:00:00+23:59", b"-1", b"taskAnswers", b"Events"),
    *(b"\xf0\x9f\x98\x80", b"\xe2\x80\xae", b"=1+1", b"gold", b"gold_", b"key", b",,,,", b"\t"),
]
VALUES: list[Any] = [
    *(None, True, 0, -1, 10**400, 1.5, float("nan"), "", "x", "\x00", "\ud800", "a" * 3000),
    *([], {}, [[]], {"": None}, "2026-02-30T00:00:00Z", "0001-01-01T00:00:00+23:59", "\u202e"),
    *({"Events": []}, {"Sns": {"Message": "{"}}, {"body": "[]"}, {"__prefect_kind": "jinja"}),
]

FIELDS: list[Field] = [
    Choice("side", ["for", "against"]),
    Number("count", least=0, most=9),
    Text("words"),
]
NESTED: list[Field] = [MultiChoice("seen", ["cat", "dog"], least=0), Boxes("boxes", ["cat", "dog"])]
MARKED = (
    b'<?xml version="1.0" encoding="ASCII"?><QuestionFormAnswers xmlns="http://mechanicalturk.amazo'
    b'naws.com/AWSMechanicalTurkDataSchemas/2005-10-01/QuestionFormAnswers.xsd"><Answer><QuestionId'
    b'entifier>taskAnswers</QuestionIdentifier><FreeText>[{"seen":{"cat":true,"dog":false},"boxes":'
    b'{"inputImageProperties":{"height":480,"width":640},"boundingBoxes":[{"label":"cat","left":1,"'
    b'top":2,"width":3,"height":4}]}}]</FreeText></Answer></QuestionFormAnswers>'
)
CSV = b'key,text,gold,gold_side\r\na,"one, two",yes,\r\nb,three,,for\r\nc,four,no,against\r\n'
STAFF = b"item,stage,key,label,votes,why\r\no4r,position,a,yes,yes 1,tie\r\np5s,side,b,,,\r\n"
RECORDED = b"task,worker,label\r\na,w1,yes\r\na,w2,no\r\nb,w1,yes\r\n"
FORM = (
    f'<QuestionForm xmlns="{question.QUESTION_FORMS[0][1:-1]}"><Question><QuestionIdentifier>q'
    "</QuestionIdentifier><QuestionContent><Text>Which?</Text></QuestionContent>"
    "<AnswerSpecification><FreeTextAnswer/></AnswerSpecification></Question></QuestionForm>"
).encode()
PAGE = (
    f'<HTMLQuestion xmlns="{question.HTML_QUESTION[1:-1]}"><HTMLContent><![CDATA[<p>Hello</p>]]>'
    "</HTMLContent><FrameHeight>0</FrameHeight></HTMLQuestion>"
).encode()
KEY = (
    f'<AnswerKey xmlns="{answer_keys.NAMESPACE}"><Question><QuestionIdentifier>q'
    "</QuestionIdentifier><AnswerOption><SelectionIdentifier>a</SelectionIdentifier>"
    "<AnswerScore>1</AnswerScore></AnswerOption></Question></AnswerKey>"
).encode()


def golden(pattern: str) -> list[bytes]:
    return [path.read_bytes() for path in sorted(GOLDEN.glob(pattern))]


ANSWERS = golden("answers/*.xml")
NOTIFICATIONS = [one for one in golden("notifications/*.json") if b"expected" not in one]
LAMBDA = golden("lambda/*.json")


def answer(body: bytes, _: Path) -> None:
    read(parse(body), FIELDS, slots=2)


def nested(body: bytes, _: Path) -> None:
    read(parse(body), NESTED, slots=1)


def notification(body: bytes, _: Path) -> None:
    assert read_notification(body).events


def items(body: bytes, folder: Path) -> None:
    assert read_items(_file(folder, body), ["text"])


def labels(body: bytes, folder: Path) -> None:
    assert read_labels(_file(folder, body))


def recorded(body: bytes, folder: Path) -> None:
    read_recorded(_file(folder, body), None)


def page(body: bytes, _: Path) -> None:
    question.page_of(question.parse(body.decode(errors="surrogateescape")))


def key(body: bytes, _: Path) -> None:
    answer_keys.parse(body.decode(errors="replace"))


Read = Callable[[bytes, Path], None]
PARSERS: dict[str, tuple[Read, list[bytes], type[Exception]]] = {
    "answers": (answer, ANSWERS, UnreadableAnswer),
    "nested answers": (nested, [MARKED], UnreadableAnswer),
    "notifications": (notification, NOTIFICATIONS, UnreadableNotification),
    "items": (items, [CSV], InvalidItems),
    "staff labels": (labels, [STAFF], InvalidItems),
    "recorded answers": (recorded, [RECORDED], InvalidRecording),
    "questions": (page, [FORM, PAGE], MarketplaceError),
    "answer keys": (key, [KEY], MarketplaceError),
}


def _file(folder: Path, body: bytes) -> Path:
    path = folder / "file.csv"
    path.write_bytes(body)
    return path


def malformed(chance: random.Random, good: list[bytes]) -> bytes:
    """One of them, wounded up to four times."""
    body = chance.choice(good)
    for _ in range(chance.randint(1, 4)):
        at = chance.randint(0, len(body))
        to = min(at + chance.choice((1, 2, 8, 64)), len(body))
        other = chance.choice(good)
        body = chance.choice(
            (
                body[:at] + chance.choice(LACES) + body[at:],
                body[:at] + chance.choice(LACES) + body[to:],
                body[:at] + body[to:],
                body[:to] + body[at:],
                body[:at],
                body[:at] + bytes([chance.randrange(256)]) + body[at + 1 :],
                body[:at] + other[chance.randint(0, len(other)) :],
            )
        )
    return body


def swapped(chance: random.Random, value: Any) -> Any:
    """The same JSON with something else somewhere in it."""
    parts = list(value.items()) if isinstance(value, dict) else []
    parts = list(enumerate(value)) if isinstance(value, list) else parts
    if not parts or chance.random() < 0.2:
        return copy.copy(chance.choice(VALUES))
    name, part = chance.choice(parts)
    changed = value.copy()
    changed[name] = swapped(chance, part)
    return changed


@pytest.fixture
def folder() -> Iterator[Path]:
    """In memory where there is such a place: a disk takes a minute for ten thousand files."""
    memory = Path("/dev/shm")
    with TemporaryDirectory(dir=memory if memory.is_dir() else None) as made:
        yield Path(made)


@pytest.mark.slow
@pytest.mark.parametrize("name", PARSERS)
def test_a_malformed_input_is_read_or_refused_by_the_declared_error(
    name: str, folder: Path
) -> None:
    parser, good, declared = PARSERS[name]
    chance = random.Random(f"{SEED} {name}")
    refused = 0
    for number in range(INPUTS):
        body = malformed(chance, good)
        try:
            parser(body, folder)
        except declared:
            refused += 1
        except Exception as other:
            pytest.fail(f"HOSTILE_SEED={SEED}, {name} {number}: {other!r} for {body[:2000]!r}")
    assert refused > INPUTS // 4  # or they were not malformed


@pytest.mark.slow
def test_a_malformed_lambda_event_is_stored_as_what_it_says_or_as_it_came(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Raised, it would come again and again, and be lost in the end."""
    url = f"sqlite:///{folder / 'hitline.db'}"
    upgrade(url)
    monkeypatch.setenv("HITLINE_DATABASE_URL", url)
    lambda_handler._store.cache_clear()
    chance = random.Random(SEED)
    good = [json.loads(body) for body in LAMBDA]
    for number in range(INPUTS):
        event = swapped(chance, swapped(chance, chance.choice(good)))
        try:
            told = lambda_handler.handler(event)
        except Exception as other:
            pytest.fail(f"HOSTILE_SEED={SEED}, lambda {number}: {other!r} for {event!r:.2000}")
        assert told["events"] + told["repeats"] + told["unparsed"] >= told["records"]
    with lambda_handler._store().reading() as connection:
        kept = [row for table in (events, unparsed) for row in connection.execute(select(table))]
    # SQLite would take a NUL; PostgreSQL does not.
    assert not [row for row in kept if any(isinstance(v, str) and "\x00" in v for v in row)]
    lambda_handler._store().dispose()
    lambda_handler._store.cache_clear()


BOMB = "<!DOCTYPE a [{}]><QuestionFormAnswers>&j;</QuestionFormAnswers>".format(
    '<!ENTITY a "aaaaaaaaaa">'
    + "".join(
        f'<!ENTITY {name} "{f"&{before};" * 10}">'
        for before, name in zip("abcdefghi", "bcdefghij", strict=True)
    )
)
ROOT = "<QuestionFormAnswers>{}</QuestionFormAnswers>"
BLOATED = {
    "a bomb of entities": BOMB,
    "one large entity used often": (
        f'<!DOCTYPE a [<!ENTITY a "{"a" * 30_000}">]>' + ROOT.format("&a;" * 10_000)
    ),
    "another's file": (
        '<!DOCTYPE a [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + ROOT.format("&a;")
    ),
    "deeper than any answer": ROOT.format("<a>" * 140_000 + "</a>" * 140_000),
    "never closed": "<a>" * 300_000,
    "gigantic": ROOT.format("a" * 40_000_000),
    "nameless answers": ROOT.format("<Answer/>" * 100_000),
    "a form nested too deep": ROOT.format(
        "<Answer><QuestionIdentifier>taskAnswers</QuestionIdentifier><FreeText>"
        + "[" * 200_000
        + "]" * 200_000
        + "</FreeText></Answer>"
    ),
}
MESSAGES = {
    "lists without end": "[" * 250_000,
    "objects without end": '{"Events":' * 20_000,
    "a number without end": '{"Events":[' + "1" * 200_000 + "]}",
    "bad events by the thousand": '{"Events":[' + "{}," * 80_000 + "{}]}",
    "gigantic": '"' + "a" * 40_000_000 + '"',
}


@pytest.fixture
def cheap() -> Iterator[None]:
    """What happens meanwhile takes neither long nor much more than a message's own memory."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.process_time()
    yield
    assert time.process_time() - began < MOST_SECONDS
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < MOST_KILOBYTES


@pytest.mark.usefixtures("cheap")
@pytest.mark.parametrize("what", BLOATED)
def test_a_bloated_document_is_refused_cheaply(what: str) -> None:
    with pytest.raises(UnreadableAnswer):
        parse(BLOATED[what])
    with pytest.raises(question.InvalidQuestion):
        question.parse(BLOATED[what])
    with pytest.raises(MarketplaceError):
        answer_keys.parse(BLOATED[what])


@pytest.mark.usefixtures("cheap")
@pytest.mark.parametrize("what", MESSAGES)
def test_a_bloated_message_is_refused_cheaply_and_in_few_words(what: str) -> None:
    with pytest.raises(UnreadableNotification) as refused:
        read_notification(MESSAGES[what])
    assert len(str(refused.value)) < 1000
