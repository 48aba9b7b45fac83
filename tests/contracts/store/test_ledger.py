"""The ledger: exact cents, each entry once, and room only for what was not promised."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import Connection, select

from hitline.errors import InvalidDefinition
from hitline.store import Store, caps, commitments, ledger
from hitline.store.caps import Cap
from hitline.store.ledger import Amount
from hitline.store.schema import ledger as ledger_table
from tests.contracts.store.rows import START, at


class Book:
    """Enters amounts for pipeline "dogs"; every call is a transaction of its own."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def enter(
        self,
        entry: str,
        token: str,
        reward: str,
        fee: str,
        *,
        hit_id: str | None = "HIT1",
        stage: str = "breed",
        pipeline: str = "dogs",
    ) -> bool:
        with self.store.writing() as connection:
            return ledger.enter(
                self.store,
                connection,
                token=f"{entry}:{token}",
                entry=entry,
                pipeline=pipeline,
                stage=stage,
                amount=Amount(reward=Decimal(reward), fee=Decimal(fee)),
                cause="a test",
                at=at(1),
                hit_id=hit_id,
            )

    def spent(self, stage: str | None = None) -> Amount:
        with self.store.reading() as connection:
            return ledger.spent(connection, "dogs", stage)

    def reserved(self, stage: str | None = None) -> Amount:
        with self.store.reading() as connection:
            return ledger.reserved(connection, "dogs", stage)

    def reserved_by(self, hit_id: str) -> Amount:
        with self.store.reading() as connection:
            return ledger.reserved_by(connection, hit_id)

    def room(self, pipeline: str = "dogs") -> Decimal | None:
        with self.store.reading() as connection:
            return commitments.room(connection, pipeline)

    def budget(self, amount: str | None) -> None:
        with self.store.writing() as connection:
            budget = None if amount is None else Decimal(amount)
            caps.put(self.store, connection, Cap(pipeline="dogs", total=budget))


@pytest.fixture
def book(store: Store) -> Book:
    return Book(store)


def amount(reward: str, fee: str) -> Amount:
    return Amount(reward=Decimal(reward), fee=Decimal(fee))


def test_a_book_without_entries_holds_nothing(book: Book) -> None:
    assert book.spent() == book.reserved() == book.reserved_by("HIT1") == amount("0.00", "0.00")
    assert str(book.spent().total) == "0.00"


def test_sums_are_exact_where_floats_are_not(book: Book) -> None:
    for number in range(30):
        book.enter("settle", str(number), "0.10", "0.01")

    assert book.spent() == amount("3.00", "0.30")
    assert str(book.spent().total) == "3.30"


def test_the_life_of_a_hits_money(book: Book) -> None:
    """Two answers promised, one paid, the HIT closed: what is left goes back."""
    book.enter("reserve", "t1", "0.10", "0.02")
    assert (book.reserved(), book.spent()) == (amount("0.10", "0.02"), amount("0.00", "0.00"))

    book.enter("settle", "a1", "0.05", "0.01")
    assert (book.reserved(), book.spent()) == (amount("0.05", "0.01"), amount("0.05", "0.01"))
    assert book.reserved_by("HIT1") == amount("0.05", "0.01")

    book.enter("release", "HIT1", "0.05", "0.01")
    assert (book.reserved(), book.spent()) == (amount("0.00", "0.00"), amount("0.05", "0.01"))
    assert book.reserved_by("HIT1") == amount("0.00", "0.00")


def test_an_entry_is_written_once_however_often_it_is_made(book: Book) -> None:
    assert book.enter("settle", "a1", "0.05", "0.01")
    assert not book.enter("settle", "a1", "0.05", "0.01")

    assert book.spent() == amount("0.05", "0.01")


def test_sums_can_be_had_of_one_stage(book: Book) -> None:
    book.enter("settle", "a1", "0.05", "0.01")
    book.enter("settle", "a2", "0.20", "0.04", stage="check")
    book.enter("settle", "a3", "9.00", "1.80", pipeline="cats")

    assert book.spent("check") == amount("0.20", "0.04")
    assert book.spent() == amount("0.25", "0.05")


def test_money_counts_on_the_day_on_which_it_was_reserved(book: Book) -> None:
    """Reserved on the 5th and the 6th; half of the 5th is freed a day later."""
    for number, day in enumerate((5, 6)):
        with book.store.writing() as connection:
            ledger.enter(
                book.store, connection, token=f"reserve:{day}", entry="reserve", pipeline="dogs",
                stage="breed", amount=amount("1.00", "0.20"), cause="",
                at=START + timedelta(days=number),
            )  # fmt: skip
    with book.store.writing() as connection:
        ledger.enter(
            book.store, connection, token="release:5", entry="release", pipeline="dogs",
            stage="breed", amount=amount("0.50", "0.10"), cause="", at=START + timedelta(days=1),
            day=date(2026, 1, 5),
        )  # fmt: skip

    with book.store.reading() as connection:
        of_days = [
            commitments.committed(connection, "dogs", day=date(2026, 1, day)) for day in (5, 6, 7)
        ]
        assert of_days == [Decimal("0.60"), Decimal("1.20"), Decimal("0.00")]
        assert commitments.committed(connection, "dogs") == Decimal("1.80")


