"""The simulated crowd at work on the marketplace's engine."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Row, insert, select

from marketplace.clock import SetClock
from marketplace.crowd.simulation.people import population
from marketplace.crowd.simulation.script import Simulation
from marketplace.crowd.simulation.simulate import DEEDS_A_ROUND, Simulated
from marketplace.engine import Engine, hit_types, hits
from marketplace.engine.model import TypeAttributes
from marketplace.settings import Settings
from marketplace.store import Store
from marketplace.store.schema import assignments, requesters

START = datetime(2026, 1, 5, 10, tzinfo=UTC)
REQUESTER = "AREQUESTER"
XMLNS = "http://mechanicalturk.amazonaws.com/AWSMechanicalTurkDataSchemas"
CHOICE = (
    '<form><p data-crowd-set="q" data-crowd-task="{task}">{task}?<input type="radio" name="q" '
    'value="x" required><input type="radio" name="q" value="y"></p></form>'
)
MASTERS = {"QualificationTypeId": "2F1QJWKUDD8XADTFD2Q0G6UTO95ALH", "Comparator": "Exists"}
SURE = {"name": "all", "accuracy": {"mean": 1}}


class Place:
    """A marketplace with one requester and a simulated crowd, on a clock that we move."""

    def __init__(self, folder: Path, script: dict[str, Any]) -> None:
        content = {
            "name": "team",
            "seed": 1,
            "workers": 12,
            "arrival": {"sessions_per_hour": 30, "session_minutes": 40},
            "groups": [SURE],
            **script,
        }
        self.script = Simulation.model_validate(content)
        self.clock = SetClock(START)
        self.store = Store(f"sqlite:///{folder / 'marketplace.db'}")
        self.engine = Engine(self.store, self.clock, Settings())
        with self.store.write() as connection:
            connection.execute(
                insert(requesters).values(
                    requester_id=REQUESTER,
                    name="test",
                    account="123456789012",
                    balance=Decimal("1000.00"),
                    liability=Decimal("0.00"),
                    created_at=START,
                )
            )
        self.restart_crowd()

    def restart_crowd(self) -> None:
        self.crowd = Simulated(self.script, self.engine)
        self.crowd.resume()

    def post(
        self,
        task: str,
        *,
        page: str = CHOICE,
        most: int = 3,
        reward: str = "0.05",
        title: str = "x or y?",
        duration: int = 3600,
        requirements: Any = (),
    ) -> str:
        question = (
            f'<HTMLQuestion xmlns="{XMLNS}/2011-11-11/HTMLQuestion.xsd"><HTMLContent><![CDATA['
            f"{page.replace('{task}', task)}]]></HTMLContent><FrameHeight>0</FrameHeight>"
            "</HTMLQuestion>"
        )
        attributes = TypeAttributes(
            title=title,
            description="",
            keywords="",
            reward=Decimal(reward),
            duration=duration,
            auto_approval_delay=2_592_000,
            requirements=list(requirements),
        )
        with self.engine.act() as tx:
            hit = hits.post(
                tx,
                REQUESTER,
                hit_types.register(tx, REQUESTER, attributes),
                question=question,
                lifetime=86_400,
                max_assignments=most,
                annotation=None,
            )
        return hit.hit_id

    def let_pass(self, minutes: float, *, with_crowd: bool = True) -> None:
        """Move the clock on in steps of ten seconds."""
        for _ in range(int(minutes * 6)):
            self.clock.advance(timedelta(seconds=10))
            self.engine.tick()
            while with_crowd and self.crowd.act() == DEEDS_A_ROUND:
                pass

    def history(self, *hit_ids: str) -> list[Row[Any]]:
        """All assignments, or of these HITs, in order of acceptance."""
        query = select(assignments).order_by(assignments.c.id)
        if hit_ids:
            query = query.where(assignments.c.hit_id.in_(hit_ids))
        with self.store.read() as connection:
            return list(connection.execute(query))

    def statuses(self, *hit_ids: str) -> Counter[str]:
        return Counter(row.status for row in self.history(*hit_ids))


@pytest.fixture
def open_place(tmp_path: Path) -> Iterator[Callable[..., Place]]:
    places: list[Place] = []

    def build(**script: Any) -> Place:
        folder = tmp_path / str(len(places))
        folder.mkdir()
        places.append(Place(folder, script))
        return places[-1]

    yield build
    for place in places:
        place.store.close()


def test_hits_fill_with_answers_of_different_workers(open_place: Callable[..., Place]) -> None:
    place = open_place()
    posted = [place.post(str(task)) for task in range(4)]
    place.let_pass(40)
    for hit_id in posted:
        rows = place.history(hit_id)
        assert [row.status for row in rows] == ["Submitted"] * 3
        assert len({row.worker_id for row in rows}) == 3


def test_the_perfect_give_the_truth_of_the_file(
    open_place: Callable[..., Place], tmp_path: Path
) -> None:
    file = tmp_path / "items.csv"
    file.write_text("task,q\n" + "".join(f"{n},{'xy'[n % 2]}\n" for n in range(6)))
    place = open_place(truth={"file": file})
    posted = [place.post(str(task), most=2) for task in range(6)]
    place.let_pass(40)
    for task, hit_id in enumerate(posted):
        answers = [row.answer for row in place.history(hit_id)]
        assert len(answers) == 2
        assert all(f"<FreeText>{'xy'[task % 2]}</FreeText>" in answer for answer in answers)


@pytest.mark.parametrize(
    "page",
    [
        "<form><textarea name=a required></textarea><input type=number name=b></form>",
        """<crowd-form><crowd-classifier name="a" categories="['x','y']"></crowd-classifier>"""
        "</crowd-form>",
        "<form><select name=a><option>x</option></select><input type=checkbox name=b></form>",
    ],
)
def test_any_form_is_worked_on(open_place: Callable[..., Place], page: str) -> None:
    place = open_place()
    hit_id = place.post("1", page=page)
    place.let_pass(30)
    assert place.statuses(hit_id) == {"Submitted": 3}
    assert len({row.answer for row in place.history(hit_id)}) >= 1


def test_a_page_without_a_form_is_left_alone(open_place: Callable[..., Place]) -> None:
    place = open_place()
    place.post("1", page="<p>only words</p>")
    place.let_pass(20)
    assert place.history() == []


def test_nobody_works_for_less_than_they_want(open_place: Callable[..., Place]) -> None:
    # 15 seconds for 5 cents are 12 dollars an hour at the usual pace.
    place = open_place(wage={"hourly": 12, "spread": 0.4, "taste_spread": 0}, workers=40)
    hit_id = place.post("1", most=9)
    place.let_pass(120)
    willing = {
        person.worker_id
        for person in population(place.script)
        if 0.05 / (15 * person.slowness) * 3600 >= person.hourly
    }
    assert {row.worker_id for row in place.history(hit_id)} <= willing
    assert len(place.history(hit_id)) > 0
    assert len(willing) < 40


def test_the_better_paid_work_is_done_first(open_place: Callable[..., Place]) -> None:
    place = open_place(wage={"taste_spread": 0})
    cheap = place.post("1", most=1)
    dear = place.post("2", most=1, reward="0.50", title="dear")
    place.let_pass(30)
    assert [row.hit_id for row in place.history()] == [dear, cheap]


def test_returned_and_abandoned_hits_are_left_and_taken_by_others(
    open_place: Callable[..., Place],
) -> None:
    place = open_place(leaving={"returns": 0.3, "abandons": 0.2}, workers=60)
    for task in range(30):
        place.post(str(task), duration=300)
    place.let_pass(120)
    statuses = place.statuses()
    ended = statuses["Submitted"] + statuses["Returned"] + statuses["Abandoned"]
    assert statuses["Submitted"] == 90
    assert statuses["Returned"] / ended == pytest.approx(0.3, abs=0.1)
    assert statuses["Abandoned"] / ended == pytest.approx(0.2, abs=0.1)
    pairs = Counter((row.hit_id, row.worker_id) for row in place.history())
    assert max(pairs.values()) == 1, "nobody comes back to a HIT"


def test_work_that_takes_longer_than_the_duration_is_abandoned(
    open_place: Callable[..., Place],
) -> None:
    place = open_place(pace={"seconds": 600, "spread": 0, "worker_spread": 0})
    hit_id = place.post("1", duration=60)
    place.let_pass(60)
    assert set(place.statuses(hit_id)) == {"Abandoned"}


def test_several_hits_are_held_and_done_one_after_another(
    open_place: Callable[..., Place],
) -> None:
    place = open_place(
        held_at_most=3,
        workers=1,
        arrival={"sessions_per_hour": 30, "session_minutes": 400, "session_spread": 0},
        pace={"seconds": 95, "spread": 0, "worker_spread": 0, "pause_seconds": 0},
    )
    for task in range(6):
        place.post(str(task), most=1)
    while not place.history():
        place.let_pass(0.2)
    assert place.statuses() == {"Accepted": 3}
    place.let_pass(5)
    ends = sorted(row.submitted_at for row in place.history() if row.submitted_at)
    # 95 seconds to read and 5 for the question, noticed at the next ten.
    gaps = [later - earlier for earlier, later in itertools.pairwise(ends)]
    assert gaps == [timedelta(seconds=100)] * (len(ends) - 1)
    assert len(ends) >= 2


def test_what_is_held_at_the_end_of_a_session_is_returned(open_place: Callable[..., Place]) -> None:
    place = open_place(
        held_at_most=5,
        workers=3,
        arrival={"sessions_per_hour": 20, "session_minutes": 3, "session_spread": 0},
        pace={"seconds": 100, "spread": 0, "worker_spread": 0},
    )
    for task in range(30):
        place.post(str(task), most=1)
    place.let_pass(20)
    assert place.statuses()["Returned"] > 0
    assert place.statuses()["Abandoned"] == 0


def test_whoever_lacks_a_qualification_does_something_else(
    open_place: Callable[..., Place],
) -> None:
    place = open_place()
    closed = place.post("1", reward="1.00", title="masters", requirements=[MASTERS])
    open_ = place.post("2")
    place.let_pass(40)
    assert place.history(closed) == []
    assert place.statuses(open_) == {"Submitted": 3}


def test_a_killed_crowd_goes_on_where_it_was(open_place: Callable[..., Place]) -> None:
    script: dict[str, Any] = {"held_at_most": 2, "pace": {"seconds": 100}, "workers": 6}
    through, killed = open_place(**script), open_place(**script)
    for place in (through, killed):
        for task in range(12):
            place.post(str(task))
    for _ in range(8):
        through.let_pass(4)
        killed.let_pass(4)
        killed.restart_crowd()
    assert killed.statuses()["Abandoned"] == 0
    assert done(killed) == pytest.approx(done(through), abs=6)
    assert done(killed) > 20


def done(place: Place) -> int:
    return place.statuses()["Submitted"]


def test_work_whose_time_ran_out_while_the_crowd_was_down_is_not_submitted(
    open_place: Callable[..., Place],
) -> None:
    place = open_place(workers=2, pace={"seconds": 200})
    place.post("1", most=1, duration=300)
    while not place.history():
        place.let_pass(0.5)
    place.let_pass(10, with_crowd=False)
    place.restart_crowd()
    place.let_pass(1)
    assert place.history()[0].status == "Abandoned"


@pytest.mark.parametrize(("seed", "same"), [(1, True), (2, False)])
def test_the_same_seed_gives_the_same_history(
    open_place: Callable[..., Place], seed: int, same: bool
) -> None:
    def history(seed: int) -> list[tuple[Any, ...]]:
        place = open_place(seed=seed, groups=[{"name": "all", "accuracy": {"mean": 0.6}}])
        for task in range(5):
            place.post(str(task))
        place.let_pass(30)
        return [(row.worker_id, row.accepted_at, row.answer) for row in place.history()]

    assert (history(1) == history(seed)) is same
