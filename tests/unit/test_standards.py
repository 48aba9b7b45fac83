"""Standards and known items as a stage's author declares them."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import pytest

from hitline.errors import InvalidDefinition
from hitline.policies import Known, Standards


@pytest.mark.parametrize(
    ("build", "field", "reason"),
    [
        (lambda: Known(rate="0%"), "known.rate", "not over 0 %"),
        (lambda: Known(rate="101%"), "known.rate", "up to 100 %"),
        (lambda: Known(rate="ten"), "known.rate", 'written like "10%"'),
        (lambda: Known(answers=0), "known.answers", "0 is not between 1 and 9"),
        (lambda: Known(answers=10), "known.answers", "10 is not between 1 and 9"),
        (lambda: Standards(warn=1.2), "standards.warn", "not between 0 and 1"),
        (lambda: Standards(stop=0.0), "standards.stop", "not between 0 and 1"),
        (lambda: Standards(warn=0.6, stop=0.7), "standards.stop", "over warn (0.6)"),
        (lambda: Standards(stop="seventy"), "standards.stop", 'written like "10%"'),
        (lambda: Standards(note=None, warn=None, stop=None), "standards", "no step"),
        (lambda: Standards(least=0), "standards.least", "0 is less than 1"),
        (lambda: Standards(apart=-1), "standards.apart", "-1 is less than 0"),
        (lambda: Standards(message=" "), "standards.message", "4096 characters"),
        (lambda: Standards(message="x" * 4097), "standards.message", "4096 characters"),
    ],
)
def test_what_cannot_be_is_refused_by_its_field(
    build: Callable[[], object], field: str, reason: str
) -> None:
    with pytest.raises(InvalidDefinition) as refused:
        build()

    assert refused.value.field == field
    assert reason in refused.value.reason


def test_a_threshold_may_be_written_in_percent() -> None:
    assert Standards(stop="65%").stop == 0.65


@pytest.mark.parametrize(("rate", "blocks"), [("10%", 10), ("20%", 5), ("50%", 2), ("100%", 1)])
def test_one_known_item_is_due_in_each_block_of_others(rate: str, blocks: int) -> None:
    known = Known(rate=rate)
    due = [known.due(count, "lab/ask") for count in range(10 * blocks + 1)]

    assert due[0] == 0
    assert [due[end] for end in range(blocks, len(due), blocks)] == list(range(1, 11))
    assert due == sorted(due)


def test_the_places_are_not_at_equal_distances_and_follow_from_the_seed() -> None:
    def places(known: Known, about: str = "lab/ask") -> list[int]:
        return [n for n in range(1, 201) if known.due(n, about) > known.due(n - 1, about)]

    found = places(Known())
    assert len(found) == 20
    assert len({after - before for before, after in pairwise(found)}) > 3
    assert found == places(Known(seed=0))
    assert found != places(Known(seed=1))
    assert found != places(Known(), "lab/then")
