"""Answer keys: which documents are keys, and what answers score by them."""

from __future__ import annotations

import pytest

from marketplace.engine import answer_keys
from marketplace.errors import ParameterValidationError

SCHEMAS = "http://mechanicalturk.amazonaws.com/AWSMechanicalTurkDataSchemas/2005-10-01/"


def option(score: int, *selections: str) -> str:
    selected = "".join(f"<SelectionIdentifier>{one}</SelectionIdentifier>" for one in selections)
    return f"<AnswerOption>{selected}<AnswerScore>{score}</AnswerScore></AnswerOption>"


def question(name: str, *options: str, default: int | None = None) -> str:
    last = "" if default is None else f"<DefaultScore>{default}</DefaultScore>"
    identifier = f"<QuestionIdentifier>{name}</QuestionIdentifier>"
    return f"<Question>{identifier}{''.join(options)}{last}</Question>"


def key(*parts: str, mapping: str = "") -> str:
    if mapping:
        mapping = f"<QualificationValueMapping>{mapping}</QualificationValueMapping>"
    return f'<AnswerKey xmlns="{SCHEMAS}AnswerKey.xsd">{"".join(parts)}{mapping}</AnswerKey>'


def percentage(maximum: object) -> str:
    inner = f"<MaximumSummedScore>{maximum}</MaximumSummedScore>"
    return f"<PercentageMapping>{inner}</PercentageMapping>"


def scale(multiplier: object) -> str:
    inner = f"<SummedScoreMultiplier>{multiplier}</SummedScoreMultiplier>"
    return f"<ScaleMapping>{inner}</ScaleMapping>"


def ranges(*rows: tuple[int, int, int], outside: int) -> str:
    inner = "".join(
        f"<SummedScoreRange><InclusiveLowerBound>{low}</InclusiveLowerBound><InclusiveUpperBound>"
        f"{high}</InclusiveUpperBound><QualificationValue>{value}</QualificationValue>"
        "</SummedScoreRange>"
        for low, high, value in rows
    )
    last = f"<OutOfRangeQualificationValue>{outside}</OutOfRangeQualificationValue>"
    return f"<RangeMapping>{inner}{last}</RangeMapping>"


def value(document: str, **answers: str) -> int:
    """The value of answers such as q="a b", two selections."""
    given = {name: frozenset(text.split()) for name, text in answers.items()}
    return answer_keys.parse(document).value(given)


FRUIT = question("fruit", option(10, "apple", "pear"), option(4, "apple"), option(-3, "nut"))
MOVE = question("move", option(5, "D"), default=1)


@pytest.mark.parametrize(
    ("answers", "score"),
    [
        ({"fruit": "apple pear", "move": "D"}, 15),
        ({"fruit": "pear apple", "move": "E"}, 11),  # the default, where no option fits
        ({"fruit": "apple", "move": "D"}, 9),
        ({"fruit": "pear", "move": "D"}, 5),
        ({"fruit": "apple pear nut", "move": "D"}, 5),  # all of them and no others
        ({"fruit": "nut", "move": "D"}, 2),
        ({}, 1),
        ({"else": "D"}, 1),
    ],
)
def test_scores_add_up(answers: dict[str, str], score: int) -> None:
    assert value(key(FRUIT, MOVE), **answers) == score


@pytest.mark.parametrize(
    ("mapping", "score", "expected"),
    [
        (percentage(15), 15, 100),
        (percentage(15), 5, 33),  # 33.3
        (percentage(15), 10, 67),  # 66.7
        (percentage(8), 1, 13),  # 12.5
        (percentage(8), -1, -12),  # -12.5: halves go up
        (percentage(3), 4, 133),
        (scale(3), 5, 15),
        (scale("0.5"), 5, 3),  # 2.5
        (scale("-1.4"), 1, -1),
        (scale(".25"), 8, 2),
        (ranges((5, 7, 50), (8, 10, 90), outside=-1), 4, -1),
        (ranges((5, 7, 50), (8, 10, 90), outside=-1), 5, 50),
        (ranges((5, 7, 50), (8, 10, 90), outside=-1), 7, 50),
        (ranges((5, 7, 50), (8, 10, 90), outside=-1), 8, 90),
        (ranges((5, 7, 50), (8, 10, 90), outside=-1), 11, -1),
        ("", -8, -8),
        (scale(9_999_999_999), 2_000_000_000, 2**31 - 1),  # as large as a value can be
        (scale(9_999_999_999), -2_000_000_000, -(2**31)),
    ],
)
def test_the_sum_is_mapped_to_the_value(mapping: str, score: int, expected: int) -> None:
    assert value(key(question("q", option(score, "a")), mapping=mapping), q="a") == expected


