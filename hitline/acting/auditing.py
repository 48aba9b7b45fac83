"""Auditing: our ledger against the endpoint, to the cent, with each difference by its name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from hitline.audit import Difference, Shown, differences
from hitline.errors import Gone
from hitline.model import Hit, HitStatus
from hitline.money import NOTHING
from hitline.store import books, commitments, hits, ledger, pipelines
from hitline.store.commitments import Drift
from hitline.store.ledger import Amount
from hitline.tokens import Annotation
from hitline.wiring import Hitline

AT_ONCE = 8
"""HITs that are read at the same time: fewer than the client has connections."""


@dataclass(frozen=True, kw_only=True)
class Audit:
    """What was compared, where it differs, and what else should be known (`notes`)."""

    hits: int
    assignments: int
    bonuses: int
    spent: Amount
    differences: tuple[Difference, ...]
    notes: tuple[str, ...]


def note_balance(hitline: Hitline) -> None:
    """Keep what the account holds before anything of ours is spent; later launches keep that."""
    with hitline.store.reading() as connection:
        if books.noted(connection) is not None:
            return
    available = hitline.requester.balance()
    with hitline.store.writing() as connection:
        books.note(hitline.store, connection, available, hitline.clock.now())


def audit(hitline: Hitline, pipeline: str | None = None) -> Audit:
    """Compare every HIT of a pipeline, or of all; the account's balance only with all of them.

    Raises Retryable where the endpoint does not answer.
    """
    listed = {hit.hit_id: hit for hit in hitline.requester.list_hits()}
    with hitline.store.reading() as connection:
        ours = [book.hit_id for book in books.books(connection, pipeline)]
        names = set(pipelines.names(connection))
    shown = _read(hitline, ours, listed)
    found = _compare(hitline, shown, pipeline, ours)
    if found:
        # Somebody may have paid between the two readings: only what stands twice is a difference.
        doubtful = sorted({one.hit_id for one in found})
        shown |= _read(hitline, doubtful, {})
        again = _compare(hitline, shown, pipeline, doubtful)
        found = [one for one in found if one in again]
    unknown = _unknown(hitline, listed)
    lost = [hit for hit in unknown if _pipeline_of(hit) in names]
    with hitline.store.reading() as connection:
        strays = books.stray(connection, pipeline)
        spent = ledger.spent(connection, pipeline)
        drifted = commitments.drift(connection, pipeline)
    found += [_lost(hit) for hit in lost if pipeline in (None, _pipeline_of(hit))]
    found += [
        Difference(hit_id="", said=f"{amount} are reserved ({cause}), and no HIT bears them")
        for cause, amount in strays
    ]
    found += [_drifted(one) for one in drifted]
    notes = []
    if pipeline is None or names == {pipeline}:
        apart = _read(hitline, [hit.hit_id for hit in lost], listed)
        said, is_difference = _balance(hitline, shown | apart, len(unknown) - len(lost))
        notes = [] if is_difference else said
        found += [Difference(hit_id="", said=one) for one in said if is_difference]
    return Audit(
        hits=len(ours),
        assignments=sum(len(one.assignments) for one in shown.values() if one),
        bonuses=sum(len(one.bonuses) for one in shown.values() if one),
        spent=spent,
        differences=tuple(found),
        notes=tuple(notes),
    )


def _read(
    hitline: Hitline, hit_ids: Iterable[str], listed: Mapping[str, Hit]
) -> dict[str, Shown | None]:
    """What the endpoint shows of these HITs; None for one that it does not have."""
    wanted = list(hit_ids)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        shown = pool.map(lambda hit_id: _show(hitline, hit_id, listed.get(hit_id)), wanted)
        return dict(zip(wanted, shown, strict=True))


def _show(hitline: Hitline, hit_id: str, listed: Hit | None) -> Shown | None:
    try:
        hit = listed or hitline.requester.get_hit(hit_id)
        if hit.status is HitStatus.DISPOSED:
            return None
        return Shown(
            hit=hit,
            assignments=hitline.requester.assignments(hit_id),
            bonuses=list(hitline.requester.list_bonuses(hit_id=hit_id)),
        )
    except Gone:
        return None


def _compare(
    hitline: Hitline,
    shown: Mapping[str, Shown | None],
    pipeline: str | None,
    hit_ids: Sequence[str],
) -> list[Difference]:
    wanted, now = set(hit_ids), hitline.clock.now()
    with hitline.store.reading() as connection:
        kept = [book for book in books.books(connection, pipeline) if book.hit_id in wanted]
    return [
        one for book in kept for one in differences(book, shown[book.hit_id], hitline.fees, now)
    ]


def _unknown(hitline: Hitline, listed: Mapping[str, Hit]) -> list[Hit]:
    """HITs in the account of which we have no row."""
    with hitline.store.reading() as connection:
        known = {row.hit_id for row in hits.load(connection, listed)}
    return [hit for hit_id, hit in listed.items() if hit_id not in known]


def _drifted(one: Drift) -> Difference:
    said = (
        f"the caps of {one.pipeline}/{one.stage} are held against {one.held} for {one.day}, and "
        f"the ledger's entries come to {one.entered}"
    )
    return Difference(hit_id="", said=said)


def _pipeline_of(hit: Hit) -> str | None:
    about = Annotation.parse(hit.annotation)
    return None if about is None else about.pipeline


def _lost(hit: Hit) -> Difference:
    said = (
        f"is ours by its annotation ({hit.annotation}), and unknown here; "
        '"hitline sweep" takes it over once an event or its end tells of it'
    )
    return Difference(hit_id=hit.hit_id, said=said)


def _balance(
    hitline: Hitline, shown: Mapping[str, Shown | None], foreign: int
) -> tuple[list[str], bool]:
    """What the account's balance says beside what the HITs say, and whether that is a difference.

    The balance that was noted, less what the endpoint shows as paid since, less what it keeps back
    for what is out. What then is missing, nobody of ours has spent.
    """
    with hitline.store.reading() as connection:
        noted = books.noted(connection)
        kept = books.books(connection)
    if noted is None:
        return ["the account's balance was never noted, so it was not compared"], False
    available = hitline.requester.balance()
    now, there = hitline.clock.now(), [one for one in shown.values() if one]
    kept_back = sum((one.may_cost(hitline.fees, now) for one in there), NOTHING)
    paid = sum((one.paid(hitline.fees) for one in there), NOTHING)
    # Of a HIT that was disposed of, only our own record is left.
    paid += sum((book.paid for book in kept if not shown.get(book.hit_id)), NOTHING)
    expected = noted.available - (paid - noted.spent)
    # Not every account keeps money back for HITs that are out.
    if available in (expected, expected - kept_back):
        return [f"the account's balance agrees: {available} of {noted.available} are left"], False
    missing = expected - kept_back - available
    said = f"the account has {available}, and {expected - kept_back} were expected: "
    if missing < 0:
        return [f"{said}{-missing} came in, a deposit, or it is not charged for everything"], False
    if foreign:
        used = f"{said}{missing} went to what is not ours; {foreign} HITs there are somebody else's"
        return [used], False
    return [f"{said}{missing} went out, and no HIT or bonus of ours explains it"], True
