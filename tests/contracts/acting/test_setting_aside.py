"""An item that fails every time is set aside and told of; others go on, and so does it later."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from hitline.acting import claiming, effects, rounds, setting_aside
from hitline.errors import HitlineError, Unavailable, UnknownPipeline
from hitline.model import Door, ItemState
from hitline.pipeline import Pipeline
from hitline.store import alerts
from hitline.store.leases import POISONED
from tests.contracts.acting.lab import Lab, stage

pytestmark = pytest.mark.slow


class Broken:
    """A look that fails whenever a certain item is among those looked at."""

    def __init__(self, lab: Lab, key: str, error: Exception) -> None:
        self.lab = lab
        self.bad = lab.item(key).id
        self.error: Exception | None = error

    def run(self) -> None:
        """What flows/rounds.py does with a chunk that fails, until nothing is due."""
        while chunk := claiming.claim(self.lab.hitline, Door.PUBLISH, "lab", "ask", "a run"):
            if self.error and self.bad in [one.item_id for one in chunk]:
                claiming.put_off(self.lab.hitline, chunk, self.error)
                continue
            orders = rounds.sort_out(rounds.look(self.lab.hitline, chunk))
            effects.post(
                self.lab.hitline, orders.post, rounds.Errand(door=Door.PUBLISH, flow_run="a run")
            )

    def times(self, count: int) -> None:
        for _ in range(count):
            self.run()
            self.lab.market.advance(seconds=6)

    def told(self) -> list[tuple[str, str]]:
        with self.lab.store.reading() as connection:
            return [(alert.kind, alert.subject) for alert in alerts.standing(connection)]


@pytest.fixture
def three(open_lab: Callable[..., Lab]) -> Lab:
    lab = open_lab(Pipeline("lab", stages=[stage("ask")]))
    lab.prepare()
    lab.add("good", "bad", "fine")
    return lab


def test_it_is_set_aside_with_an_alert_and_the_others_are_posted(three: Lab) -> None:
    broken = Broken(three, "bad", RuntimeError("a bug"))
    broken.times(POISONED + 1)

    assert three.state("good") == (ItemState.OPEN, None)
    assert three.state("fine") == (ItemState.OPEN, None)
    assert three.state("bad") == (ItemState.NEW, None)
    assert broken.told() == [("item-set-aside", broken.bad)]
    assert setting_aside.rows(three.hitline) == [
        {"pipeline": "lab", "stage": "ask", "item": "bad", "problem": "a bug"}
    ]
    assert three.waiting() == []


def test_the_sweep_does_not_take_it_up_again(three: Lab) -> None:
    broken = Broken(three, "bad", RuntimeError("a bug"))
    broken.times(POISONED + 1)
    three.sweep()

    assert three.waiting() == []
    assert three.state("bad") == (ItemState.NEW, None)


def test_tried_again_by_a_person_it_goes_on(three: Lab) -> None:
    broken = Broken(three, "bad", RuntimeError("a bug"))
    broken.times(POISONED + 1)
    broken.error = None
    assert setting_aside.try_again(three.hitline, "lab") == 1
    three.drive_all()

    assert three.state("bad") == (ItemState.OPEN, None)
    assert broken.told() == []


def test_an_item_that_comes_through_by_hand_is_no_alert_any_more(three: Lab) -> None:
    broken = Broken(three, "bad", RuntimeError("a bug"))
    broken.times(POISONED + 1)
    setting_aside.end_alerts(three.hitline)
    assert broken.told() == [("item-set-aside", broken.bad)]

    chunk = claiming.claim(three.hitline, Door.PUBLISH, "lab", "ask", "by hand", [broken.bad])
    orders = rounds.sort_out(rounds.look(three.hitline, chunk))
    effects.post(three.hitline, orders.post, rounds.Errand(door=Door.PUBLISH, flow_run="by hand"))
    setting_aside.end_alerts(three.hitline)
    assert broken.told() == []


@pytest.mark.parametrize("error", [Unavailable("GetHIT", "no answer"), UnknownPipeline("not here")])
def test_what_no_item_is_to_blame_for_sets_nothing_aside(three: Lab, error: HitlineError) -> None:
    broken = Broken(three, "bad", error)
    broken.times(POISONED + 5)
    broken.error = None
    broken.run()

    assert three.state("bad") == (ItemState.OPEN, None)
    assert broken.told() == []


def test_of_a_hit_that_is_finished_by_a_later_run_there_is_a_count(
    three: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The row is not written, as if the process had died after the call."""
    from hitline.acting import posting
    from hitline.store import repairs

    def die(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(posting, "adopt", die)
        with pytest.raises(KeyboardInterrupt):
            three.drive_all()
    three.outlive_leases()
    three.drive_all()

    with three.store.reading() as connection:
        assert repairs.by_cause(connection) == {
            repairs.CALL_FINISHED: 1,
            repairs.LEASE_RAN_OUT: 3,
        }
    assert len(three.hits()) == 3
