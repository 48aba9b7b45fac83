"""A pipeline's progress as a page of Markdown."""

from __future__ import annotations

from collections.abc import Iterable

from hitline.model import ItemState
from hitline.reporting.copies import Copies
from hitline.reporting.progress import Latency, Progress, StageProgress


def page(now: Progress, latency: Latency) -> str:
    """Items by state, answers, quality and money; nothing that a worker wrote stands in it."""
    states = [str(state) for state in ItemState]
    head = ["stage", *states, "answers", "extended", "reposted", "right of known"]
    rows = [_row(stage) for stage in now.stages]
    seen = now.notifications
    speed = "-" if latency.p50 is None else f"p50 {latency.p50:.1f} s, p95 {latency.p95:.1f} s"
    room = "no budget is set" if now.room is None else f"${now.room} left of the budget"
    return "\n".join(
        [
            f"# {now.pipeline}",
            "",
            _line(head),
            _line("---" for _ in head),
            *(_line(row) for row in rows),
            "",
            *_copies(now.copies),
            *_flips(now.would_flip),
            f"* **Money**: ${now.spent.total} spent (${now.spent.reward} rewards, "
            f"${now.spent.fee} fees), ${now.reserved.total} reserved, {room}",
            f"* **Notifications**: {seen.received} events received, {seen.duplicates} doubled, "
            f"{seen.unparsed} unparsed",
            f"* **From event to action**: {speed}",
        ]
    )


def _flips(count: int) -> list[str]:
    """Labels that something is built on and that are not believed any more, if there are any."""
    return [f"* **Would flip**: {count} final labels"] if count else []


def _copies(asked: Copies) -> list[str]:
    """What was asked again to see how workers do, if anything."""
    if not asked.items:
        return []
    return [
        f"* **Known items asked again**: {asked.items}, {asked.answers} answers, ${asked.cost} "
        "(in no other count of items, and in the money below)"
    ]


def _row(stage: StageProgress) -> list[str]:
    right = "-" if stage.accuracy is None else f"{stage.gold_right} of {stage.gold_settled}"
    return [
        stage.name,
        *(str(stage.states[state]) for state in ItemState),
        *(str(count) for count in (stage.answers, stage.extended, stage.reposted)),
        right,
    ]


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