@pytest.mark.parametrize(
    ("reward", "fee", "field"),
    [("-0.01", "0.01", "reward"), ("0.01", "-0.01", "fee"), ("0.05", "0.005", "fee")],
)
def test_an_amount_that_cannot_be_is_refused_by_its_name(
    book: Book, reward: str, fee: str, field: str
) -> None:
    with pytest.raises(InvalidDefinition) as refused:
        book.enter("reserve", "t", reward, fee)
    assert refused.value.field == field


def test_what_was_reserved_can_be_settled_or_released_by_its_token(book: Book) -> None:
    for token in ("bonus1", "bonus2"):
        book.enter("reserve", token, "1.00", "0.20")
    with book.store.writing() as connection:
        assert ledger.settle(book.store, connection, token="bonus1", at=at(2))
        assert ledger.release(book.store, connection, token="bonus2", at=at(2))
        assert not ledger.settle(book.store, connection, token="bonus1", at=at(3))

    assert (book.spent(), book.reserved()) == (amount("1.00", "0.20"), amount("0.00", "0.00"))


@pytest.mark.parametrize(
    ("entries", "room"),
    [
        ([], "1.00"),
        ([("reserve", "0.50", "0.10")], "0.40"),
        # Paid out of what was reserved: no room is gained or lost.
        ([("reserve", "0.50", "0.10"), ("settle", "0.25", "0.05")], "0.40"),
        ([("reserve", "0.50", "0.10"), ("release", "0.25", "0.05")], "0.70"),
        ([("reserve", "1.00", "0.20")], "-0.20"),
    ],
)
def test_only_a_release_makes_room_again(
    book: Book, entries: list[tuple[str, str, str]], room: str
) -> None:
    book.budget("1.00")
    for entry, reward, fee in entries:
        book.enter(entry, "t", reward, fee)
    book.enter("reserve", "other", "5.00", "1.00", pipeline="cats")

    assert book.room() == Decimal(room)


def test_without_a_budget_there_is_no_limit(book: Book) -> None:
    book.budget(None)
    assert book.room() is None
    assert book.room("never launched") is None


def test_money_reserved_before_the_hit_had_an_id_becomes_the_hits(book: Book) -> None:
    book.enter("reserve", "t1", "0.10", "0.02", hit_id=None)
    with book.store.writing() as connection:
        ledger.name_hit(connection, "reserve:t1", "HIT7")

    assert book.reserved_by("HIT7") == amount("0.10", "0.02")


def test_what_was_folded_is_not_added_up_again_and_can_be_taken_back(book: Book) -> None:
    book.enter("reserve", "t1", "0.10", "0.02")
    book.enter("reserve", "t2", "0.30", "0.06")
    with book.store.writing() as connection:
        assert commitments.fold(book.store, connection, "dogs") == 2
        assert commitments.fresh(connection, "dogs") == 0
    book.enter("reserve", "t3", "1.00", "0.20")
    with book.store.writing() as connection:
        assert commitments.committed(connection, "dogs") == Decimal("1.68")
        ledger.forget(connection, "reserve:t2")
        assert commitments.committed(connection, "dogs") == Decimal("1.32")
        assert commitments.fold(book.store, connection, "dogs") == 1
        assert commitments.committed(connection, "dogs") == Decimal("1.32")


def test_a_refused_call_reserves_nothing(book: Book) -> None:
    book.enter("reserve", "t1", "0.10", "0.02")
    with book.store.writing() as connection:
        assert ledger.known(connection, "reserve:t1")
        ledger.forget(connection, "reserve:t1")
        assert not ledger.known(connection, "reserve:t1")

    assert book.reserved() == amount("0.00", "0.00")


def test_money_comes_back_as_dollars_of_two_decimals(book: Book) -> None:
    book.enter("settle", "a1", "1234567.80", "0.01")
    with book.store.reading() as connection:
        row = connection.execute(select(ledger_table.c.reward, ledger_table.c.fee)).one()

    assert [str(part) for part in row] == ["1234567.80", "0.01"]


def test_a_fraction_of_a_cent_is_refused_not_rounded(book: Book) -> None:
    with pytest.raises(Exception, match="no whole number of cents"):
        book.enter("settle", "a1", "0.005", "0.01")
    assert book.spent() == amount("0.00", "0.00")


def test_all_of_a_transaction_is_stored_or_nothing(book: Book) -> None:
    def half(connection: Connection) -> None:
        ledger.enter(
            book.store, connection, token="t", entry="settle", pipeline="dogs", stage="breed",
            amount=amount("1.00", "0.20"), cause="", at=at(0),
        )  # fmt: skip
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), book.store.writing() as connection:
        half(connection)
    assert book.spent() == amount("0.00", "0.00")
