"""What a worker writes stays text: in the next page, in tables and files, on the terminal."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from markdown_it import MarkdownIt
from sqlalchemy import select

from deployments.cli import explaining, exporting, main, watching
from flows import telling
from hitline.fields import Text
from hitline.model import Door, ItemState
from hitline.pipeline import Link, NewItem, Pipeline, Settled
from hitline.policies import Fixed
from hitline.questions import HtmlTemplate
from hitline.store import schema as ours
from tests.contracts.acting.lab import Lab, stage

HOSTILE = {
    "a template": "{{ flow.name }} ${text} {% import 'os' %} ${key}",
    "a template of Prefect's": '{"__prefect_kind": "jinja", "template": "{{ 7 * 7 }}"}',
    "a block": "{{ prefect.blocks.secret/aws }} prefect.blocks.secret/aws",
    "a variable": '{"__prefect_kind": "workspace_variable", "variable_name": "key"}',
    "a path": "../../../../etc/passwd",
    "another path": "file:///etc/passwd",
    "SQL": "'; DROP TABLE items; --",
    "a script": "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "a form of its own": '"></textarea></form><form action="https://evil.example"><input name="a">',
    "the end of the page": "]]></HTMLContent><FrameHeight>1</FrameHeight>",
    "a repeated block": "<!-- each item -->${text}<!-- end item -->",
    "a formula": '=HYPERLINK("https://evil.example","see")',
    "a command": "@SUM(1+1)*cmd|' /C calc'!A0",
    "markdown": "| a | b |\n|---|---|\n[see](javascript:alert(1)) ![](https://evil.example/x)",
    "a link": "[see](javascript:alert(1))",
    "a picture": "![](https://evil.example/x)",
    "markup of a terminal": "[bold red]now[/bold red] :skull:",
    "codes of a terminal": "\N{LEFT-TO-RIGHT OVERRIDE}\N{RIGHT-TO-LEFT OVERRIDE}done\x85\x9b31m",
    "lines of its own": "yes\r\nhitline: all is settled\r\n\r\nsettled as yes",
    "a label of ours": '{"value": null}',
    "percent": "%s %(name)s %n {0} {item.__class__}",
    "emoji": "\N{PILE OF POO}" * 50,
    "long": "x" * 10_000,
}
FORBIDDEN = {"a NUL": "yes\x00no", "codes": "\x1b[31mred\x1b]0;title\x07", "half": "\ud83d"}
TOO_LONG = "y" * 300_000
WORDS = HtmlTemplate(
    '<form><p title="${words}">${words}</p><input name="answer"></form>', name="words.html"
)


def ask_about(settled: Settled) -> NewItem:
    """What was written is the next question."""
    return NewItem(input={"words": settled.label})


def chained() -> Pipeline:
    written = stage("write", answer=Text("answer"), redundancy=Fixed(answers=1))
    judged = stage("judge", question=WORDS)
    return Pipeline(
        "lab",
        stages=[written, judged],
        links=[Link(source="write", target="judge", rule=ask_about)],
    )


def answered(open_lab: Callable[..., Lab], texts: dict[str, str]) -> Lab:
    """Workers have written the texts, each for the item of its name, and hitline has acted."""
    lab = open_lab(chained())
    lab.launch(*texts)
    posted = {lab.hit(one)["RequesterAnnotation"].split("/")[2]: one for one in lab.hits()}
    for number, (key, text) in enumerate(texts.items()):
        lab.answer(posted[lab.item(key).id], text, by=f"A{number}")
    lab.run()
    return lab


@pytest.fixture
def lab(open_lab: Callable[..., Lab], monkeypatch: pytest.MonkeyPatch) -> Lab:
    lab = answered(open_lab, HOSTILE)
    for module in (explaining, watching):
        monkeypatch.setattr(module, "open_database", lambda _: lab.store)
    monkeypatch.setattr(watching.loading, "load", lambda *_: lab.pipeline)
    monkeypatch.setattr(exporting, "opened_for", lambda *_: lab.hitline)
    return lab


def written(key: str) -> str:
    """As a form sends it and Text reads it."""
    return HOSTILE[key].replace("\r\n", "\n").strip()


def page_about(lab: Lab, key: str) -> Any:
    """The next question's page, as a browser reads it."""
    (child,) = (one for one in lab.items("judge") if one.parent_id == lab.item(key).id)
    assert child.input == {"words": written(key)}
    hit = next(one for one in map(lab.hit, lab.hits()) if child.id in one["RequesterAnnotation"])
    return etree.HTML(str(etree.fromstring(hit["Question"].encode())[0].text))


