"""Pay: when a submission is approved, and whether one may ever be rejected."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Literal

from hitline.durations import duration
from hitline.errors import InvalidDefinition
from hitline.money import money

PROMISE = timedelta(hours=48)
"""Within this time of its submission everybody's work is judged, whatever the stage says."""

FEEDBACK = 700
"""Characters of a stage's own feedback: what failed is added, and MTurk takes 1,024 in all."""

NAMED = 3
"""So many failed questions are named to a worker, each in 60 characters at most."""

_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_SHARE = re.compile(r"([1-9][0-9]?|100) ?%")


@dataclass(frozen=True, kw_only=True)
class RejectFailedKnown:
    """Reject a submission that failed a known question, if its worker fails such questions often.

    Often: they answered `at_least` questions of the stage whose answer is known, and less than the
    share `below` of them right. A submission without a failed known question is never rejected.
    `feedback` is what the worker reads; what failed is added to it.
    """

    at_least: int = 3
    below: str = "50%"
    feedback: str = ""
    kind: Literal["reject_failed_known"] = "reject_failed_known"

    def __post_init__(self) -> None:
        if not 1 <= self.at_least <= 1000:
            raise InvalidDefinition(
                "pay.reject.at_least", f"{self.at_least} is not between 1 and 1000 known answers"
            )
        if not isinstance(self.below, str) or _SHARE.fullmatch(self.below) is None:
            raise InvalidDefinition(
                "pay.reject.below", f'{self.below!r} is no share; write "1%" to "100%"'
            )
        check_feedback(self.feedback, "pay.reject.feedback", most=FEEDBACK)

    def condemns(self, right: int, known: int) -> bool:
        """Whether a worker with `right` of `known` known questions right fails them often."""
        percent = int(self.below.rstrip("% "))
        return known >= self.at_least and right * 100 < percent * known

    def says(self, failed: Sequence[str], right: int, known: int) -> str:
        """What the worker of a rejected submission is told; nothing that a worker wrote is in it.

        `failed` are the keys of the items that the submission got wrong, as the requester's file
        has them; of all known questions that the worker answered in the stage, `right` of `known`
        were right. The right answers are not told: the questions are asked of others too.
        """
        named = ", ".join(f'"{_plain(key)}"' for key in failed[:NAMED])
        more = f" and {len(failed) - NAMED} more" if len(failed) > NAMED else ""
        return (
            f"{self.feedback} Answered wrong, though the answer is known: {named}{more}. Of such "
            f"questions you answered {right} of {known} right; {self.below} is asked for."
        )


@dataclass(frozen=True, kw_only=True)
class Approve:
    """Approve each submission `after` some time, counted from `on`, and `within` 48 hours.

    `on="settlement"`: from when all items of its HIT are finished; `on="submission"`: from when
    it was submitted. `within` counts from the submission, holds whatever has become of the items,
    and is at most 48 hours. Nothing is rejected unless `reject` says which.
    """

    on: Literal["settlement", "submission"] = "settlement"
    after: timedelta | str = timedelta(0)
    within: timedelta | str = PROMISE
    reject: RejectFailedKnown | None = None
    kind: Literal["approve"] = "approve"

    def __post_init__(self) -> None:
        if self.on not in ("settlement", "submission"):
            raise InvalidDefinition(
                "pay.on", f'{self.on!r} is neither "settlement" nor "submission"'
            )
        least = timedelta(minutes=1)
        within = duration(self.within, "pay.within", least=least, most=PROMISE)
        after = duration(self.after, "pay.after", least=timedelta(0), most=within)
        object.__setattr__(self, "within", within)
        object.__setattr__(self, "after", after)

    @property
    def latest(self) -> timedelta:
        """The time from submission to judgement at most."""
        assert isinstance(self.within, timedelta)
        return self.within

    @property
    def delay(self) -> timedelta:
        """The time from `on` to approval."""
        assert isinstance(self.after, timedelta)
        return self.after

    def judge_by(self, submitted_at: datetime, finished_at: datetime | None = None) -> datetime:
        """When to judge a submission; `finished_at`: when all items of its HIT were finished.

        The last moment comes an hour before `within` is over, or a tenth of it, so that a call
        that fails can be repeated in time.
        """
        last = submitted_at + self.latest - min(timedelta(hours=1), self.latest / 10)
        since = submitted_at if self.on == "submission" else finished_at
        return last if since is None else min(last, since + self.delay)


def check_feedback(text: str, field: str, *, most: int = 1024) -> None:
    """Refuse a feedback that tells a worker nothing, or that MTurk does not take."""
    if not isinstance(text, str) or not text.strip():
        raise InvalidDefinition(field, "is empty; a rejected worker is told why")
    if len(text) > most:
        raise InvalidDefinition(field, f"{len(text)} characters; at most {most} are allowed")
    if _UNPRINTABLE.search(text):
        raise InvalidDefinition(field, "has control characters, which MTurk does not take")


def check_approval(pay: Approve, auto_approval: timedelta) -> None:
    """Refuse to judge after the endpoint has approved by itself, `auto_approval` after submission.

    With none at all the endpoint pays at once, and there is nothing left to judge.
    """
    if not auto_approval and pay.reject is None:
        return
    if auto_approval < pay.latest:
        raise InvalidDefinition(
            "pay.within",
            f"{pay.latest} is longer than auto_approval ({auto_approval}), after which the "
            "endpoint approves by itself; make it shorter, or auto_approval longer",
        )


def wage(value: Decimal | str) -> Decimal:
    """An `hourly_wage` in dollars."""
    amount = money(value, "hourly_wage")
    if not amount:
        raise InvalidDefinition("hourly_wage", "0.00 tops nothing up; leave it out")
    return amount


def _plain(key: str) -> str:
    """A key in a sentence: short, and without what a page or a terminal would obey."""
    kept = "".join(letter for letter in key if letter.isprintable() and letter not in '<>&"')
    return kept if len(kept) <= 60 else f"{kept[:59]}…"