GOOD = question("q", option(1, "a"))


@pytest.mark.parametrize(
    "document",
    [
        "",
        "not XML",
        "<AnswerKey/>",
        key(),
        key(GOOD).replace("AnswerKey.xsd", "Other.xsd"),
        key(GOOD).replace("AnswerKey.xsd", "QuestionForm.xsd"),
        key(question("q")),
        key(question("q", "<AnswerOption><AnswerScore>1</AnswerScore></AnswerOption>")),
        key(question("q", option(1, "a").replace("<AnswerScore>1</AnswerScore>", ""))),
        key(GOOD, "<Else/>"),
        key(GOOD, "loose text"),
        key(GOOD.replace("</Question>", "<DefaultScore>x</DefaultScore></Question>")),
        key(GOOD.replace(">1<", ">1.5<")),
        key(GOOD.replace(">1<", ">99999999999<")),
        key(GOOD.replace(">1<", "><b/><")),
        key(GOOD, mapping=percentage(0)),
        key(GOOD, mapping=percentage(-1)),
        key(GOOD, mapping=percentage("")),
        key(GOOD, mapping=scale("1e9")),
        key(GOOD, mapping=scale("NaN")),
        key(GOOD, mapping=scale("1" * 1000)),
        key(GOOD, mapping=percentage(1) + scale(1)),
        key(GOOD, mapping="<ElseMapping/>"),
        key(GOOD, mapping=ranges(outside=1)),
        '<!DOCTYPE a [<!ENTITY b "c">]>' + key(GOOD.replace(">a<", ">&b;<")),
        '<!DOCTYPE a SYSTEM "file:///etc/passwd">' + key(GOOD),
        key(GOOD) + " " * 65_536,
        key("<Question>" * 10_000),
    ],
)
def test_what_is_no_key_is_refused_in_mturks_words(document: str) -> None:
    with pytest.raises(ParameterValidationError) as caught:
        answer_keys.parse(document)
    assert caught.value.message.startswith(
        "There was an error parsing the XML question or answer data in your request.  Please make "
        "sure the data is well-formed and validates against the appropriate schema. Details: "
    )


def test_layout_comments_and_a_declaration_do_not_matter() -> None:
    spread = key(FRUIT, MOVE).replace("><", ">\n  <").replace("D</", " D\n</")
    document = '<?xml version="1.0" encoding="UTF-16"?>\n<!-- a key -->' + spread
    assert value(document, fruit="apple pear", move="D") == 15


@pytest.mark.parametrize(
    ("answer", "selected"),
    [
        ("<SelectionIdentifier>a</SelectionIdentifier>", {"a"}),
        ("<SelectionIdentifier> a\n</SelectionIdentifier>", {"a"}),
        (
            "<SelectionIdentifier>a</SelectionIdentifier>"
            "<SelectionIdentifier>b</SelectionIdentifier>",
            {"a", "b"},
        ),
        ("", set()),
        ("<FreeText>a</FreeText>", set()),
        ("<OtherSelectionText/>", set()),
    ],
)
def test_answers_select(answer: str, selected: set[str]) -> None:
    assert answer_keys.selections(_answers(answer)) == {"q": selected}


def test_an_answer_of_ones_own_is_one_more_selection() -> None:
    """So that nobody earns a score for a, and something else besides."""
    own = "<SelectionIdentifier>a</SelectionIdentifier><OtherSelectionText>a</OtherSelectionText>"
    parsed = answer_keys.parse(key(GOOD))
    assert parsed.value(answer_keys.selections(_answers(own))) == 0


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ("", "Document is empty"),
        ("no XML", "Start tag expected"),
        ("<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "DOCTYPE is disallowed"),
        ("<a>" + "x" * 65_536 + "</a>", "longer than 65535 bytes"),
    ],
)
def test_answers_that_cannot_be_read_say_so(document: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        answer_keys.selections(document)


def _answers(answer: str) -> str:
    return (
        f'<QuestionFormAnswers xmlns="{SCHEMAS}QuestionFormAnswers.xsd"><Answer>'
        f"<QuestionIdentifier>q</QuestionIdentifier>{answer}</Answer></QuestionFormAnswers>"
    )
