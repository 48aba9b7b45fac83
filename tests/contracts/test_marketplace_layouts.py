"""HIT layouts: questions made of a requester's HTML and the values of its placeholders."""

from __future__ import annotations

from copy import copy
from pathlib import Path
from typing import Any

import pytest

from marketplace.cli import app
from marketplace.engine import layouts, requesters
from marketplace.errors import InvalidLayout, MarketplaceError, NameTaken

BREEDS = '<form><img src="${image_url}"><input name="${field}" title="${image_url}"></form>'
QUESTION = (
    '<HTMLQuestion xmlns="http://mechanicalturk.amazonaws.com/AWSMechanicalTurkDataSchemas/'
    '2011-11-11/HTMLQuestion.xsd"><HTMLContent><![CDATA[{}]]></HTMLContent>'
    "<FrameHeight>450</FrameHeight></HTMLQuestion>"
)


def add(market: Any, content: str = BREEDS, name: str = "breeds") -> str:
    with market.engine.act() as tx:
        lab = requesters.named(tx, "lab").requester_id
        return layouts.add(tx, lab, name, content, 450).layout_id


def values(**given: str) -> list[dict[str, str]]:
    return [{"Name": name, "Value": value} for name, value in given.items()]


def post(market: Any, layout_id: str, parameters: list[dict[str, str]]) -> dict[str, Any]:
    hit: dict[str, Any] = market.create_hit(
        Question=None, HITLayoutId=layout_id, HITLayoutParameters=parameters
    )
    return hit


def test_a_layout_and_its_values_become_an_html_question(market: Any) -> None:
    """Question and HITLayoutId are in every response about the HIT."""
    layout_id = add(market)
    hit = post(market, layout_id, values(image_url="https://x/1.jpg", field="breed"))
    content = '<form><img src="https://x/1.jpg"><input name="breed" title="https://x/1.jpg"></form>'
    assert hit["Question"] == QUESTION.format(content)
    assert hit["HITLayoutId"] == layout_id
    found = market.client.get_hit(HITId=hit["HITId"])["HIT"]
    assert (found["Question"], found["HITLayoutId"]) == (hit["Question"], layout_id)
    assert "HITLayoutId" not in market.create_hit()


def test_a_layout_goes_with_a_hit_type_too(market: Any) -> None:
    layout_id = add(market, "<p>Which breed?</p>")
    hit = market.client.create_hit_with_hit_type(
        HITTypeId=market.create_hit()["HITTypeId"], LifetimeInSeconds=60, HITLayoutId=layout_id
    )["HIT"]
    assert hit["Question"] == QUESTION.format("<p>Which breed?</p>")


def test_values_go_in_as_they_are_and_are_not_searched_again(market: Any) -> None:
    """Unescaped, as MTurk's documentation warns."""
    layout_id = add(market, "<p>${a} ${b} ${ c } ${d.e}</p>")
    hit = post(market, layout_id, values(a="<b>Tom & Jerry</b>", b="${a}"))
    expected = "<p><b>Tom & Jerry</b> ${a} ${ c } ${d.e}</p>"
    assert hit["Question"] == QUESTION.format(expected)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        (
            values(field="breed"),
            "Your request is missing required parameters. Required parameters include "
            "HITLayoutParameter. You have not provided all required HITLayout parameters. "
            "Missing parameter names: image_url",
        ),
        (
            values(field="breed", image_url="x", colour="red"),
            "The HITLayout {} has no parameters of these names: colour",
        ),
        (
            [*values(field="breed", image_url="x"), *values(field="race")],
            "HITLayoutParameters give a value to a name twice.",
        ),
    ],
)
def test_every_placeholder_needs_exactly_one_value(
    market: Any, parameters: list[dict[str, str]], message: str
) -> None:
    layout_id = add(market)
    error = market.refusal(post, market=market, layout_id=layout_id, parameters=parameters)
    assert error["code"] == "ParameterValidationError"
    assert error["message"] == message.format(layout_id)


@pytest.mark.parametrize(
    ("value", "text"),
    [("x" * 65_535, "65535 bytes"), ("]]> & more", "error parsing the XML")],
)
def test_a_value_that_spoils_the_question_is_refused(market: Any, value: str, text: str) -> None:
    layout_id = add(market, "<p>${a}</p>")
    error = market.refusal(post, market=market, layout_id=layout_id, parameters=values(a=value))
    assert error["code"] == "ParameterValidationError"
    assert text in error["message"]


def test_parameters_without_a_layout_are_refused(market: Any) -> None:
    error = market.refusal(market.create_hit, HITLayoutParameters=values(a="x"))
    assert error["message"] == "HITLayoutParameters go with a HITLayoutId alone."


def test_another_requesters_layout_does_not_exist(market: Any) -> None:
    layout_id = add(market, "<p>Which breed?</p>")
    theirs = copy(market)
    theirs.client = market.client_of(market.add_requester("other"))
    error = market.refusal(post, market=theirs, layout_id=layout_id, parameters=[])
    assert error == {
        "code": "RequestError",
        "turk": "AWS.MechanicalTurk.HITLayoutDoesNotExist",
        "message": f"HITLayout {layout_id} does not exist.",
    }


@pytest.mark.parametrize(
    ("name", "content", "height"),
    [
        ("", BREEDS, 0),
        ("x" * 129, BREEDS, 0),
        ("breeds", " \n", 0),
        ("breeds", "é" * 32_768, 0),
        ("breeds", "<script>if (a[b[0]]>1) x()</script>", 0),
        ("breeds", BREEDS, -1),
    ],
)
def test_layouts_that_cannot_be(market: Any, name: str, content: str, height: int) -> None:
    with market.engine.act() as tx, pytest.raises(InvalidLayout):
        layouts.add(tx, requesters.named(tx, "lab").requester_id, name, content, height)


def test_a_name_is_used_once(market: Any) -> None:
    add(market)
    with pytest.raises(NameTaken):
        add(market)


def test_the_command_line_adds_and_lists_layouts(
    market: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "breeds.html"
    file.write_text(BREEDS, "utf-8")
    run(market, "add", "breeds", str(file), "--frame-height", "450")
    printed = capsys.readouterr().out
    layout_id, name, placeholders = printed.strip().split("\t")
    assert (name, placeholders) == ("breeds", "image_url, field")
    run(market, "list")
    assert capsys.readouterr().out == printed
    assert post(market, layout_id, values(image_url="x", field="breed"))["HITLayoutId"] == layout_id


@pytest.mark.parametrize("content", [None, b"\xff"], ids=["missing", "not UTF-8"])
def test_a_file_that_cannot_be_read_is_named(
    market: Any, tmp_path: Path, content: bytes | None
) -> None:
    file = tmp_path / "breeds.html"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(MarketplaceError, match=r"breeds\.html"):
        run(market, "add", "x", str(file))


def run(market: Any, *words: str) -> None:
    options = ["--requester", "lab", "--database", market.database]
    app(["layout", *words, *options], result_action="return_value")
