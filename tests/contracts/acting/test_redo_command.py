"""`hitline redo` as it is typed: what it says beforehand, what it leaves alone; and `explain`."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from sqlalchemy import update

from deployments.cli import explaining, main, redoing
from hitline.model import ItemState
from hitline.pipeline import Link, NewItem, Pipeline
from hitline.policies import Adaptive, VoteLead
from hitline.reporting.story import stories
from hitline.store import schema as ours
from tests.contracts.acting.lab import QUEUE, Lab, stage

PAIR = VoteLead(start=2, lead=2, most=4)
CHAINED = Pipeline(
    "lab",
    stages=[stage("ask", redundancy=PAIR), stage("then", redundancy=PAIR)],
    links=[Link(source="ask", target="then", rule=lambda done: NewItem(input=done.input))],
)
Typed = Callable[..., tuple[int, str, str]]


@pytest.fixture
def lab(open_lab: Callable[..., Lab]) -> Lab:
    """One item, settled in both stages."""
    lab = open_lab(CHAINED)
    lab.launch("a")
    for _ in range(2):
        lab.answer(lab.hits()[-1], "yes", "yes")
        lab.run()
    return lab


@pytest.fixture
def typed(lab: Lab, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Typed:
    """Exit code, stdout and stderr of `hitline redo lab …`; `said` is what the person answers."""
    monkeypatch.setenv("HITLINE_QUEUE_URL", QUEUE)
    monkeypatch.setattr(redoing, "opened_for", lambda *_: lab.hitline)

    def call(*tokens: str, said: str = "") -> tuple[int, str, str]:
        monkeypatch.setattr("sys.stdin", io.StringIO(said))
        code = main(["redo", "lab", *tokens])
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return call


def test_it_says_what_it_costs_and_withdraws_and_does_nothing_without_a_yes(
    lab: Lab, typed: Typed
) -> None:
    code, out, err = typed("--items", "a", "--stage", "ask", said="n\n")

    assert code == 1
    assert "at most $0.72, fees included" in out
    assert "1 item that came from them will be withdrawn" in out
    assert "nothing was done" in err
    assert lab.state("a", "ask") == (ItemState.SETTLED, "yes")


def test_after_a_yes_it_asks_again_and_the_second_time_says_that_it_is_being_asked(
    lab: Lab, typed: Typed
) -> None:
    code, out, _ = typed("--items", "a", "--stage", "ask", said="y\n")
    assert (code, lab.state("a", "ask")[0]) == (0, ItemState.NEW)
    assert "1 item asked again, 1 withdrawn" in out

    code, out, _ = typed("--items", "a", "--stage", "ask", "--yes")
    assert code == 0
    assert "nothing to ask again" in out


def test_keys_that_are_no_items_are_named(typed: Typed) -> None:
    _, out, _ = typed("--items", "a", "nobody", "--yes")

    assert "nobody: no such item here, or it is being asked already" in out


def test_what_a_run_works_on_is_named_and_the_exit_code_says_so(lab: Lab, typed: Typed) -> None:
    with lab.store.writing() as connection:
        connection.execute(
            update(ours.items).values(
                lease_owner="a run", wall_lease_until=lab.hitline.clock.wall()
            )
        )

    code, out, err = typed("--items", "a", "--stage", "ask", "--yes")

    assert code == 1
    assert "0 items asked again" in out
    assert "1 item left alone" in err


def test_to_choose_nothing_is_refused_with_the_ways_to_choose(typed: Typed) -> None:
    code, _, err = typed()

    assert code == 1
    assert "say which items: --items, --worker" in err


def test_explain_shows_what_each_answer_weighed_and_the_model(
    open_lab: Callable[..., Lab], capsys: pytest.CaptureFixture[str]
) -> None:
    rule = Adaptive(start=2, confidence=0.6, lead=1, most=5)
    lab = open_lab(Pipeline("lab", stages=[stage("ask", redundancy=rule)]))
    lab.launch("a", "b")
    for hit in lab.hits():
        lab.answer(hit, "yes", "yes")
    lab.run()
    with lab.store.writing() as connection:
        connection.execute(update(ours.items).values(final=True, would_flip="no"))

    with lab.store.reading() as connection:
        (told,) = stories(connection, "a")
    explaining.tell(told)

    assert told.grounds is not None
    out = capsys.readouterr().out
    assert "log-odds of yes" in out
    (row,) = [line for line in out.splitlines() if line.startswith("AWORKER1  ")]
    assert float(row.split()[-1]) > 0
    assert f"model {told.grounds.version} of 4 answers: " in out
    assert ", stated as " in out
    assert "final; would be no by now" in out