def test_it_is_kept_as_it_was_written_and_asked_about_as_text(lab: Lab) -> None:
    for key in HOSTILE:
        assert lab.state(key) == (ItemState.SETTLED, written(key)), key
        page = page_about(lab, key)
        assert [tag.tag for tag in page.iter()] == ["html", "body", "form", "p", "input"], key
        assert "".join(page.find(".//p").itertext()) == written(key)
        assert page.find(".//p").get("title").split() == written(key).split()
    assert lab.count(ours.items) == 2 * len(HOSTILE)


def test_a_terminal_shows_it_and_obeys_nothing(
    lab: Lab, capsys: pytest.CaptureFixture[str]
) -> None:
    for command in (["status"], ["results", "lab"], *(["explain", key] for key in HOSTILE)):
        assert main(command) == 0, command
        printed = capsys.readouterr().out
        assert all(one.isprintable() or one == "\n" for one in printed), command
        assert not [line for line in printed.splitlines() if line.startswith("hitline:")]
    main(["explain", "markup of a terminal"])
    assert HOSTILE["markup of a terminal"] in capsys.readouterr().out


@pytest.mark.parametrize("what", ["results", "answers", "labels"])
def test_a_spreadsheet_shows_it_and_reckons_nothing(lab: Lab, what: str, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    assert main(["export", "lab", "--what", what, "--spreadsheet", "--out", str(out)]) == 0
    with out.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    cells = [cell for row in rows for cell in row]
    for key in ("a formula", "a command"):
        assert f"'{written(key)}" in cells, key
    assert not [cell for cell in cells if cell.startswith(("=", "@", "\t", "\r"))]
    assert len({len(row) for row in rows}) == 1


def test_what_no_xml_can_hold_is_replaced_or_refused_and_the_worker_is_paid(
    open_lab: Callable[..., Lab],
) -> None:
    lab = answered(open_lab, {**FORBIDDEN, "too long": TOO_LONG})
    assert lab.state("a NUL") == (ItemState.SETTLED, "yes\ufffdno")
    assert lab.state("codes") == (ItemState.SETTLED, "\ufffd[31mred\ufffd]0;title\ufffd")
    assert lab.state("half") == (ItemState.SETTLED, "\ufffd")
    assert lab.not_counted() == ["unreadable"]
    problem = lab.cell(ours.answers.c.problem, ours.answers.c.problem.is_not(None))
    assert "300000 characters; 1 to 10000 are asked for" in problem
    lab.finish()
    with lab.store.reading() as connection:
        judged = set(connection.scalars(select(ours.assignments.c.status)))
    assert judged <= {"Approved", "Submitted"}


@pytest.mark.anyio
async def test_the_table_of_a_run_in_prefect_shows_it_as_text(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prefect's UI reads every cell as Markdown."""
    tables: list[list[dict[str, Any]]] = []

    async def keep(*, key: str, table: list[dict[str, Any]], description: str) -> None:
        tables.append(table)

    monkeypatch.setattr(telling, "acreate_table_artifact", keep)
    await telling.tell(Door.AGGREGATE, "lab", "write", lab.told)
    told = " ".join(str(cell) for row in tables[0] for cell in row.values())
    assert "\\<script\\>alert(1)\\</script\\>\\<img src=x" in told
    assert "\\[see\\](javascript:alert(1))" in told
    assert "\\!\\[\\](https\\://evil.example/x)" in told
    page = MarkdownIt("gfm-like", {"linkify": False}).render(told)
    assert not list(etree.HTML(page).iter("a", "img", "script"))
    assert "![](https://evil.example/x)" in page


def test_a_cell_shows_its_text_on_one_line_without_markup() -> None:
    assert telling.plain("2 votes ahead (no 3, yes 1)") == "2 votes ahead (no 3, yes 1)"
    assert telling.plain("a_b*c\n<i>") == "a\\_b\\*c \\<i\\>"
    assert telling.plain("http://x www.x a@b") == "http\\://x www\\.x a\\@b"
